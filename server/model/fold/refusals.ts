import { walkExpression, type ExpressionTree } from '../expression.ts';
import { isSystemColumn, objectKey } from '../names.ts';
import type { TableActionDetail } from '../operation.ts';
import type { Constraint, Relation, Schema } from '../schema.ts';
import type { TypeName } from '../type-name.ts';
import type { Draft } from './draft.ts';

/** Whether an expression over one table names a column that the table surely lacks. */
export function namesMissingColumn(relation: Relation, tree: ExpressionTree | undefined): boolean {
  if (tree === undefined || !relation.columnsKnown) return false;
  const nodes = [...walkExpression(tree)];
  // Inside a subquery names may stand for columns of other tables.
  if (nodes.some((node) => node.kind === 'subquery')) return false;
  return nodes.some((node) => {
    const [name] = node.kind === 'column' && node.path.length === 1 ? node.path : [];
    return (
      name !== undefined &&
      name !== relation.name &&
      !isSystemColumn(name) &&
      !relation.columns.some((column) => column.name === name)
    );
  });
}

const ON_VIEWS: readonly TableActionDetail['kind'][] = [
  'rename-column',
  'set-default',
  'drop-default',
  'change-owner',
  'set-storage-parameters',
  'reset-storage-parameters',
  'other-table-action',
  'toggle-rule',
];
const ON_MATERIALIZED_VIEWS: readonly TableActionDetail['kind'][] = [
  'rename-column',
  'change-owner',
  'set-storage-parameters',
  'reset-storage-parameters',
  'other-table-action',
  'set-statistics',
  'set-storage',
  'set-compression',
  'set-column-options',
  'cluster-on',
  'set-without-cluster',
  'set-tablespace',
  'set-access-method',
];

/** Whether PostgreSQL has an ALTER TABLE action for the kind of relation; what a relation of unknown form is, is not known. */
export function allowsAction(relation: Relation, kind: TableActionDetail['kind']): boolean {
  if (!relation.detailsKnown) return true;
  if (relation.kind === 'view') return ON_VIEWS.includes(kind);
  return relation.kind !== 'materialized-view' || ON_MATERIALIZED_VIEWS.includes(kind);
}

/** Groups of types that compare with each other; source: pg_amop's cross-type operators of the B-tree families. */
const COMPARABLE: Readonly<Record<string, string>> = {
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  numeric: 'numeric',
  float4: 'float',
  float8: 'float',
  text: 'text',
  varchar: 'text',
  bpchar: 'text',
  name: 'text',
  date: 'time',
  timestamp: 'time',
  timestamptz: 'time',
  uuid: 'uuid',
  bool: 'bool',
  bytea: 'bytea',
  jsonb: 'jsonb',
};

/** Groups whose values are made ones of another group without a cast being written. */
const IMPLICIT: Readonly<Record<string, readonly string[]>> = { integer: ['numeric', 'float'], numeric: ['float'] };

/** Where types that users made are looked up. */
type Types = Pick<Schema, 'types'>;

function groupOf(draft: Types, type: TypeName | undefined): string | undefined {
  if (type === undefined) return undefined;
  if (type.arrayDimensions > 0) {
    const element = groupOf(draft, { ...type, arrayDimensions: 0 });
    return element === undefined ? undefined : `${type.name}[]`;
  }
  if (type.schema === undefined) return COMPARABLE[type.name];
  const own = draft.types.get(objectKey(type.schema, type.name));
  if (own?.kind === 'enum') return `enum ${type.schema}.${type.name}`;
  return own?.domain === undefined ? undefined : groupOf(draft, own.domain.base);
}

/** Whether a foreign key can be: a unique index without conditions over the target's columns, types that compare, no target that is less lasting. */
export function foreignKeyFits(
  draft: Draft,
  relation: Relation,
  constraint: Pick<Constraint, 'columns' | 'references' | 'period'>,
): boolean {
  const { references } = constraint;
  const target = references === undefined ? undefined : draft.relations.get(references.key);
  if (references === undefined || target === undefined) return true;
  const wanted = [...references.columns].sort().join('\u0000');
  const isUnique = draft.indexesOf(references.key).some(
    (index) =>
      index.unique &&
      index.where === undefined &&
      index.elements.every((element) => element.column !== undefined) &&
      index.elements
        .map((element) => element.column ?? '')
        .sort()
        .join('\u0000') === wanted,
  );
  if (
    target.kind === 'view' ||
    target.kind === 'materialized-view' ||
    (target.detailsKnown && !isUnique && references.columns.length > 0)
  )
    return false;
  const lasting = { permanent: 2, unlogged: 1, temporary: 0 } as const;
  if (
    relation.persistence === 'temporary'
      ? target.persistence !== 'temporary'
      : lasting[target.persistence] < lasting[relation.persistence]
  )
    return false;
  if (constraint.columns.length !== references.columns.length) return references.columns.length === 0;
  return constraint.columns.every((name, place) => {
    return (
      comparableTypes(
        draft,
        relation.columns.find((column) => column.name === name)?.type,
        target.columns.find((column) => column.name === references.columns[place])?.type,
      ) !== false
    );
  });
}

/** Whether a foreign key can hold values of one type and point at values of another; undefined where it is not known. */
export function comparableTypes(
  types: Types,
  referencing: TypeName | undefined,
  referenced: TypeName | undefined,
): boolean | undefined {
  const from = groupOf(types, referencing);
  const to = groupOf(types, referenced);
  return from === undefined || to === undefined ? undefined : from === to || IMPLICIT[from]?.includes(to) === true;
}

/** Whether two types are surely not the same one in the catalog. */
export function typesDiffer(left: TypeName | undefined, right: TypeName | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  return (
    left.name !== right.name ||
    left.arrayDimensions !== right.arrayDimensions ||
    (left.schema !== undefined && right.schema !== undefined && left.schema !== right.schema) ||
    (left.name !== 'numeric' && left.modifiers.join() !== right.modifiers.join())
  );
}
