import { editInDocument } from '../../core/source-map.ts';
import type { Span } from '../../core/span.ts';
import type { StatementText } from '../../engines/engine.ts';
import type { Language } from '../language.ts';
import { readWithPlaceholders } from './placeholders.ts';
import { splitAgain } from './split-again.ts';
import { terminatorEnd } from './terminator.ts';

/** The engine's own SQL, as it is sent. */
export const sqlLanguage: Language = {
  id: 'sql',
  title: 'SQL',
  commentMark: '--',
  split: (engine, text, within, previous) =>
    splitAgain((whole, part) => engine.split(whole, part), text, within, previous),
  read: readWithPlaceholders,
  edit: editInDocument,
  removal,
  commentPlace: (_text, statement) => statement.span.start,
  step: (sql) => sql,
};

/** The statement with its semicolon and what stands before that, and its line where nothing else stands on it. */
function removal(text: string, statement: StatementText): Span {
  let { start } = statement.span;
  let end = terminatorEnd(text, statement.span.end) ?? statement.span.end;
  const tail = /^[ \t]*(?:\r\n|\n|\r)?/.exec(text.slice(end));
  end += tail?.[0].length ?? 0;
  while (start > 0 && (text[start - 1] === ' ' || text[start - 1] === '\t')) start--;
  return { start, end };
}
