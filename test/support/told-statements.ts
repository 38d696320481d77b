import { inDocument } from '../../server/core/source-map.ts';
import type { Engine } from '../../server/engines/engine.ts';
import type { Language } from '../../server/languages/language.ts';

/** Each statement of a document of code: its text, and how sure it is that it runs, or why it is not read. */
export function toldBy(language: Language, engine: Engine, text: string, turn = 0): readonly string[] {
  return language.split(engine, text, { start: 0, end: text.length }, undefined, turn).map((statement) => {
    const { operations, problems } = language.read(engine, statement);
    const [operation] = operations;
    const certainty = operation === undefined || operation.kind === 'opaque' ? '' : (operation.certainty ?? 'certain');
    return `${statement.text} | ${operation?.kind ?? ''} ${certainty}${problems.map(({ message }) => message).join()}`;
  });
}

/** What the document has in the place of a word of its only statement that has it. */
export function placeOf(language: Language, engine: Engine, text: string, word: string): string {
  for (const statement of language.split(engine, text, { start: 0, end: text.length })) {
    const start = statement.text.indexOf(word);
    if (start < 0) continue;
    const span = inDocument(statement, { start, end: start + word.length });
    return text.slice(span.start, span.end);
  }
  throw new Error(`no statement has ${word}`);
}
