import type { TextEdit } from 'vscode-languageserver';
import type { Position, Range } from '../core/line-index.ts';
import { LineIndex } from '../core/line-index.ts';

/** Edit that writes `-- lockstep: allow CODE because ` above a statement, and where the reason is to be typed. */
export function allowEdit(
  text: string,
  code: string,
  statement: Range,
): { readonly edit: TextEdit; readonly cursor: Position } {
  const lines = new LineIndex(text);
  const start = lines.offset(statement.start);
  const lineStart = lines.offset({ line: statement.start.line, character: 0 });
  const indent = text.slice(lineStart, start);
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const isFirstOnLine = indent.trim() === '' || indent === '\uFEFF';
  const directive = `-- lockstep: allow ${code} because `;
  const space = isFirstOnLine ? indent.replace('\uFEFF', '') : '';
  const at = { ...statement.start };
  return {
    edit: {
      range: { start: at, end: at },
      newText: `${isFirstOnLine ? '' : lineBreak}${directive}${lineBreak}${space}`,
    },
    cursor: isFirstOnLine
      ? { line: at.line, character: at.character + directive.length }
      : { line: at.line + 1, character: directive.length },
  };
}
