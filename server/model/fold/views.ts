import { findRelation, searchSchemas, type SchemaView } from '../lookup.ts';
import { isSystemColumn, isSystemName, objectKey } from '../names.ts';
import type { CreateView, Query } from '../operation.ts';
import type { Known, Relation } from '../schema.ts';
import type { Draft } from './draft.ts';
import { calledFunctions, withCalls } from './called-functions.ts';
import { starredRelations } from '../starred-relations.ts';
import { outputColumns } from './output-columns.ts';
import { unknownParts } from './relations.ts';

/** CREATE VIEW and CREATE MATERIALIZED VIEW. */
export function createView(draft: Draft, operation: CreateView): void {
  const dependsOn = readRelations(draft, operation.query);
  // A view over a temporary table is temporary itself.
  const isTemporary = operation.temporary || dependsOn.some((read) => read.key.startsWith('pg_temp\u0000'));
  const schema = draft.schemaFor(operation.relation.schema, isTemporary);
  if (schema === undefined) return;
  const { name } = operation.relation;
  const key = objectKey(schema, name);
  const kind = operation.kind === 'create-view' ? 'view' : 'materialized-view';
  const existing = draft.relations.get(key);
  const isReplaced = existing !== undefined && operation.orReplace && existing.kind === 'view' && kind === 'view';
  if (draft.isTaken(schema, name) && !isReplaced) {
    if (!operation.ifNotExists) draft.refuseTaken(schema, name);
    return;
  }
  if (
    draft.product.catalog.checksDefinitions &&
    draft.isComplete &&
    operation.query.reads.some((read) => isMissing(draft, read.relation, operation))
  )
    return draft.refuse();
  if (draft.product.catalog.checksDefinitions && namesMissingColumn(draft, operation.query))
    return draft.refuse('The query names a column that the table does not have.');
  const { columns, columnsKnown } = outputColumns(draft, operation.columns, operation.query);
  const keepsColumns =
    !columnsKnown ||
    existing === undefined ||
    !existing.columnsKnown ||
    existing.columns.every((column, place) => columns[place]?.name === column.name);
  if (!keepsColumns)
    return draft.refuse(
      `CREATE OR REPLACE VIEW takes no column of ${name} away, and moves or renames none: new columns go to the end. Drop the view and create it again in one transaction.`,
    );
  const computed = kind === 'view' ? draft.rules.outputTypes?.(operation.query, draft.base, draft.version) : undefined;
  const view: Relation = {
    ...unknownParts(draft, schema, name),
    kind,
    persistence: isTemporary ? 'temporary' : 'permanent',
    columns: columns.map((column, place) => {
      const computedType = column.type === undefined ? computed?.[place] : undefined;
      return computedType === undefined ? column : { ...column, computedType };
    }),
    columnsKnown,
    detailsKnown: true,
    dependsOn,
    viewText: operation.query.text,
    ...(operation.sql === undefined ? {} : { definition: [operation.sql] }),
    ...(existing === undefined || !isReplaced
      ? {}
      : {
          triggers: existing.triggers,
          ...(existing.rights === undefined ? {} : { rights: existing.rights }),
          rules: existing.rules,
          ...(existing.ruleActions === undefined ? {} : { ruleActions: existing.ruleActions }),
        }),
  };
  const unknown = operation.query.reads.flatMap(({ relation }) =>
    findRelation(draft, relation) === undefined ? [relation] : [],
  );
  draft.putRelation(
    withCalls(view, { kind: 'view', name: '' }, calledFunctions(draft, [...operation.query.functions, ...unknown])),
  );
}

/** Whether a view reads what does not exist; names in the system's schemas, and the view's own, are not looked for. */
function isMissing(
  draft: Draft,
  name: { readonly schema?: string; readonly name: string },
  operation: CreateView,
): boolean {
  if (findRelation(draft, name) !== undefined) return false;
  if (operation.recursive && name.name === operation.relation.name) return false;
  // Sequences can be read, composite functions too; system views have no schema in most texts.
  const schemas = searchSchemas(draft, name.schema);
  const isGone = schemas.some((schema) => draft.dropped.has(objectKey(schema, name.name)));
  return (
    !isSystemName(name) &&
    !schemas.some((schema) => draft.sequences.has(objectKey(schema, name.name))) &&
    (isGone || draft.extensions.length === 0)
  );
}

/** A query of one relation and nothing but its columns: only there every name must be a column. */
const PLAIN_QUERY = /^\s*select\s+[\w\s,".]+?\s+from\s+[\w".]+\s*$/i;
function namesMissingColumn(draft: Draft, query: Query): boolean {
  const [read] = query.reads;
  const relation =
    read === undefined || query.reads.length > 1 || !PLAIN_QUERY.test(query.text)
      ? undefined
      : findRelation(draft, read.relation);
  if (relation?.columnsKnown !== true) return false;
  return query.columns.some(
    ({ name }) =>
      name !== '*' &&
      !isSystemColumn(name) &&
      name !== relation.name &&
      !relation.columns.some((column) => column.name === name),
  );
}

/** Relations that a query reads, with the columns that it must be naming where that can be told. */
export function readRelations(draft: SchemaView, query: Query): Relation['dependsOn'] {
  const relations = query.reads.flatMap((read) => findRelation(draft, read.relation) ?? []);
  const unique = [
    ...new Map(relations.map((relation) => [objectKey(relation.schema, relation.name), relation])).entries(),
  ];
  return unique.map(([key, relation]) => ({
    key,
    columns: columnsRead(
      relation,
      unique.map(([, other]) => other),
      query,
      draft,
    ),
  }));
}

/**
 * Columns of a relation that a query names, or `unknown` where a name may belong to more than one relation: behind an
 * alias, where what it stands for is not known either.
 */
function columnsRead(
  relation: Relation,
  all: readonly Relation[],
  query: Query,
  schema: SchemaView,
): Known<readonly string[]> {
  if (!relation.columnsKnown) return 'unknown';
  const isOnly = all.length === 1 && query.reads.length === 1;
  const names = new Set<string>();
  const hasStar = !isOnly && query.columns.some(({ name }) => name === '*');
  const starred = hasStar && query.tree !== undefined ? starredRelations(query.tree, schema) : undefined;
  // Of all of them no name is in doubt.
  if (starred?.has(relation) === true) return relation.columns.map(({ name }) => name);
  for (const column of query.columns) {
    if (column.name === '*') {
      const isOther = !isOnly && starred?.has(relation) === false;
      if (isOther) continue;
      const mayBeOther = !isOnly && column.qualifier !== undefined && column.qualifier !== relation.name;
      if (starred === undefined && mayBeOther) return 'unknown';
      for (const own of relation.columns) names.add(own.name);
      continue;
    }
    if (!relation.columns.some((own) => own.name === column.name)) continue;
    const isShared = all.some(
      (other) => other !== relation && (!other.columnsKnown || other.columns.some((own) => own.name === column.name)),
    );
    if (isShared && column.qualifier !== relation.name) {
      if (column.qualifier !== undefined && all.some((other) => other.name === column.qualifier)) continue;
      const meant = column.qualifier === undefined ? [] : meantBy(query, column.qualifier, column.name, schema);
      if (meant.length === 0) return 'unknown';
      if (!meant.includes(relation)) continue;
    }
    names.add(column.name);
  }
  return [...names];
}

/** The relations that a name in front of a column stands for, where it is known of each place that has it. */
function meantBy(query: Query, qualifier: string, name: string, schema: SchemaView): readonly Relation[] {
  return (query.needs ?? [])
    .filter((need) => need.qualifier === qualifier && need.name === name)
    .flatMap(({ among }) => {
      const [only] = among;
      return only === undefined || among.length > 1 ? [] : (findRelation(schema, only) ?? []);
    });
}
