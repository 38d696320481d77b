import type { ExpressionTree } from '../../../model/expression.ts';
import type { PartitionBound, PartitionKey } from '../../../model/operation.ts';
import type { Relation } from '../../../model/schema.ts';

/** One comparison that a CHECK guarantees for each row (unless it is null): `column operator constants`. */
interface Fact {
  readonly column: string;
  readonly operator: '<' | '<=' | '=' | '>=' | '>' | 'in' | 'not null' | 'null';
  readonly values: readonly (string | number)[];
}

/** Conjuncts of the validated, enforced CHECKs of a table and its NOT NULL columns. */
function factsOf(relation: Relation, without: ReadonlySet<string>): readonly Fact[] {
  const facts: Fact[] = relation.columns
    .filter((column) => isNotNull(relation, column.name))
    .map((column) => ({ column: column.name, operator: 'not null', values: [] }));
  for (const constraint of relation.constraints) {
    if (
      constraint.kind !== 'check' ||
      !constraint.validated ||
      !constraint.enforced ||
      constraint.expression === undefined ||
      without.has(constraint.name)
    )
      continue;
    facts.push(...conjuncts(constraint.expression.tree).flatMap(factOf));
  }
  return facts;
}

/** Whether NOT NULL holds for every row already: a NOT VALID one (18) does not. */
export function isNotNull(relation: Relation, column: string): boolean {
  const found = relation.columns.find((candidate) => candidate.name === column);
  if (found?.notNull !== true) return false;
  return !relation.constraints.some(
    (constraint) => constraint.kind === 'not-null' && constraint.columns[0] === column && !constraint.validated,
  );
}

/** Whether a column's rows are known to be non-null, so that SET NOT NULL need not look. Source: `NotNullImpliedByRelConstraints`. */
export function isProvedNotNull(relation: Relation, column: string, without: ReadonlySet<string> = new Set()): boolean {
  return factsOf(relation, without).some((fact) => fact.operator === 'not null' && fact.column === column);
}

function conjuncts(tree: ExpressionTree): readonly ExpressionTree[] {
  if (tree.kind === 'boolean' && tree.operator === 'and') return tree.operands.flatMap(conjuncts);
  return [tree];
}

const FLIPPED: Readonly<Record<string, Fact['operator']>> = { '<': '>', '<=': '>=', '=': '=', '>=': '<=', '>': '<' };

function factOf(tree: ExpressionTree): readonly Fact[] {
  if (tree.kind === 'null-test') {
    const column = columnOf(tree.operands[0]);
    return column === undefined ? [] : [{ column, operator: tree.negated ? 'not null' : 'null', values: [] }];
  }
  if (tree.kind !== 'operator') return [];
  const [left, ...rest] = tree.operands;
  if (left === undefined) return [];
  const column = columnOf(left);
  if (tree.name === 'between' && column !== undefined) {
    const low = constantOf(rest[0]);
    const high = constantOf(rest[1]);
    return low === undefined || high === undefined
      ? []
      : [
          { column, operator: '>=', values: [low] },
          { column, operator: '<=', values: [high] },
        ];
  }
  if (tree.name === 'in' || tree.name === '= any') {
    const values = rest.flatMap((operand) => (operand.kind === 'other' ? operand.operands : [operand])).map(constantOf);
    return column === undefined || values.length === 0 || values.includes(undefined)
      ? []
      : [{ column, operator: 'in', values: values.filter((value) => value !== undefined) }];
  }
  const flipped = FLIPPED[tree.name];
  if (flipped === undefined || rest.length !== 1) return [];
  const right = constantOf(rest[0]);
  // The table's keys are the five operators.
  if (column !== undefined && right !== undefined)
    return [{ column, operator: tree.name as Fact['operator'], values: [right] }];
  const rightColumn = rest[0] === undefined ? undefined : columnOf(rest[0]);
  const leftConstant = constantOf(left);
  return rightColumn !== undefined && leftConstant !== undefined
    ? [{ column: rightColumn, operator: flipped, values: [leftConstant] }]
    : [];
}

function columnOf(tree: ExpressionTree): string | undefined {
  if (tree.kind === 'column') return tree.path.at(-1);
  // text and varchar columns are compared as text: the cast changes nothing.
  return tree.kind === 'cast' ? columnOf(tree.operands[0]) : undefined;
}

function constantOf(tree: ExpressionTree | undefined): string | number | undefined {
  if (tree === undefined) return undefined;
  if (tree.kind === 'cast') return constantOf(tree.operands[0]);
  if (tree.kind === 'literal' && (typeof tree.value === 'string' || typeof tree.value === 'number')) return tree.value;
  if (tree.kind === 'operator' && tree.name === '-' && tree.operands.length === 1) {
    const inner = constantOf(tree.operands[0]);
    return typeof inner === 'number' ? -inner : undefined;
  }
  return undefined;
}

/** Order of two constants: numbers by value, ISO dates and times by text; undefined where it is not known. */
function compare(left: string | number, right: string | number): number | undefined {
  if (left === right) return 0;
  const leftNumber = Number(left);
  const rightNumber = Number(right);
  if (left !== '' && right !== '' && Number.isFinite(leftNumber) && Number.isFinite(rightNumber))
    return leftNumber - rightNumber;
  const leftTime = isoTime(left);
  const rightTime = isoTime(right);
  if (leftTime !== undefined && rightTime !== undefined)
    return leftTime < rightTime ? -1 : leftTime > rightTime ? 1 : 0;
  return undefined;
}

/** `2026-01-01` and `2026-01-01 00:00:00` in one form that sorts by time; a zone or another style is not compared. */
function isoTime(value: string | number): string | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(?::(\d{2}(?:\.\d+)?))?)?(\+00(?::?00)?|Z)?$/.exec(
    String(value),
  );
  if (match === null) return undefined;
  return `${match[1] ?? ''} ${match[2] ?? '00:00'}:${(match[3] ?? '00').padEnd(9, '.000000'.slice((match[3] ?? '00').length - 2))}`;
}

function provesAtLeast(facts: readonly Fact[], column: string, bound: string | number): boolean {
  return facts.some(
    (fact) =>
      fact.column === column &&
      fact.values.length > 0 &&
      (fact.operator === '>=' || fact.operator === '>' || fact.operator === '=' || fact.operator === 'in') &&
      fact.values.every((value) => (compare(value, bound) ?? -1) >= 0),
  );
}

function provesBelow(facts: readonly Fact[], column: string, bound: string | number): boolean {
  return facts.some(
    (fact) =>
      fact.column === column &&
      fact.values.length > 0 &&
      ((fact.operator === '<' && fact.values.every((value) => (compare(value, bound) ?? 1) <= 0)) ||
        ((fact.operator === '<=' || fact.operator === '=' || fact.operator === 'in') &&
          fact.values.every((value) => (compare(value, bound) ?? 1) < 0))),
  );
}

type Edge = { readonly kind: 'open' } | { readonly kind: 'at'; readonly value: string | number } | undefined;

/** MINVALUE and MAXVALUE leave the side open; undefined is a bound that is no plain constant. */
function edgeOf(tree: ExpressionTree | undefined): Edge {
  if (tree === undefined) return undefined;
  const word =
    tree.kind === 'keyword' ? tree.name : tree.kind === 'column' && tree.path.length === 1 ? tree.path[0] : undefined;
  if (word !== undefined && /^(minvalue|maxvalue)$/i.test(word)) return { kind: 'open' };
  const value = constantOf(tree);
  return value === undefined ? undefined : { kind: 'at', value };
}

/** Whether the constraints of a table show that each of its rows fits the partition, so that ATTACH need not look. Source: `ConstraintImpliedByRelConstraint`. */
export function provesBound(relation: Relation, key: PartitionKey | undefined, bound: PartitionBound): boolean {
  if (bound.kind === 'range' && key !== undefined && key.elements.length > 1)
    return provesRange(factsOf(relation, new Set()), key, bound);
  const column = key?.elements.length === 1 ? key.elements[0]?.column : undefined;
  if (column === undefined) return false;
  const facts = factsOf(relation, new Set());
  const isNeverNull = facts.some((fact) => fact.operator === 'not null' && fact.column === column);
  switch (bound.kind) {
    case 'default':
    case 'hash':
      return false;
    case 'list': {
      const values = bound.values.map(constantOf);
      const allowsNull = bound.values.some((value) => value.kind === 'literal' && value.value === null);
      if (!isNeverNull && !allowsNull) return false;
      return facts.some(
        (fact) =>
          fact.column === column &&
          (fact.operator === '=' || fact.operator === 'in') &&
          fact.values.every((value) =>
            values.some((allowed) => allowed !== undefined && (allowed === value || compare(allowed, value) === 0)),
          ),
      );
    }
    case 'range': {
      if (!isNeverNull) return false;
      const from = edgeOf(bound.from[0]);
      const to = edgeOf(bound.to[0]);
      if (from === undefined || to === undefined) return false;
      return (
        (from.kind === 'open' || provesAtLeast(facts, column, from.value)) &&
        (to.kind === 'open' || provesBelow(facts, column, to.value))
      );
    }
  }
}

/**
 * The same for a key of several columns, compared one after the other: the first column lies within the bound, or is equal
 * to it and the next one decides. Source: `get_qual_for_range`.
 */
function provesRange(
  facts: readonly Fact[],
  key: PartitionKey,
  bound: Extract<PartitionBound, { readonly kind: 'range' }>,
): boolean {
  const columns = key.elements.flatMap((element) => element.column ?? []);
  if (
    columns.length < key.elements.length ||
    !columns.every((column) => facts.some((fact) => fact.operator === 'not null' && fact.column === column))
  )
    return false;
  const side = (trees: readonly ExpressionTree[], isLower: boolean, place: number): boolean => {
    const column = columns[place];
    const edge = edgeOf(trees[place]);
    if (column === undefined || edge === undefined) return false;
    if (edge.kind === 'open') return true;
    const isLast = place === columns.length - 1;
    // Where the next column is open, this one may be equal to its bound.
    const allowsEqual = isLast ? isLower : edgeOf(trees[place + 1])?.kind === 'open';
    const isWithin = isLower
      ? (allowsEqual ? provesAtLeast : provesAbove)(facts, column, edge.value)
      : (allowsEqual ? provesAtMost : provesBelow)(facts, column, edge.value);
    return isWithin || (!isLast && provesEqual(facts, column, edge.value) && side(trees, isLower, place + 1));
  };
  return side(bound.from, true, 0) && side(bound.to, false, 0);
}

function provesAbove(facts: readonly Fact[], column: string, bound: string | number): boolean {
  return facts.some(
    (fact) =>
      fact.column === column &&
      fact.values.length > 0 &&
      ((fact.operator === '>' && fact.values.every((value) => (compare(value, bound) ?? -1) >= 0)) ||
        ((fact.operator === '>=' || fact.operator === '=' || fact.operator === 'in') &&
          fact.values.every((value) => (compare(value, bound) ?? -1) > 0))),
  );
}

function provesAtMost(facts: readonly Fact[], column: string, bound: string | number): boolean {
  return facts.some(
    (fact) =>
      fact.column === column &&
      fact.values.length > 0 &&
      ['<', '<=', '=', 'in'].includes(fact.operator) &&
      fact.values.every((value) => (compare(value, bound) ?? 1) <= 0),
  );
}

function provesEqual(facts: readonly Fact[], column: string, bound: string | number): boolean {
  return facts.some(
    (fact) =>
      fact.column === column &&
      fact.operator === '=' &&
      fact.values.length > 0 &&
      fact.values.every((value) => compare(value, bound) === 0),
  );
}

/** Whether the constraints of a DEFAULT partition show that none of its rows belongs to a new partition. */
export function provesOutside(relation: Relation, key: PartitionKey | undefined, bound: PartitionBound): boolean {
  const column = key?.elements.length === 1 ? key.elements[0]?.column : undefined;
  if (column === undefined) return false;
  if (factsProveOutside(factsOf(relation, new Set()), column, bound)) return true;
  return relation.constraints.some(
    (constraint) =>
      constraint.kind === 'check' &&
      constraint.validated &&
      constraint.enforced &&
      constraint.expression !== undefined &&
      conjuncts(constraint.expression.tree).some(
        (tree) =>
          tree.kind === 'boolean' &&
          tree.operator === 'or' &&
          tree.operands.every((part) => isOutside(part, column, bound)),
      ),
  );
}

/** Whether no row for which one part of an OR holds belongs to the partition. */
function isOutside(tree: ExpressionTree, column: string, bound: PartitionBound): boolean {
  if (tree.kind === 'null-test' && !tree.negated && columnOf(tree.operands[0]) === column) {
    return (
      bound.kind === 'range' ||
      (bound.kind === 'list' && !bound.values.some((value) => value.kind === 'literal' && value.value === null))
    );
  }
  if (
    tree.kind === 'operator' &&
    (tree.name === 'not in' || tree.name === '<> all' || tree.name === '<>') &&
    bound.kind === 'list'
  ) {
    const [left, ...rest] = tree.operands;
    const ruledOut = rest
      .flatMap((operand) => (operand.kind === 'other' ? operand.operands : [operand]))
      .map(constantOf);
    return (
      left !== undefined &&
      columnOf(left) === column &&
      bound.values.every((value) => constantOf(value) !== undefined && ruledOut.includes(constantOf(value)))
    );
  }
  return factsProveOutside(conjuncts(tree).flatMap(factOf), column, bound);
}

function factsProveOutside(facts: readonly Fact[], column: string, bound: PartitionBound): boolean {
  const takesNull =
    bound.kind === 'list' && bound.values.some((value) => value.kind === 'literal' && value.value === null);
  if (
    !takesNull &&
    bound.kind !== 'hash' &&
    bound.kind !== 'default' &&
    facts.some((fact) => fact.operator === 'null' && fact.column === column)
  )
    return true;
  if (bound.kind === 'range') {
    const from = edgeOf(bound.from[0]);
    const to = edgeOf(bound.to[0]);
    return (
      (from?.kind === 'at' && provesBelow(facts, column, from.value)) ||
      (to?.kind === 'at' && provesAtLeast(facts, column, to.value))
    );
  }
  if (bound.kind !== 'list') return false;
  const values = bound.values.map(constantOf);
  if (values.includes(undefined)) return false;
  if (
    facts.some(
      (fact) =>
        fact.column === column &&
        (fact.operator === '=' || fact.operator === 'in') &&
        fact.values.every((value) => !values.some((taken) => taken === value)),
    )
  )
    return true;
  return values.every(
    (value) => value === undefined || provesAbove(facts, column, value) || provesBelow(facts, column, value),
  );
}
