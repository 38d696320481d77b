import type { ExpressionTree } from '../../../model/expression.ts';
import { findType, resolveTypeName } from '../../../model/lookup.ts';
import type { Schema, UserType } from '../../../model/schema.ts';
import type { TypeName } from '../../../model/type-name.ts';
import type { TypeChange } from '../../engine.ts';

/** A type as the planner sees a value of it: a domain is itself, and below it its base. */
interface Known {
  readonly name: string;
  readonly modifiers: readonly (number | string)[];
  readonly isArray: boolean;
  readonly domain?: NonNullable<UserType['domain']>;
}

/** Types whose bytes and meaning are the same, cast without a function. Source: `pg_cast.castmethod = 'b'`, the same on 13 to 18. */
const BINARY: readonly (readonly [string, string])[] = [
  ['text', 'varchar'],
  ['varchar', 'text'],
  ['text', 'bpchar'],
  ['varchar', 'bpchar'],
  ['cidr', 'inet'],
  ['bit', 'varbit'],
  ['varbit', 'bit'],
  ['xml', 'text'],
  ['xml', 'varchar'],
  ['xml', 'bpchar'],
  ['pg_node_tree', 'text'],
  ['pg_ndistinct', 'bytea'],
  ['pg_dependencies', 'bytea'],
  ['pg_mcv_list', 'bytea'],
  ['regproc', 'regprocedure'],
  ['regprocedure', 'regproc'],
  ['regoper', 'regoperator'],
  ['regoperator', 'regoper'],
  // The extension citext: its bytes are those of text, and only its indexes compare otherwise.
  ['text', 'citext'],
  ['varchar', 'citext'],
  ['citext', 'text'],
  ['citext', 'varchar'],
  ['citext', 'bpchar'],
];
const OBJECT_IDENTIFIERS = [
  'regclass',
  'regcollation',
  'regconfig',
  'regdictionary',
  'regnamespace',
  'regoper',
  'regoperator',
  'regproc',
  'regprocedure',
  'regrole',
  'regtype',
];
const BINARY_PAIRS = new Set([
  ...BINARY.map(([from, to]) => `${from} ${to}`),
  'int4 oid',
  'oid int4',
  ...OBJECT_IDENTIFIERS.flatMap((name) => [`int4 ${name}`, `${name} int4`, `oid ${name}`, `${name} oid`]),
]);

/** Time zones in which PostgreSQL's own test for "UTC" succeeds at every moment. Source: `TimestampTimestampTzRequiresRewrite`, which asks for a fixed offset of 0 from a zone without transitions. */
const UTC_ZONES = new Set([
  'utc',
  'gmt',
  'etc/utc',
  'etc/gmt',
  'uct',
  'etc/uct',
  'zulu',
  'etc/zulu',
  'universal',
  'etc/universal',
  'greenwich',
  'etc/greenwich',
  'gmt0',
  'gmt+0',
  'gmt-0',
  'etc/gmt0',
  'etc/gmt+0',
  'etc/gmt-0',
  '0',
  '+0',
  '-0',
  '+00',
  '-00',
  '+00:00',
  '-00:00',
]);

/** Precision that a time type has where none is written. Source: `MAX_TIMESTAMP_PRECISION` and its like. */
const FULL_PRECISION = 6;

/** Whether a time zone makes timestamp and timestamptz the same bytes. */
export function isUtc(timeZone: string): boolean {
  return UTC_ZONES.has(timeZone.toLowerCase());
}

function known(schema: Schema, type: TypeName): Known {
  const isArray = type.arrayDimensions > 0;
  const domain = isArray ? undefined : findType(schema, type)?.domain;
  // bit without a length is bit(1) and char is char(1): the parser writes them so; a plain timestamp has no modifier.
  return { name: type.name, modifiers: type.modifiers, isArray, ...(domain === undefined ? {} : { domain }) };
}

/** The type under a domain, however deep, with the modifier that the domain fixes. */
export function baseOf(schema: Schema, type: TypeName): TypeName {
  const domain = type.arrayDimensions > 0 ? undefined : findType(schema, type)?.domain;
  return domain === undefined ? type : baseOf(schema, domain.base);
}

/** Whether a domain, or one under it, has a NOT NULL or a CHECK, validated or not. */
export function isConstrainedDomain(schema: Schema, type: TypeName): boolean {
  const domain = type.arrayDimensions > 0 ? undefined : findType(schema, type)?.domain;
  if (domain === undefined) return false;
  return domain.notNull || domain.constraints.length > 0 || isConstrainedDomain(schema, domain.base);
}

function isSame(left: TypeName, right: TypeName): boolean {
  return (
    left.name === right.name &&
    left.arrayDimensions === right.arrayDimensions &&
    (left.schema === undefined || right.schema === undefined || left.schema === right.schema)
  );
}

function isSameModifier(left: TypeName, right: TypeName): boolean {
  if (left.name === 'numeric') {
    const [leftPrecision, leftScale] = numericModifier(left.modifiers);
    const [rightPrecision, rightScale] = numericModifier(right.modifiers);
    return leftPrecision === rightPrecision && leftScale === rightScale;
  }
  return (
    left.modifiers.length === right.modifiers.length &&
    left.modifiers.every((modifier, index) => modifier === right.modifiers[index])
  );
}

function numericModifier(modifiers: readonly (number | string)[]): readonly [number, number] {
  const [precision, scale] = modifiers;
  return [precision === undefined ? -1 : Number(precision), precision === undefined ? -1 : Number(scale ?? 0)];
}

/** Value of an expression as it walks through a cast: its type, and whether its modifier is still known. */
interface Value {
  readonly type: TypeName;
  /** False after a cast to another type: the planner then has no modifier for it. */
  readonly isModified: boolean;
}

/**
 * Whether changing a column from one type to another rewrites the table.
 *
 * Source: `ATColumnChangeRequiresRewrite` and the planner's support functions of varchar, numeric, varbit, time,
 * timestamp and interval; every pair of types is asserted by test/database/locks.test.ts.
 */
export function typeChange(
  schema: Schema,
  column: string,
  from: TypeName | undefined,
  to: TypeName,
  using: ExpressionTree | undefined,
  timeZone: string,
): TypeChange {
  if (from === undefined) return { rewrite: 'unknown', because: `the old type of "${column}" is not known` };
  const value = using === undefined ? { type: from, isModified: true } : walk(schema, column, from, using, timeZone);
  if ('rewrite' in value) return value;
  return (
    convert(schema, value, to, timeZone) ?? {
      rewrite: false,
      because: `every stored value of ${from.display} is already a valid ${to.display}`,
    }
  );
}

/** The value of a USING expression, or why it rewrites. */
function walk(
  schema: Schema,
  column: string,
  from: TypeName,
  tree: ExpressionTree,
  timeZone: string,
): Value | TypeChange {
  if (tree.kind === 'column') {
    if (tree.path.at(-1) === column) return { type: from, isModified: true };
    return { rewrite: true, because: 'USING computes each value anew' };
  }
  if (tree.kind === 'collate') return walk(schema, column, from, tree.operands[0], timeZone);
  if (tree.kind === 'cast') {
    const inner = walk(schema, column, from, tree.operands[0], timeZone);
    if ('rewrite' in inner) return inner;
    return (
      convert(schema, inner, tree.type, timeZone) ?? {
        type: tree.type,
        isModified: tree.type.modifiers.length > 0 || (inner.isModified && isSame(inner.type, tree.type)),
      }
    );
  }
  return { rewrite: true, because: 'USING computes each value anew' };
}

/** Why a value must be converted to become the type; undefined where its bytes stay as they are. */
function convert(schema: Schema, value: Value, to: TypeName, timeZone: string): TypeChange | undefined {
  const target = known(schema, to);
  const source = value.type;
  if (target.domain !== undefined) {
    if (isSame(source, to)) return undefined;
    const inner = convert(schema, value, target.domain.base, timeZone);
    if (inner !== undefined) return inner;
    return isConstrainedDomain(schema, to)
      ? { rewrite: true, because: `the domain ${to.display} has a constraint that each value must pass` }
      : undefined;
  }
  const sourceDomain = known(schema, source).domain;
  // A domain's column carries no modifier of its own, so the planner does not know the length of its values.
  if (sourceDomain !== undefined)
    return convert(schema, { type: withoutModifiers(baseOf(schema, source)), isModified: false }, to, timeZone);
  if (!isSame(source, to)) {
    if (target.isArray || source.arrayDimensions > 0)
      return { rewrite: true, because: `each ${source.display} is converted to ${to.display}` };
    const isTimestamps =
      (source.name === 'timestamp' && to.name === 'timestamptz') ||
      (source.name === 'timestamptz' && to.name === 'timestamp');
    if (isTimestamps) {
      if (timeZone === 'unknown')
        return {
          rewrite: 'unknown',
          because: "the session's TimeZone is not known, and only in UTC the stored values stay as they are",
        };
      if (!isUtc(timeZone))
        return {
          rewrite: true,
          because: `the session's TimeZone is ${timeZone}, so each value moves by its offset from UTC`,
        };
    } else if (!BINARY_PAIRS.has(`${source.name} ${to.name}`)) {
      return { rewrite: true, because: `each ${source.display} is converted to ${to.display}` };
    }
    return needsLengthCheck({ ...to, modifiers: [] }, to) ? lengthCheck(to) : undefined;
  }
  if (isSameModifier(source, to) && (value.isModified || to.modifiers.length === 0)) return undefined;
  const current = value.isModified ? source : withoutModifiers(source);
  return needsLengthCheck(current, to) ? lengthCheck(to) : undefined;
}

function lengthCheck(to: TypeName): TypeChange {
  return { rewrite: true, because: `each value must be checked and cut to ${to.display}` };
}

function withoutModifiers(type: TypeName): TypeName {
  return type.modifiers.length === 0 ? type : { ...type, modifiers: [] };
}

/** Whether values of the same type but another modifier pass through its length function. */
function needsLengthCheck(from: TypeName, to: TypeName): boolean {
  if (to.modifiers.length === 0) return false;
  if (to.arrayDimensions > 0) return !isSameModifier(from, to);
  const [oldFirst] = from.modifiers;
  const [newFirst] = to.modifiers;
  switch (to.name) {
    case 'varchar':
    case 'varbit':
      return oldFirst === undefined || Number(oldFirst) > Number(newFirst);
    case 'numeric': {
      const [oldPrecision, oldScale] = numericModifier(from.modifiers);
      const [newPrecision, newScale] = numericModifier(to.modifiers);
      return oldPrecision < 0 || oldScale !== newScale || oldPrecision > newPrecision;
    }
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
      return Number(newFirst) < FULL_PRECISION && (oldFirst === undefined || Number(oldFirst) > Number(newFirst));
    case 'interval':
      return intervalNeedsCheck(from.modifiers, to.modifiers);
    default:
      return !isSameModifier(from, to);
  }
}

/** Least field of an interval's range, the smallest first. Source: `intervaltypmodleastfield`. */
const INTERVAL_FIELDS = ['second', 'minute', 'hour', 'day', 'month', 'year'];

function intervalOf(modifiers: readonly (number | string)[]): { readonly least: number; readonly precision: number } {
  const fields = modifiers.find((modifier) => typeof modifier === 'string');
  const precision = modifiers.find((modifier) => typeof modifier === 'number');
  const least =
    typeof fields === 'string' ? fields.toLowerCase().trim().split(/\s+/).at(-1)?.replace(/\(.*/, '') : 'second';
  return {
    least: Math.max(0, INTERVAL_FIELDS.indexOf(least ?? 'second')),
    precision: typeof precision === 'number' ? precision : Number.POSITIVE_INFINITY,
  };
}

function intervalNeedsCheck(from: readonly (number | string)[], to: readonly (number | string)[]): boolean {
  const old = intervalOf(from);
  const wanted = intervalOf(to);
  const isNoop =
    wanted.least <= old.least &&
    (old.least > 0 || wanted.precision >= FULL_PRECISION || wanted.precision >= old.precision);
  return !isNoop;
}

/**
 * What an index on the type compares by: two types that share it share their default operator classes, so an index
 * survives a change between them. Source: `pg_opclass.opcdefault` and `CheckIndexCompatible`.
 */
export function comparedAs(schema: Schema, type: TypeName): string {
  const base = resolveTypeName(schema, baseOf(schema, type));
  const array = base.arrayDimensions > 0 ? '[]' : '';
  const name =
    base.name === 'varchar'
      ? 'text'
      : base.name === 'cidr'
        ? 'inet'
        : OBJECT_IDENTIFIERS.includes(base.name)
          ? 'oid'
          : base.name;
  return `${base.schema ?? ''}.${name}${array}`;
}
