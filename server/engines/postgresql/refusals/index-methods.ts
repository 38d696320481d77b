import { findType } from '../../../model/lookup.ts';
import type { IndexElement } from '../../../model/operation.ts';
import type { Schema } from '../../../model/schema.ts';
import type { Refusal } from '../../engine.ts';
import { broughtBy } from '../types/brought.ts';
import { EXTENSION_CLASSES } from '../types/extension-forms.ts';
import { INDEXED } from '../types/function-data.ts';
import { OPERATOR_CLASSES } from '../types/operator-classes.ts';
import { analysis } from '../types/query-columns.ts';
import type { ValueType } from '../types/value-type.ts';
import type { ExpressionScope } from './expressions.ts';

const NOT_COLLATED = new Set([
  'int2',
  'int4',
  'int8',
  'numeric',
  'bool',
  'date',
  'timestamp',
  'timestamptz',
  'uuid',
  'jsonb',
]);

const POLYMORPHIC: readonly (readonly [string, RegExp])[] = [
  ['anyrange', /range$/],
  ['anymultirange', /multirange$/],
];

/** Built-in types of which no casts are spoken, and which some index methods take. */
const GEOMETRIC: ReadonlySet<string> = new Set(['point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle', 'xml']);

/** Types that btree_gin and btree_gist bring no operator class for, though a B-tree has one. */
const UNSERVED: ReadonlySet<string> = new Set([
  'anyarray',
  'anymultirange',
  'anyrange',
  'jsonb',
  'oidvector',
  'pg_lsn',
  'record',
  'tid',
  'tsquery',
  'tsvector',
  'xid8',
]);

/** A column or expression of a type that the index method does not take without an operator class. */
export function unindexed(
  element: IndexElement,
  method: string,
  scope: ExpressionScope,
  span: Refusal['span'],
): Refusal | undefined {
  if (element.collation !== undefined && element.column !== undefined) {
    const own = scope.typeOf(element.column);
    if (own !== undefined && NOT_COLLATED.has(own.name) && !own.isArray)
      return { span, message: `"${element.column}" is ${own.name}, which has no collations.` };
  }
  if (element.operatorClass !== undefined) {
    const why = wrongClass(element, element.operatorClass, method, scope);
    return why === undefined ? undefined : { span, message: why };
  }
  const types = INDEXED[method]?.split(' ');
  if (types === undefined) return undefined;
  const type = indexedType(element, scope);
  if (type === undefined || type.name === 'unknown' || mayHaveClass(type, method, scope.schema)) return undefined;
  if (names(type).some((name) => types.includes(name))) return undefined;
  const what = element.column === undefined ? 'The expression' : `"${element.column}"`;
  return {
    span,
    message: `${what} is ${type.name}${type.isArray ? '[]' : ''}, which an index of the method ${method} does not take${method === 'gin' || method === 'gist' ? ' without an extension and an operator class' : ''}.`,
  };
}

/** An operator class that is for another type or another method, or that an extension brings which no migration creates. */
function wrongClass(element: IndexElement, name: string, method: string, scope: ExpressionScope): string | undefined {
  const classes = OPERATOR_CLASSES[method]?.split(' ').map((each) => each.split(':'));
  if (classes === undefined || [...(scope.schema.others ?? [])].some((other) => other.startsWith('operator-')))
    return undefined;
  const [, wanted] = classes.find(([each]) => each === name) ?? [];
  if (wanted === undefined) {
    const extension = broughtBy(scope.schema).lacksOperatorClass(name);
    if (extension !== undefined)
      return `${name} is an operator class of the extension ${extension}, which no migration creates.`;
    const brought = EXTENSION_CLASSES[name];
    const given = brought === undefined ? undefined : indexedType(element, scope);
    if (brought !== undefined && given !== undefined && given.name !== 'unknown' && given.name !== 'bpchar')
      return names(given).includes(brought)
        ? undefined
        : `The operator class ${name} is not for ${given.name}${given.isArray ? '[]' : ''}.`;
    return Object.values(OPERATOR_CLASSES).some((others) => ` ${others}`.includes(` ${name}:`))
      ? `The index method ${method} has no operator class ${name}.`
      : undefined;
  }
  const type = indexedType(element, scope);
  // What of bpchar is taken for a text differs by where it stands.
  if (type === undefined || type.name === 'unknown' || type.name === 'bpchar' || names(type).includes(wanted))
    return undefined;
  return `The operator class ${name} is not for ${type.name}${type.isArray ? '[]' : ''}.`;
}

/** The type of what an element of an index is over; undefined where it is not known. */
export function indexedType({ column, expression }: IndexElement, scope: ExpressionScope): ValueType | undefined {
  if (column === undefined)
    return expression === undefined
      ? undefined
      : analysis(scope.schema, scope.version).typeOf(expression.tree, scope.seen, 'no-aggregates');
  const declared = scope.declaredOf(column);
  return declared !== undefined &&
    declared.schema === undefined &&
    GEOMETRIC.has(declared.name) &&
    findType(scope.schema, declared) === undefined
    ? { name: declared.name, isArray: declared.arrayDimensions > 0 }
    : scope.typeOf(column);
}

/** What an operator class may be for, so that it takes the type. */
function names(type: ValueType): readonly string[] {
  if (type.isArray) return ['anyarray'];
  if (type.enum !== undefined) return ['anyenum'];
  return [
    type.name,
    ...(type.name === 'varchar' ? ['text'] : []),
    ...(type.name === 'cidr' ? ['inet'] : []),
    ...POLYMORPHIC.flatMap(([any, pattern]) => (pattern.test(type.name) ? [any] : [])),
  ];
}

/**
 * Whether an operator class that no server has by itself may be there: one that a migration made, or that of an extension
 * of PostgreSQL's own, which a history may leave to whoever sets the database up.
 */
function mayHaveClass(type: ValueType, method: string, schema: Schema): boolean {
  if ([...(schema.others ?? [])].some((other) => other.startsWith('operator-'))) return true;
  const extension =
    method !== 'gin' && method !== 'gist'
      ? undefined
      : method === 'gist' && type.isArray && type.name === 'int4'
        ? 'intarray'
        : isServed(type)
          ? `btree_${method}`
          : undefined;
  if (extension === undefined) return false;
  const made = schema.extensions ?? [];
  return made.includes(extension) || !schema.isComplete;
}

function isServed(type: ValueType): boolean {
  const sorted = INDEXED['btree']?.split(' ') ?? [];
  return names(type).some((name) => sorted.includes(name) && !UNSERVED.has(name));
}
