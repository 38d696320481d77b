import { SymbolKind, type DocumentSymbol } from 'vscode-languageserver';
import { LineIndex } from '../core/line-index.ts';
import { rangesTouch, toRange } from './convert.ts';
import { titleOf } from './effect-words.ts';
import type { OwnedDocument } from './workspace.ts';

/** Longest name that an outline shows whole. */
const MOST_NAME_LENGTH = 60;

/** The up and down sections of a document and the statements in each. */
export function documentSymbols({ project, path }: Pick<OwnedDocument, 'project' | 'path'>): DocumentSymbol[] {
  const text = project.textOf(path) ?? '';
  const lines = new LineIndex(text);
  const { statements } = project.explain(path);
  // A later turn of the same text is no other part of the document.
  const sections = project.layoutOf(path).sections.filter((section) => section.turn === undefined);
  return sections.map((section): DocumentSymbol => {
    const range = toRange(lines.range(section.span));
    return {
      name: section.direction,
      kind: SymbolKind.Namespace,
      range,
      selectionRange: { start: range.start, end: range.start },
      detail: section.transaction === 'one' ? 'in one transaction' : 'outside a transaction',
      children: statements
        .filter((statement) => statement.direction === section.direction && rangesTouch(statement.range, range))
        .map((statement): DocumentSymbol => {
          const firstLine = statement.text.split(/\r?\n/, 1)[0] ?? '';
          const name = firstLine.length > MOST_NAME_LENGTH ? `${firstLine.slice(0, MOST_NAME_LENGTH)}…` : firstLine;
          return {
            name: name === '' ? 'statement' : name,
            detail: titleOf(statement),
            kind: SymbolKind.Event,
            range: toRange(statement.range),
            selectionRange: toRange(statement.range),
          };
        }),
    };
  });
}
