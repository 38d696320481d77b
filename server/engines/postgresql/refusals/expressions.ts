import type { Span } from '../../../core/span.ts';
import { type ExpressionTree, walkExpression } from '../../../model/expression.ts';
import { findFunction, findType } from '../../../model/lookup.ts';
import type { ColumnDefinition } from '../../../model/operation.ts';
import type { Relation, Schema } from '../../../model/schema.ts';
import type { TypeName } from '../../../model/type-name.ts';
import type { Refusal } from '../../engine.ts';
import { expressionType, type TypeScope } from '../types/expression-type.ts';
import { newerFunction } from './names.ts';
import { AGGREGATES } from '../types/function-data.ts';
import { unsteadyPart } from '../types/immutable.ts';
import { isNoShape, isUnfit } from '../types/literal-fits.ts';
import type { Seen } from '../types/analysis.ts';
import { analysis, NOTHING, seenRelation } from '../types/query-columns.ts';
import { baseType, type ValueType, valueType } from '../types/value-type.ts';

/** What an expression's columns are, and the server's version. */
export interface ExpressionScope extends TypeScope {
  readonly schema: Schema;
  readonly version: number;
  /** The type of a column as it is written. */
  declaredOf(column: string): TypeName | undefined;
  /** Whether a column is computed by the database itself. */
  isGenerated(column: string): boolean;
  /** Whether a column is surely not there. */
  isMissing(column: string): boolean;
  /** What the expression's names may stand for. */
  readonly seen: Seen;
}

/** Where an expression stands, as far as it decides what it may hold. */
export type ExpressionPlace =
  | 'index'
  | 'predicate'
  | 'generated'
  | 'partition'
  | 'check'
  | 'default'
  | 'condition'
  | 'using';

const PLACES: Readonly<Record<ExpressionPlace, { readonly words: string; readonly isImmutable: boolean }>> = {
  index: { words: 'an index', isImmutable: true },
  predicate: { words: 'the WHERE of an index', isImmutable: true },
  generated: { words: 'a generated column', isImmutable: true },
  partition: { words: 'a partition key', isImmutable: true },
  check: { words: 'a CHECK', isImmutable: false },
  default: { words: 'a default', isImmutable: false },
  condition: { words: 'a condition', isImmutable: false },
  using: { words: 'the USING of a type', isImmutable: false },
};

/** The columns of a table, with those that the same statement writes. */
export function scopeOf(
  schema: Schema,
  version: number,
  relation: Relation | undefined,
  written: readonly ColumnDefinition[] = [],
): ExpressionScope {
  const ownOf = (name: string): ColumnDefinition | undefined => written.find((column) => column.name === name);
  let seen: Seen | undefined;
  const knownOf = (name: string): Relation['columns'][number] | undefined =>
    relation?.columns.find((column) => column.name === name);
  return {
    schema,
    version,
    typeOf: (name) => {
      const own = ownOf(name);
      return own === undefined ? valueType(schema, knownOf(name)?.type) : writtenType(schema, own);
    },
    // Most statements have no expression, and this is asked for at every keystroke.
    get seen() {
      seen ??= seenOf(schema, relation, written);
      return seen;
    },
    declaredOf: (name) => (ownOf(name) ?? knownOf(name))?.type,
    isGenerated: (name) => (ownOf(name) ?? knownOf(name))?.generated !== undefined,
    isMissing: (name) =>
      ownOf(name) === undefined && knownOf(name) === undefined && (relation === undefined || relation.columnsKnown),
  };
}

function writtenType(schema: Schema, { serial, type }: ColumnDefinition): ValueType | undefined {
  if (serial === undefined) return valueType(schema, type);
  return baseType(serial === 'bigserial' ? 'int8' : serial === 'serial' ? 'int4' : 'int2');
}

function seenOf(schema: Schema, relation: Relation | undefined, written: readonly ColumnDefinition[]): Seen {
  const base = seenRelation(schema, relation, relation?.name);
  const own = written.map((column) => ({ name: column.name, type: writtenType(schema, column) }));
  const isOpen = relation === undefined ? written.length === 0 : base.columns === undefined;
  return {
    ...NOTHING,
    items: [{ ...base, columns: isOpen ? undefined : [...(base.columns ?? []), ...own] }],
  };
}

/** Places whose expression is a condition. */
const CONDITIONS: Partial<Readonly<Record<ExpressionPlace, string>>> = {
  predicate: 'WHERE',
  check: 'CHECK',
  condition: 'USING and WITH CHECK',
};

/** What is wrong with the names and types of an expression. */
function wrongTypes(tree: ExpressionTree, place: ExpressionPlace, scope: ExpressionScope): string | undefined {
  const context = analysis(scope.schema, scope.version);
  const words = CONDITIONS[place];
  if (words === undefined) context.typeOf(tree, scope.seen, 'no-aggregates');
  else context.condition(tree, scope.seen, 'no-aggregates', words);
  return context.problem;
}

/** Why the server takes no such expression where it stands. */
export function refusedExpression(
  expression: { readonly tree: ExpressionTree; readonly span: Span },
  place: ExpressionPlace,
  scope: ExpressionScope,
): Refusal | undefined {
  const why = whyRefused(expression.tree, place, scope);
  return why === undefined ? undefined : { span: expression.span, message: why };
}

function whyRefused(tree: ExpressionTree, place: ExpressionPlace, scope: ExpressionScope): string | undefined {
  const { words, isImmutable } = PLACES[place];
  for (const node of walkExpression(tree)) {
    if (node.kind === 'subquery')
      return place === 'condition' ? undefined : `PostgreSQL takes no subquery in ${words}.`;
    if (place !== 'condition' && isAggregate(node, scope)) return `PostgreSQL takes no aggregate in ${words}.`;
    const newer =
      node.kind === 'call' && node.schema === undefined
        ? newerFunction(node.name, scope.schema, scope.version)
        : undefined;
    if (newer !== undefined) return newer;
    const isBareColumn = node.kind === 'column' && node.path.length === 1;
    const name = node.kind === 'column' ? (node.path.at(-1) ?? '') : '';
    if (place === 'default' && isBareColumn) return `PostgreSQL takes no column in a default, and "${name}" is one.`;
    if (place === 'generated' && isBareColumn && scope.isGenerated(name))
      return `"${name}" is a generated column itself, and PostgreSQL computes none from another.`;
  }
  const unsteady = isImmutable ? unsteadyPart(tree, scope, scope.version) : undefined;
  if (unsteady !== undefined) return `PostgreSQL takes only what is immutable in ${words}, and ${unsteady} is not.`;
  return unfitLiteral(tree, scope) ?? wrongTypes(tree, place, scope);
}

function isAggregate(node: ExpressionTree, scope: ExpressionScope): boolean {
  return (
    node.kind === 'call' &&
    node.schema === undefined &&
    AGGREGATES.has(node.name) &&
    findFunction(scope.schema, node) === undefined
  );
}

const COMPARED = new Set([
  '=',
  '<>',
  '!=',
  '<',
  '>',
  '<=',
  '>=',
  'in',
  'not in',
  'is distinct from',
  'is not distinct from',
]);

/** A literal that is no value of the type of what it is compared with, or cast to. */
export function unfitLiteral(
  tree: ExpressionTree,
  scope: Omit<ExpressionScope, 'isGenerated' | 'isMissing' | 'seen' | 'declaredOf'>,
): string | undefined {
  for (const node of walkExpression(tree)) {
    if (node.kind === 'cast') {
      const why = unfitIn(node.operands[0], valueType(scope.schema, node.type), scope.version);
      if (why !== undefined) return why;
      const [operand] = node.operands;
      const isShape = findType(scope.schema, node.type) === undefined;
      if (isShape && operand.kind === 'literal' && isNoShape(String(operand.value ?? '0'), node.type))
        return `'${String(operand.value)}' is no value of the type ${node.type.display}, so that PostgreSQL refuses this statement.`;
    }
    if (node.kind !== 'operator' || !COMPARED.has(node.name)) continue;
    const types = node.operands.map((operand) => expressionType(operand, scope));
    const type = types.find((candidate) => candidate !== undefined && candidate.name !== 'unknown');
    // Where one operand is not known, what the literals become is not either.
    if (type === undefined || types.includes(undefined)) continue;
    for (const operand of node.operands) {
      const why = unfitIn(operand, type, scope.version);
      if (why !== undefined) return why;
    }
  }
  return undefined;
}

/** Why a literal is no value of a type. */
export function unfitIn(tree: ExpressionTree, type: ValueType | undefined, version: number): string | undefined {
  if (tree.kind !== 'literal' || typeof tree.value !== 'string' || type === undefined) return undefined;
  if (!isUnfit(tree.value, type, version)) return undefined;
  const shown = tree.value.length > 40 ? `${tree.value.slice(0, 40)}...` : tree.value;
  return type.enum === undefined
    ? `'${shown}' is no value of the type ${type.name}${type.isArray ? '[]' : ''}, so that PostgreSQL refuses this statement.`
    : `'${shown}' is no value of the enum ${type.name}, which has ${(type.enum.labels ?? []).map((label) => `'${label}'`).join(', ')}.`;
}
