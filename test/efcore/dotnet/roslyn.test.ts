import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadEngines } from '../../../server/host/load-engines.ts';
import { loadCSharp } from '../../../server/languages/csharp/csharp-parser.ts';
import { noDotnet } from '../oracle/oracle.ts';
import { readDocuments } from '../roslyn/documents.ts';
import { ANSWERS, askRoslyn, readingsText } from '../roslyn/roslyn.ts';

const reason = noDotnet();
if (reason !== undefined) console.log(`The C# compiler is not asked again: ${reason}.`);

describe.skipIf(reason !== undefined)('the C# compiler itself', () => {
  test('reads what is recorded', async () => {
    await loadEngines();
    await loadCSharp();
    const text = readingsText(askRoslyn(readDocuments()));
    if (process.env['LOCKSTEP_WRITE'] === '1') writeFileSync(ANSWERS, text);
    expect(text.split('\n')).toEqual(readFileSync(ANSWERS, 'utf8').split('\n'));
  }, 600_000);
});
