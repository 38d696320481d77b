import type { ColumnDefinition as ColumnNode, NamedColumnConstraint } from 'sqlite3-parser';
import type { Span } from '../../core/span.ts';
import type { Expression } from '../../model/expression.ts';
import type { ColumnDefinition, ConstraintDefinition } from '../../model/operation.ts';
import { conflict, constraintSpan, lowerCheck, lowerDeferrable, lowerReferences } from './lower-constraint.ts';
import { lowerExpression, lowerType } from './lower-expression.ts';
import { nodeSpan } from './syntax.ts';

/** What the constraints of one column add up to. */
interface Draft {
  notNull?: NonNullable<ColumnDefinition['notNull']>;
  default?: Expression;
  generated?: NonNullable<ColumnDefinition['generated']>;
  collation?: string;
  autoincrement?: boolean;
  readonly constraints: ConstraintDefinition[];
}

/** A column of CREATE TABLE or ADD COLUMN. The parser's range for it begins too early, so it is put together from its parts. */
export function lowerColumn(text: string, node: ColumnNode): ColumnDefinition {
  const name = node.colName.text;
  const nameSpan = nodeSpan(node.colName);
  const type = node.colType === undefined ? undefined : lowerType(node.colType);
  const draft: Draft = { constraints: [] };
  for (const constraint of node.constraints) addConstraint(text, name, draft, constraint);
  const ends = [
    nameSpan.end,
    ...(node.colType === undefined ? [] : [nodeSpan(node.colType).end]),
    ...node.constraints.map((constraint) => nodeSpan(constraint).end),
  ];
  return {
    name,
    nameSpan,
    span: { start: nameSpan.start, end: Math.max(...ends) },
    ...(type === undefined ? {} : { type }),
    ...draft,
  };
}

function addConstraint(text: string, column: string, draft: Draft, named: NamedColumnConstraint): void {
  const { constraint } = named;
  const span = constraintSpan(text, named.name, nodeSpan(constraint));
  const base = { ...(named.name === undefined ? {} : { name: named.name.text }), span };
  switch (constraint.type) {
    case 'NotNullColumnConstraint':
      if (!constraint.nullable) draft.notNull = { ...base, ...conflict(constraint.conflictClause) };
      return;
    case 'DefaultColumnConstraint':
      draft.default = lowerDefault(text, constraint.expr, nodeSpan(constraint));
      return;
    case 'CollateColumnConstraint':
      draft.collation = constraint.collationName.text;
      return;
    case 'GeneratedColumnConstraint':
      draft.generated = {
        expression: lowerExpression(text, constraint.expr),
        stored: constraint.typ?.name.toLowerCase() === 'stored',
      };
      return;
    case 'PrimaryKeyColumnConstraint':
      draft.constraints.push({
        ...base,
        inlineOf: column,
        kind: 'primary-key',
        columns: [column],
        ...(constraint.order === 'Desc' ? { elements: [{ column, descending: true }] } : {}),
        ...conflict(constraint.conflictClause),
      });
      if (constraint.autoIncrement) draft.autoincrement = true;
      return;
    case 'UniqueColumnConstraint':
      draft.constraints.push({
        ...base,
        inlineOf: column,
        kind: 'unique',
        columns: [column],
        ...conflict(constraint.conflictClause),
      });
      return;
    case 'CheckColumnConstraint':
      draft.constraints.push({ ...base, inlineOf: column, kind: 'check', ...lowerCheck(text, constraint.expr) });
      return;
    case 'ForeignKeyColumnConstraint':
      draft.constraints.push({
        ...base,
        inlineOf: column,
        kind: 'foreign-key',
        columns: [column],
        references: lowerReferences(constraint.clause),
        ...lowerDeferrable(constraint.deferClause),
      });
      return;
    case 'DeferColumnConstraint': {
      const last = draft.constraints.at(-1);
      if (last?.kind === 'foreign-key')
        draft.constraints[draft.constraints.length - 1] = {
          ...last,
          span: { start: last.span.start, end: span.end },
          ...lowerDeferrable(constraint.clause),
        };
      return;
    }
  }
}

/**
 * A default with the parentheses that it is written in, which `DEFAULT` needs around anything but a literal.
 *
 * A bare word is a text: SQLite takes `DEFAULT active` for `DEFAULT 'active'`.
 */
function lowerDefault(text: string, node: Parameters<typeof lowerExpression>[1], constraint: Span): Expression {
  const keyword = /^default(?:\s|\/\*[^*]*\*\/|--[^\n]*\n)*/i.exec(text.slice(constraint.start, constraint.end));
  const lowered = lowerExpression(text, node, {
    start: constraint.start + (keyword?.[0].length ?? 0),
    end: constraint.end,
  });
  // In parentheses it is a column, which no default may be.
  if (lowered.tree.kind === 'column' && !lowered.text.startsWith('('))
    return { ...lowered, tree: { kind: 'literal', value: lowered.tree.path[0] ?? '' } };
  return lowered;
}
