import type { Hover, Position } from 'vscode-languageserver';
import { fromDocument, inDocument } from '../core/source-map.ts';
import { spanTouches } from '../core/span.ts';
import { LineIndex } from '../core/line-index.ts';
import type { AnalysedStatement } from '../analysis/analyse.ts';
import { explainStatement } from '../analysis/explain.ts';
import { nameAt } from '../analysis/name-at.ts';
import { toRange } from './convert.ts';
import { describeAction, describeMade, describeStatement, madeOf } from './effect-words.ts';
import { describeName } from './name-words.ts';
import type { OwnedDocument } from './workspace.ts';

/**
 * What the statement at a position locks, rewrites, scans and blocks; on one action of several, what that action adds;
 * on the name of a type or a table, what it costs or is. Null between statements.
 */
export function hover({ project, path }: Pick<OwnedDocument, 'project' | 'path'>, position: Position): Hover | null {
  const offset = new LineIndex(project.textOf(path) ?? '').offset(position);
  const found = project.statementAt(path, offset);
  if (found === undefined) return null;
  const { statement, lines } = found;
  // Undefined where the words of the document say something else than the statement that they make.
  const at = fromDocument(statement.source, offset);
  const explained = explainStatement(project, lines, statement);
  const product = `${project.engine.product.title} ${project.engine.formatVersion(project.target.version)}`;
  const { operations } = statement.body;
  const place =
    operations.length < 2 || at === undefined
      ? -1
      : operations.findIndex((operation) => spanTouches(operation.span, at));
  const action = explained.operations[place];
  const named = at === undefined ? undefined : nameAt(statement, at);
  const name = named === undefined ? undefined : describeName(named, project.engine, statement.before, project.target);
  const made = project.statementsWith(path, statement);
  const effects =
    made.length > 1
      ? describeMade(
          made.map((each) => explainStatement(project, lines, each)),
          product,
        )
      : action === undefined
        ? describeStatement(explained, product)
        : describeAction(explained, action, product);
  const sql = isWritten(statement) ? '' : `${madeOf(made.map(({ source }) => source.text))}\n\n`;
  const range = action === undefined ? explained.range : action.range;
  return {
    contents: { kind: 'markdown', value: `${name === undefined ? '' : `${name}\n\n---\n\n`}${sql}${effects}` },
    range: toRange(
      named === undefined || name === undefined ? range : lines.range(inDocument(statement.source, named.span)),
    ),
  };
}

/** Whether the document itself says the statement, so that showing it again says nothing. */
function isWritten({ source }: Pick<AnalysedStatement, 'source'>): boolean {
  return source.map === undefined || source.map.every(({ kind }) => kind !== 'made');
}
