import { editInDocument, sliceMapped, type SourcePiece } from '../../server/core/source-map.ts';
import type { Span } from '../../server/core/span.ts';
import type { StatementText } from '../../server/engines/engine.ts';
import type { Language } from '../../server/languages/language.ts';

/** SQL in the strings of a JSON document: each string is a script. */
export const jsonLanguage: Language = {
  id: 'json',
  title: 'SQL in JSON',
  commentMark: '//',
  split: (engine, text, within) =>
    stringsIn(text, within).flatMap((whole) =>
      engine.split(whole.text, { start: 0, end: whole.text.length }).map((part) => sliceMapped(whole, part)),
    ),
  read: (engine, statement) => engine.parse(statement.text),
  edit: (statement, edit) => {
    const placed = editInDocument(statement, edit);
    return placed === undefined ? undefined : { ...placed, newText: JSON.stringify(edit.newText).slice(1, -1) };
  },
  removal: (text, { span }) => ({ start: span.start, end: text[span.end] === ';' ? span.end + 1 : span.end }),
  commentPlace: () => undefined,
  step: (sql) => JSON.stringify([sql]),
};

const ESCAPE = /\\(?:u[0-9a-fA-F]{4}|.)/g;

/** The strings of a part of a document, what they say, and where each piece of it is written. */
function stringsIn(text: string, within: Span): readonly StatementText[] {
  return [...text.slice(within.start, within.end).matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map((match) => {
    const inside = match[1] ?? '';
    const start = within.start + match.index + 1;
    const map: SourcePiece[] = [];
    let value = '';
    const add = (kind: SourcePiece['kind'], from: number, to: number, said: string): void => {
      if (said === '') return;
      map.push({
        kind,
        text: { start: value.length, end: value.length + said.length },
        source: { start: start + from, end: start + to },
      });
      value += said;
    };
    let at = 0;
    for (const found of inside.matchAll(ESCAPE)) {
      add('plain', at, found.index, inside.slice(at, found.index));
      at = found.index + found[0].length;
      add('written', found.index, at, String(JSON.parse(`"${found[0]}"`)));
    }
    add('plain', at, inside.length, inside.slice(at));
    return { text: value, span: { start, end: start + inside.length }, map };
  });
}
