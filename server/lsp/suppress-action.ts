import type { TextEdit } from 'vscode-languageserver';
import type { Position } from '../core/line-index.ts';
import { LineIndex } from '../core/line-index.ts';

/**
 * Edit that writes `-- lockstep: allow CODE because ` before a place in the text, on a line of its own, and where the reason
 * is to be typed. `mark` is the language's comment mark, in place of `--`.
 */
export function allowEdit(
  text: string,
  code: string,
  mark: string,
  place: number,
): { readonly edit: TextEdit; readonly cursor: Position } {
  const lines = new LineIndex(text);
  const at = lines.position(place);
  const indent = text.slice(place - at.character, place);
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const isFirstOnLine = indent.trim() === '' || indent === '\uFEFF';
  const directive = `${mark} lockstep: allow ${code} because `;
  const space = isFirstOnLine ? indent.replace('\uFEFF', '') : '';
  return {
    edit: {
      range: { start: { ...at }, end: { ...at } },
      newText: `${isFirstOnLine ? '' : lineBreak}${directive}${lineBreak}${space}`,
    },
    cursor: isFirstOnLine
      ? { line: at.line, character: at.character + directive.length }
      : { line: at.line + 1, character: directive.length },
  };
}
