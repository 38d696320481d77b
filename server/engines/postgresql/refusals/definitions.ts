import { findRelation, findType } from '../../../model/lookup.ts';
import {
  type ColumnDefinition,
  type ConstraintDefinition,
  type CreateIndex,
  isTableAction,
  type Operation,
  type PartitionKey,
} from '../../../model/operation.ts';
import type { Relation, Schema } from '../../../model/schema.ts';
import type { TypeName } from '../../../model/type-name.ts';
import type { Refusal } from '../../engine.ts';
import { named } from '../types/analysis.ts';
import { isAssignable } from '../types/assignable.ts';
import { missingType } from '../types/missing-type.ts';
import { analysis, NOTHING } from '../types/query-columns.ts';
import { valueType } from '../types/value-type.ts';
import { type ExpressionScope, refusedExpression, scopeOf, unfitLiteral } from './expressions.ts';
import { unservedOperator } from './exclusion-operators.ts';
import { unindexed } from './index-methods.ts';
import { refusedRetype } from './retyped.ts';
import { outOfBounds } from './value-bounds.ts';
import { defaultFor, refusedDefault } from './values.ts';

/** What a definition holds that the server takes nowhere in such a place: expressions, defaults, keys. */
export function refusedDefinition(
  operation: Operation,
  schema: Schema,
  version: number,
  siblings: readonly Operation[],
): Refusal | undefined {
  switch (operation.kind) {
    case 'create-table': {
      const isWhole =
        operation.like.length + operation.inherits.length === 0 &&
        operation.partitionOf === undefined &&
        operation.ofType === undefined;
      const scope = writtenScope(schema, version, operation.columns, isWhole);
      return (
        operation.columns.map((column) => refusedColumn(column, scope)).find((refusal) => refusal !== undefined) ??
        operation.constraints
          .map((constraint) => refusedConstraint(constraint, scope))
          .find((refusal) => refusal !== undefined) ??
        refusedPartitioning(operation.partitionBy, operation, scope)
      );
    }
    case 'create-index':
      return refusedIndex(operation, schema, version);
    case 'create-policy':
    case 'alter-policy': {
      const scope = scopeOf(schema, version, findRelation(schema, operation.relation));
      return [operation.using, operation.check]
        .map((expression) => (expression === undefined ? undefined : refusedCondition(expression, scope)))
        .find((refusal) => refusal !== undefined);
    }
    case 'delete-rows': {
      const relation = findRelation(schema, operation.relation);
      if (relation?.kind === 'materialized-view')
        return {
          span: operation.span,
          message: `${relation.name} is a materialized view, whose rows only REFRESH changes.`,
        };
      if (operation.where === undefined || operation.query.reads.length > 0) return undefined;
      const why = unfitLiteral(operation.where.tree, scopeOf(schema, version, relation));
      return why === undefined ? undefined : { span: operation.where.span, message: why };
    }
    case 'create-type': {
      const { definition } = operation;
      if (definition.kind !== 'domain') return undefined;
      const scope = scopeOf(schema, version, undefined);
      const wrong =
        definition.default === undefined
          ? undefined
          : defaultFor(operation.name.name, definition.default, definition.base, scope);
      const own = domainScope(scope, definition.base);
      return (
        wrong ??
        definition.constraints
          .map((constraint) =>
            constraint.expression === undefined ? undefined : refusedExpression(constraint.expression, 'check', own),
          )
          .find((refusal) => refusal !== undefined)
      );
    }
    case 'alter-type-definition': {
      const { action, name } = operation;
      if (action.kind === 'domain-set-default') {
        const { domain } = findType(schema, name) ?? {};
        const scope = scopeOf(schema, version, undefined);
        return (
          refusedExpression(action.default, 'default', scope) ??
          defaultFor(name.name, action.default, domain?.base, scope)
        );
      }
      const base = action.kind === 'domain-add-constraint' ? findType(schema, name)?.domain?.base : undefined;
      return action.kind !== 'domain-add-constraint' || action.constraint.expression === undefined || base === undefined
        ? undefined
        : refusedExpression(
            action.constraint.expression,
            'check',
            domainScope(scopeOf(schema, version, undefined), base),
          );
    }
    default:
      return isTableAction(operation) ? refusedAction(operation, schema, version, siblings) : undefined;
  }
}

/** What the CHECK of a domain sees: VALUE, which is of its base type. */
function domainScope(scope: ExpressionScope, base: TypeName): ExpressionScope {
  const value = { name: 'value', type: valueType(scope.schema, base) };
  return {
    ...scope,
    typeOf: () => value.type,
    seen: { ...NOTHING, items: [{ alias: undefined, columns: [value], words: 'a domain' }] },
  };
}

function refusedAction(
  operation: Extract<Operation, { readonly head: string }>,
  schema: Schema,
  version: number,
  siblings: readonly Operation[],
): Refusal | undefined {
  const { relation: name, action, span } = operation;
  const relation = findRelation(schema, name);
  // Columns of the same statement are there for its expressions.
  const added = siblings.flatMap((other) =>
    isTableAction(other) && other.action.kind === 'add-column' ? [other.action.column] : [],
  );
  const isChanged = siblings.some(
    (other) => isTableAction(other) && (other.action.kind === 'alter-type' || other.action.kind === 'rename-column'),
  );
  if (isChanged && action.kind !== 'alter-type') return undefined;
  const scope = scopeOf(schema, version, relation, added);
  switch (action.kind) {
    case 'add-column':
      return refusedColumn(action.column, scope) ?? longDefault(action.column, relation);
    case 'add-constraint':
      return refusedConstraint(action.constraint, scope);
    case 'set-default': {
      const column = relation?.columns.find((candidate) => candidate.name === action.column);
      return (
        refusedExpression(action.default, 'default', scope) ??
        defaultFor(action.column, action.default, column?.type, scope)
      );
    }
    case 'alter-type': {
      const missing = missingType(schema, action.type);
      if (missing !== undefined) return { span, message: missing };
      const numbered = relation?.columns.find((column) => column.name === action.column)?.identity !== undefined;
      const to = siblings.length > 1 || !numbered ? undefined : valueType(schema, action.type);
      const wrong = to === undefined ? undefined : wrongIdentity(to.name, to.isArray, span);
      if (wrong !== undefined) return wrong;
      // Other actions of the statement may change what the expression reads.
      const using =
        action.using === undefined || siblings.length > 1 ? undefined : refusedUsing(action.using, action.type, scope);
      return using ?? refusedRetype(operation, schema, version, siblings);
    }
    case 'set-expression':
      return refusedExpression(action.expression, 'generated', scope);
    case 'add-identity': {
      const type = scope.typeOf(action.column);
      return type === undefined ? undefined : wrongIdentity(type.name, type.isArray, span);
    }
    default:
      return undefined;
  }
}

/** A default is worked out for the rows that are there; where it is only kept, it may be too long. */
function longDefault(
  { name, default: value, type }: ColumnDefinition,
  relation: Relation | undefined,
): Refusal | undefined {
  if (relation?.kind !== 'table' || value === undefined) return undefined;
  const why = outOfBounds(value.tree, name, type);
  return why === undefined ? undefined : { span: value.span, message: why };
}

/** USING of ALTER COLUMN ... TYPE. */
function refusedUsing(
  using: Parameters<typeof refusedExpression>[0],
  type: TypeName,
  scope: ExpressionScope,
): Refusal | undefined {
  const refusal = refusedExpression(using, 'using', scope);
  if (refusal !== undefined) return refusal;
  const from = analysis(scope.schema, scope.version).typeOf(using.tree, scope.seen, 'no-aggregates');
  const to = valueType(scope.schema, type);
  return from !== undefined && to !== undefined && isAssignable(from, to) === false
    ? {
        span: using.span,
        message: `What USING gives is ${named(from)}, which does not become ${type.display} without a cast.`,
      }
    : undefined;
}

function wrongIdentity(type: string, isArray: boolean, span: Refusal['span']): Refusal | undefined {
  return !isArray && ['int2', 'int4', 'int8'].includes(type)
    ? undefined
    : { span, message: 'An identity column is smallint, integer or bigint; PostgreSQL takes no other type.' };
}

/** Columns of any name. */
const OPEN: ExpressionScope['seen'] = { ...NOTHING, items: [{ alias: undefined, columns: undefined }] };

function writtenScope(
  schema: Schema,
  version: number,
  columns: readonly ColumnDefinition[],
  isWhole: boolean,
): ExpressionScope {
  const scope = scopeOf(schema, version, undefined, columns);
  return isWhole ? scope : { ...scope, isMissing: () => false, seen: OPEN };
}

function refusedColumn(column: ColumnDefinition, scope: ExpressionScope): Refusal | undefined {
  const given = [column.default, column.generated, column.identity].filter((each) => each !== undefined).length;
  if (given > 1)
    return {
      span: column.span,
      message: `"${column.name}" has more than one of a default, an identity and a generated expression, of which PostgreSQL takes one.`,
    };
  const missing = column.type === undefined ? undefined : missingType(scope.schema, column.type);
  if (missing !== undefined) return { span: column.span, message: missing };
  const type = valueType(scope.schema, column.type);
  if (column.identity !== undefined && type !== undefined) {
    const refusal = wrongIdentity(type.name, type.isArray, column.span);
    if (refusal !== undefined) return refusal;
  }
  if (column.generated !== undefined) {
    const { expression } = column.generated;
    const refusal = refusedExpression(expression, 'generated', {
      ...scope,
      isGenerated: (name) => name === column.name || scope.isGenerated(name),
    });
    const wrong =
      refusal ?? missingColumn(expression, scope) ?? defaultFor(column.name, expression, column.type, scope);
    if (wrong !== undefined) return wrong;
  }
  return (
    refusedDefault(column, scope) ??
    column.constraints.map((constraint) => refusedConstraint(constraint, scope)).find((each) => each !== undefined)
  );
}

/** A name that stands alone in an expression and is no column. */
function missingColumn(
  { tree, span }: { readonly tree: Parameters<typeof refusedExpression>[0]['tree']; readonly span: Refusal['span'] },
  scope: ExpressionScope,
): Refusal | undefined {
  const stack = [tree];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.kind === 'subquery') return undefined;
    const [name] = node.kind === 'column' && node.path.length === 1 ? node.path : [];
    if (name !== undefined && name !== '*' && scope.isMissing(name) && !isRowOrSystem(name))
      return { span, message: `There is no column "${name}" for this expression.` };
    if ('operands' in node) stack.push(...node.operands);
  }
  return undefined;
}

function isRowOrSystem(name: string): boolean {
  return ['tableoid', 'ctid', 'xmin', 'xmax', 'cmin', 'cmax'].includes(name);
}

function refusedCondition(
  expression: Parameters<typeof refusedExpression>[0],
  scope: ExpressionScope,
): Refusal | undefined {
  return refusedExpression(expression, 'condition', scope);
}

function refusedConstraint(constraint: ConstraintDefinition, scope: ExpressionScope): Refusal | undefined {
  const { columns, kind, span } = constraint;
  if (constraint.expression !== undefined && kind === 'check') {
    if (constraint.deferrable === true) return { span, message: 'PostgreSQL defers no CHECK: leave DEFERRABLE out.' };
    return refusedExpression(constraint.expression, 'check', scope);
  }
  if (kind === 'exclusion')
    return (constraint.elements ?? [])
      .map(
        (element) =>
          unindexed(element, constraint.method ?? 'btree', scope, span) ??
          unservedOperator(element, constraint.method ?? 'btree', scope, span),
      )
      .find((refusal) => refusal !== undefined);
  if (kind !== 'unique' && kind !== 'primary-key') return undefined;
  const twice = columns.find((name, place) => columns.indexOf(name) !== place);
  if (twice !== undefined) return { span, message: `"${twice}" stands here twice, which PostgreSQL refuses.` };
  if (constraint.period === true) return undefined;
  return columns
    .map((name) => unindexed({ column: name }, 'btree', scope, span))
    .find((refusal) => refusal !== undefined);
}

function refusedPartitioning(
  key: PartitionKey | undefined,
  { span, columns }: Extract<Operation, { readonly kind: 'create-table' }>,
  scope: ExpressionScope,
): Refusal | undefined {
  for (const element of key?.elements ?? []) {
    if (
      element.column !== undefined &&
      columns.length > 0 &&
      scope.isMissing(element.column) &&
      !isRowOrSystem(element.column)
    )
      return { span, message: `There is no column "${element.column}" to partition by.` };
    const refusal =
      element.expression === undefined ? undefined : refusedExpression(element.expression, 'partition', scope);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function refusedIndex(operation: CreateIndex, schema: Schema, version: number): Refusal | undefined {
  const { elements, method, unique, span, where } = operation;
  if (method === 'hash' && elements.length > 1)
    return { span, message: 'A hash index is over one column; PostgreSQL builds none over several.' };
  if (unique && ['gin', 'gist', 'brin', 'hash', 'spgist'].includes(method))
    return { span, message: `An index of the method ${method} cannot be unique.` };
  const relation: Relation | undefined = findRelation(schema, operation.relation);
  const scope = scopeOf(schema, version, relation);
  for (const element of elements) {
    const refusal =
      (element.expression === undefined ? undefined : refusedExpression(element.expression, 'index', scope)) ??
      unindexed(element, method, scope, span);
    if (refusal !== undefined) return refusal;
  }
  return where === undefined ? undefined : refusedExpression(where, 'predicate', scope);
}
