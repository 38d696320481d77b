import type {
  DeferSubclause,
  Expr,
  ForeignKeyClause,
  Name,
  NamedTableConstraint,
  RefAct,
  SortedColumn,
} from 'sqlite3-parser';
import type { Span } from '../../core/span.ts';
import { referencedColumns } from '../../model/expression.ts';
import type {
  CheckDefinition,
  ConstraintDefinition,
  ForeignKeyDefinition,
  IndexElement,
  KeyDefinition,
} from '../../model/operation.ts';
import { lowerExpression } from './lower-expression.ts';
import { lowerPlainName } from './lower-name.ts';

const ACTIONS: Readonly<Record<RefAct, string>> = {
  SetNull: 'SET NULL',
  SetDefault: 'SET DEFAULT',
  Cascade: 'CASCADE',
  Restrict: 'RESTRICT',
  NoAction: 'NO ACTION',
};

/** How far in front of a name its CONSTRAINT is looked for, in UTF-16 code units. */
const KEYWORD_DISTANCE = 400;

/** Range of a constraint with the `CONSTRAINT name` in front of it; the parser's own leaves that out. */
export function constraintSpan(text: string, name: Name | undefined, inner: Span): Span {
  if (name === undefined) return inner;
  const nameStart = name.span.offset;
  const from = Math.max(0, nameStart - KEYWORD_DISTANCE);
  const found = /constraint(?:\s|\/\*[^*]*\*\/|--[^\n]*\n)*$/i.exec(text.slice(from, nameStart));
  return { start: found === null ? nameStart : from + found.index, end: inner.end };
}

/** What REFERENCES says. */
export function lowerReferences(clause: ForeignKeyClause): ForeignKeyDefinition['references'] {
  let references: ForeignKeyDefinition['references'] = {
    relation: lowerPlainName(clause.tblName),
    columns: (clause.columns ?? []).map((column) => column.colName.text),
  };
  for (const argument of clause.args) {
    if (argument.type === 'OnDeleteRefArg') references = { ...references, onDelete: ACTIONS[argument.action] };
    else if (argument.type === 'OnUpdateRefArg') references = { ...references, onUpdate: ACTIONS[argument.action] };
    else if (argument.type === 'MatchRefArg') references = { ...references, match: argument.name.text.toUpperCase() };
  }
  return references;
}

/** DEFERRABLE and INITIALLY DEFERRED; both must be there for SQLite to put a check off. */
export function lowerDeferrable(
  clause: DeferSubclause | undefined,
): Pick<ConstraintDefinition, 'deferrable' | 'initiallyDeferred'> {
  if (clause === undefined || !clause.deferrable) return {};
  return clause.initDeferred === 'InitiallyDeferred'
    ? { deferrable: true, initiallyDeferred: true }
    : { deferrable: true };
}

/** CHECK with its expression, which lies in parentheses that its range leaves out. */
export function lowerCheck(text: string, expression: Expr): Pick<CheckDefinition, 'columns' | 'expression'> {
  const lowered = lowerExpression(text, expression);
  return { columns: referencedColumns(lowered.tree), expression: lowered };
}

/** Column or expression of an index or key, with collation and order. */
export function lowerElement(text: string, column: SortedColumn): IndexElement {
  const { expr } = column;
  const inner = expr.type === 'CollateExpr' ? expr.expr : expr;
  // A double-quoted name reads as a column; SQLite takes a single-quoted one in this place for a column too.
  const name =
    inner.type === 'Id'
      ? inner.name
      : inner.type === 'NameExpr'
        ? inner.name.text
        : inner.type === 'StringLiteral'
          ? inner.value
          : undefined;
  return {
    ...(name === undefined ? { expression: lowerExpression(text, expr) } : { column: name }),
    ...(expr.type === 'CollateExpr' && name !== undefined ? { collation: expr.collation } : {}),
    ...(column.order === 'Desc' ? { descending: true } : {}),
    ...(column.nulls === undefined ? {} : { nullsFirst: column.nulls === 'First' }),
  };
}

/** Columns of a key, and its elements where they say more than columns do. */
export function lowerKey(text: string, columns: readonly SortedColumn[]): Pick<KeyDefinition, 'columns' | 'elements'> {
  const elements = columns.map((column) => lowerElement(text, column));
  const isPlain = elements.every(
    (element) => element.column !== undefined && element.collation === undefined && element.descending !== true,
  );
  return { columns: elements.flatMap((element) => element.column ?? []), ...(isPlain ? {} : { elements }) };
}

/** A constraint of a table. */
export function lowerTableConstraint(text: string, named: NamedTableConstraint, span: Span): ConstraintDefinition {
  const { constraint } = named;
  const base = { ...(named.name === undefined ? {} : { name: named.name.text }), span };
  switch (constraint.type) {
    case 'PrimaryKeyTableConstraint':
      return {
        ...base,
        kind: 'primary-key',
        ...lowerKey(text, constraint.columns),
        ...conflict(constraint.conflictClause),
      };
    case 'UniqueTableConstraint':
      return { ...base, kind: 'unique', ...lowerKey(text, constraint.columns), ...conflict(constraint.conflictClause) };
    case 'CheckTableConstraint':
      return { ...base, kind: 'check', ...lowerCheck(text, constraint.expr) };
    case 'ForeignKeyTableConstraint':
      return {
        ...base,
        kind: 'foreign-key',
        columns: constraint.columns.map((column) => column.colName.text),
        references: lowerReferences(constraint.clause),
        ...lowerDeferrable(constraint.deferClause),
      };
  }
}

/** ON CONFLICT of a constraint, upper case; ABORT is what SQLite does without it. */
export function conflict(resolve: string | undefined): Pick<ConstraintDefinition, 'onConflict'> {
  return resolve === undefined || resolve === 'Abort' ? {} : { onConflict: resolve.toUpperCase() };
}
