import type { Hover, Position } from 'vscode-languageserver';
import { rangesTouch, toRange } from './convert.ts';
import { describeStatement, operationTitle } from './effect-words.ts';
import type { OwnedDocument } from './workspace.ts';

/** What the statement at a position locks, rewrites, scans and blocks; null between statements. */
export function hover({ project, path }: OwnedDocument, position: Position): Hover | null {
  const file = project.explain(path);
  const here = { start: position, end: position };
  const statement = file.statements.find((candidate) => rangesTouch(candidate.range, here));
  if (statement === undefined) return null;
  const action = statement.operations.length < 2 ? undefined : statement.operations.find((operation) => rangesTouch(operation.range, here));
  const title = action === undefined ? undefined : `${operationTitle(action)}, in a statement of ${statement.operations.length} actions`;
  return {
    contents: { kind: 'markdown', value: describeStatement(statement, file.dialect === 'postgresql' ? 'PostgreSQL' : 'SQLite', file.serverVersion, title) },
    range: toRange(action?.range ?? statement.range),
  };
}
