import { escapePattern } from '../core/escape-pattern.ts';
import { findFunction, findRelation } from './lookup.ts';
import { displayName, type ObjectName } from './names.ts';
import type { Operation, Query } from './operation.ts';
import type { Relation, Schema } from './schema.ts';

/** A function whose body names something that the database does not follow. */
export interface NamingBody {
  readonly schema: string;
  readonly name: string;
  /** For people. */
  readonly shown: string;
  /** The whole statement that makes it; absent where its text is not known. */
  readonly sql?: string;
  /** The trigger of the table that runs it, and what fires that. */
  readonly trigger?: { readonly name: string; readonly events: readonly string[] };
}

/**
 * Functions whose bodies name a column of a table: `NEW.c` and `OLD.c` in functions of its triggers, and statements over the
 * table in all others. What a body says of other tables' columns of that name does not count.
 */
export function bodiesNamingColumn(schema: Schema, relation: Relation, column: string): readonly NamingBody[] {
  const found = new Map<string, NamingBody>();
  for (const trigger of relation.triggers) {
    const body = functionOf(schema, trigger.function);
    if (body?.sql === undefined || !rowMentions(body.sql, column)) continue;
    found.set(body.shown, { ...body, trigger: { name: trigger.name, events: trigger.events } });
  }
  for (const body of allBodies(schema)) {
    if (found.has(body.shown)) continue;
    if (body.operations.some((operation) => mentions(operation, schema, relation, column)))
      found.set(body.shown, withoutOperations(body));
  }
  return [...found.values()];
}

/** Functions whose bodies have statements over a table. */
export function bodiesNamingTable(schema: Schema, relation: Relation): readonly NamingBody[] {
  return allBodies(schema)
    .filter(({ operations }) =>
      operations.some((operation) => relationsOf(operation).some((name) => findRelation(schema, name) === relation)),
    )
    .map(withoutOperations);
}

/** Where a body says `NEW.c` or `OLD.c`. */
export function rowReference(column: string): RegExp {
  const escaped = escapePattern(column);
  const bare = column === column.toLowerCase() ? `|${escaped}(?![\\p{L}\\p{N}_$])` : '';
  return new RegExp(
    `(?<![\\p{L}\\p{N}_$".])(new|old)(\\s*\\.\\s*)(?:"${escaped.replaceAll('"', '""')}"${bare})`,
    'giu',
  );
}

const ANY_ROW_REFERENCE = /(?<![\p{L}\p{N}_$".])(?:new|old)\s*\.\s*(?:"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*))/giu;

/** Columns of the row that the body of a trigger function names, as the catalog spells them. */
export function rowColumnsOf(sql: string): ReadonlySet<string> {
  return new Set(
    [...uncommented(sql).matchAll(ANY_ROW_REFERENCE)].map(([, quoted, bare]) =>
      quoted === undefined ? (bare ?? '').toLowerCase() : quoted.replaceAll('""', '"'),
    ),
  );
}

/** A trigger whose function reads a column that its table does not have: every write that fires it fails. */
export interface BrokenTrigger {
  readonly relation: Relation;
  readonly trigger: string;
  /** For people. */
  readonly function: string;
  readonly column: string;
}

/** Triggers of a schema that fail when they fire, as far as the texts of their functions are known. */
export function brokenTriggers(schema: Schema): readonly BrokenTrigger[] {
  return [...schema.relations.values()].flatMap((relation) =>
    relation.columnsKnown
      ? relation.triggers.flatMap((trigger) => {
          const body = trigger.forEachRow ? functionOf(schema, trigger.function) : undefined;
          return [...rowColumnsOf(body?.sql ?? '')].flatMap((column) =>
            relation.columns.some(({ name }) => name === column)
              ? []
              : [{ relation, trigger: trigger.name, function: body?.shown ?? '', column }],
          );
        })
      : [],
  );
}

function uncommented(sql: string): string {
  return sql.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ');
}

function rowMentions(sql: string, column: string): boolean {
  return rowReference(column).test(uncommented(sql));
}

interface Body extends NamingBody {
  readonly operations: readonly Operation[];
}

function withoutOperations({ operations: _operations, ...body }: Body): NamingBody {
  return body;
}

function allBodies(schema: Schema): readonly Body[] {
  return [...schema.functions.values()].flatMap((made) =>
    made.overloads.flatMap((overload) =>
      overload.body === undefined || overload.sql === undefined
        ? []
        : [
            {
              schema: made.schema,
              name: made.name,
              shown: displayName({ name: made.name }),
              sql: overload.sql,
              operations: overload.body,
            },
          ],
    ),
  );
}

function functionOf(schema: Schema, written: string | undefined): NamingBody | undefined {
  const [first, second] = written?.split('.') ?? [];
  if (first === undefined) return undefined;
  const made = findFunction(schema, second === undefined ? { name: first } : { schema: first, name: second });
  const sql = made?.overloads.find(({ returnsTrigger }) => returnsTrigger)?.sql;
  return made === undefined
    ? undefined
    : {
        schema: made.schema,
        name: made.name,
        shown: displayName({ name: made.name }),
        ...(sql === undefined ? {} : { sql }),
      };
}

type Written = Pick<ObjectName, 'schema' | 'name'>;
type Names = Parameters<typeof findRelation>[0];

function queryOf(operation: Operation): Query | undefined {
  return 'query' in operation ? operation.query : undefined;
}

/** Tables that a statement of a body changes or reads. */
export function relationsOf(operation: Operation): readonly Written[] {
  const own =
    operation.kind === 'insert-rows' ||
    operation.kind === 'update-rows' ||
    operation.kind === 'delete-rows' ||
    operation.kind === 'merge-rows'
      ? [operation.relation]
      : [];
  return [...own, ...(queryOf(operation)?.reads.map(({ relation }) => relation) ?? [])];
}

/** Columns of a table that a statement of a body names. */
export function columnsNamed(operation: Operation, schema: Names, relation: Relation): readonly string[] {
  return relation.columns.flatMap(({ name }) => (mentions(operation, schema, relation, name) ? [name] : []));
}

function mentions(operation: Operation, schema: Names, relation: Relation, column: string): boolean {
  const named = relationsOf(operation).map((name) => findRelation(schema, name));
  if (!named.includes(relation)) return false;
  if (
    (operation.kind === 'insert-rows' || operation.kind === 'update-rows') &&
    findRelation(schema, operation.relation) === relation &&
    operation.columns?.includes(column) === true
  )
    return true;
  const others = named.filter((other) => other !== relation);
  const isOnlyOne = !others.some((other) => other === undefined || other.columns.some(({ name }) => name === column));
  return (queryOf(operation)?.columns ?? []).some(({ qualifier, name }) => {
    if (name !== column || qualifier === 'new' || qualifier === 'old' || qualifier === 'excluded') return false;
    return qualifier === relation.name || isOnlyOne;
  });
}
