import type { Expression } from '../expression.ts';
import { resolveTypeName, sameName } from '../lookup.ts';
import { displayName, objectKey } from '../names.ts';
import type { ColumnDefinition } from '../operation.ts';
import type { Column, Relation } from '../schema.ts';
import type { TypeName } from '../type-name.ts';
import { withoutAnnotations } from './annotations.ts';
import { chooseRelationName } from './constraint-names.ts';
import type { Draft } from './draft.ts';

const SERIAL_TYPES: Readonly<Record<'smallserial' | 'serial' | 'bigserial', TypeName>> = {
  smallserial: { name: 'int2', modifiers: [], arrayDimensions: 0, display: 'smallint' },
  serial: { name: 'int4', modifiers: [], arrayDimensions: 0, display: 'integer' },
  bigserial: { name: 'int8', modifiers: [], arrayDimensions: 0, display: 'bigint' },
};

/** PostgreSQL major from which the sequences of an unlogged table are unlogged too. */
export const UNLOGGED_SEQUENCE_VERSION = 15;

/** Where a column's table is, or will be. */
interface Table {
  readonly schema: string;
  readonly name: string;
  readonly persistence: Relation['persistence'];
}

/** The column of a definition; for serial and identity the sequence is made too. NOT NULL is set, its constraint is not. */
export function buildColumn(draft: Draft, table: Table, definition: ColumnDefinition): Column {
  const type = definition.serial === undefined ? definition.type : SERIAL_TYPES[definition.serial];
  let { default: value } = definition;
  if (definition.serial !== undefined)
    value = nextvalOf(addOwnedSequence(draft, table, definition.name, type?.name ?? 'int8', false), definition);
  else if (definition.identity !== undefined)
    addOwnedSequence(draft, table, definition.name, type?.name ?? 'int8', true);
  const resolved = type === undefined ? undefined : resolveTypeName(draft, type);
  if (value !== undefined && !isKeptDefault(draft, resolved, value)) value = undefined;
  return {
    name: definition.name,
    ...(resolved === undefined ? {} : { type: resolved }),
    notNull:
      definition.notNull !== undefined ||
      definition.serial !== undefined ||
      definition.identity !== undefined ||
      definition.constraints.some((constraint) => constraint.kind === 'not-null' && constraint.notValid !== true),
    ...(value === undefined ? {} : { default: value }),
    ...(definition.identity === undefined
      ? {}
      : { identity: definition.identity.always ? ('always' as const) : ('by-default' as const) }),
    ...(definition.generated === undefined ? {} : { generated: definition.generated }),
    ...(definition.collation === undefined ? {} : { collation: definition.collation }),
    ...(definition.storage === undefined ? {} : { storage: definition.storage }),
    ...(definition.compression === undefined ? {} : { compression: definition.compression }),
    origin: draft.origin,
    isLocal: true,
  };
}

/** Whether a default is one that PostgreSQL keeps: a plain NULL is none, unless the type adds a cast to it. */
export function isKeptDefault(draft: Draft, type: TypeName | undefined, value: Expression): boolean {
  if (
    draft.product.catalog.keepsNullDefault ||
    value.tree.kind !== 'literal' ||
    value.tree.value !== null ||
    type === undefined
  )
    return true;
  const isDomain =
    type.schema !== undefined &&
    type.arrayDimensions === 0 &&
    draft.types.get(objectKey(type.schema, type.name))?.kind === 'domain';
  return isDomain || type.modifiers.length > 0;
}

/** Makes the sequence of a serial or identity column and gives its schema and name. */
export function addOwnedSequence(
  draft: Draft,
  table: Table,
  column: string,
  dataType: string,
  identity: boolean,
): { readonly schema: string; readonly name: string } {
  const name = chooseRelationName(draft, table.schema, table.name, column, 'seq', false);
  draft.putSequence({
    schema: table.schema,
    name,
    ownedBy: { relationKey: objectKey(table.schema, table.name), column },
    identity,
    persistence:
      table.persistence === 'unlogged' && draft.version < UNLOGGED_SEQUENCE_VERSION ? 'permanent' : table.persistence,
    dataType,
    origin: draft.origin,
  });
  return { schema: table.schema, name };
}

function nextvalOf(
  sequence: { readonly schema: string; readonly name: string },
  definition: ColumnDefinition,
): Expression {
  const name = displayName(sequence);
  return {
    text: `nextval('${name.replaceAll("'", "''")}'::regclass)`,
    span: definition.span,
    tree: {
      kind: 'call',
      name: 'nextval',
      operands: [
        {
          kind: 'cast',
          type: { name: 'regclass', modifiers: [], arrayDimensions: 0, display: 'regclass' },
          operands: [{ kind: 'literal', value: name }],
        },
      ],
    },
  };
}

/** What a child takes over of a parent's column: all but its identity, which only partitions share, from PostgreSQL 17, and a NOT NULL that says NO INHERIT. */
export function inheritedColumn(draft: Draft, column: Column, isPartition: boolean, parent?: Relation): Column {
  const { identity, ...rest } = withoutAnnotations(column);
  const isShared = isPartition && identity !== undefined && draft.version >= 17;
  const isOwn =
    parent?.constraints.some(
      (constraint) => constraint.kind === 'not-null' && constraint.noInherit && constraint.columns[0] === column.name,
    ) === true;
  return {
    ...rest,
    ...(isShared ? { identity } : {}),
    ...(isOwn ? { notNull: false } : {}),
    origin: draft.origin,
    isLocal: false,
  };
}

export function hasColumn(draft: Draft, relation: Relation, name: string): boolean {
  return relation.columns.some((column) => sameName(draft.product, column.name, name));
}
