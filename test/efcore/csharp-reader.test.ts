import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngines } from '../../server/host/load-engines.ts';
import { loadCSharp } from '../../server/languages/csharp/csharp-parser.ts';
import { readMigrations } from '../../server/languages/efcore/read-migrations.ts';
import { readDocuments } from './roslyn/documents.ts';
import type { Mutation } from './roslyn/mutations.ts';
import { compare, type Compared, recordedReadings, type RecordedReading } from './roslyn/roslyn.ts';

/** Part of what the compiler reads of documents that are broken that is read as it reads it; the rest is beside the wound. */
const LEAST_OF_BROKEN = 0.985;

interface Pair extends Compared {
  readonly document: Mutation;
  readonly said: RecordedReading;
}

/** What `compiled` documents differ in, and how much both read of them; ours is compared with the recorded answers. */
describe('the C# compiler and our reader', () => {
  let pairs: readonly Pair[];

  beforeAll(async () => {
    await loadEngines();
    await loadCSharp();
    const recorded = new Map(recordedReadings().map((reading) => [reading.name, reading]));
    pairs = readDocuments().map((document) => {
      const said = recorded.get(document.name);
      if (said === undefined) throw new Error(`no answer is recorded to ${document.name}`);
      return { document, said, ...compare(document, said) };
    });
  });

  test('read the same calls, arguments, values and places of every document that compiles', () => {
    const sound = pairs.filter(({ said }) => !said.broken);
    expect(sound.flatMap(({ differences }) => differences)).toEqual([]);
    const read = sound.reduce((sum, { count }) => sum + count, 0);
    console.log(`${read} classes and calls of ${sound.length} documents are read as the C# compiler reads them.`);
    expect(read).toBeGreaterThan(5_000);
  });

  test('read nearly the same of documents that are being typed', () => {
    const broken = pairs.filter(({ said }) => said.broken);
    const all = broken.reduce((sum, { count }) => sum + count, 0);
    const lost = broken.flatMap(({ differences }) => differences.filter((text) => !text.includes(' is only ours: ')));
    console.log(
      `${all - lost.length} of ${all} in ${broken.length} broken documents are read as the C# compiler reads them.`,
    );
    expect(broken.length).toBeGreaterThan(60);
    expect(1 - lost.length / all).toBeGreaterThan(LEAST_OF_BROKEN);
  });

  test('what is plain in a string stands in the document as it is, and no place is outside of it', () => {
    const wrong: string[] = [];
    const check = (part: unknown, text: string, name: string): void => {
      if (typeof part !== 'object' || part === null) return;
      if ('map' in part && 'text' in part && Array.isArray(part.map) && typeof part.text === 'string') {
        for (const { kind, text: inside, source } of part.map) {
          if (kind !== 'plain' && source.end <= text.length) continue;
          if (text.slice(source.start, source.end) !== part.text.slice(inside.start, inside.end)) wrong.push(name);
        }
      }
      for (const value of Object.values(part)) check(value, text, name);
    };
    for (const { document, said } of pairs)
      if (!said.broken) check(readMigrations(document.text), document.text, document.name);
    expect(wrong).toEqual([]);
  });
});
