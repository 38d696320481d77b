import { sqliteFold } from '../engines/sqlite/fold.ts';
import { SQLITE } from '../engines/sqlite/product.ts';
import { emptySchema, foldStatement } from '../model/fold/fold.ts';
import { objectKey } from '../model/names.ts';
import type { Operation } from '../model/operation.ts';
import type { Column, Origin, Relation, Schema } from '../model/schema.ts';
import type { Row } from './driver.ts';

/** Reads one statement, as the dialect's `parse` does; problems are of no use here. */
type ParseStatement = (sql: string) => { readonly operations: readonly Operation[] };

type RunQuery = (sql: string, parameters?: readonly unknown[]) => Promise<readonly Row[]>;

/** Larger files are not read whole only to learn how large each table is. */
const LARGEST_MEASURED_FILE_BYTES = 256 * 1024 * 1024;

const CATALOG: Origin = { fileIndex: -1 };

/** One row of sqlite_schema. */
interface StoredObject {
  readonly type: string;
  readonly name: string;
  readonly table: string;
  readonly sql: string;
}

/**
 * Schema of the main database of a connection.
 *
 * sqlite_schema keeps the text of every CREATE statement and brings it up to date with each ALTER TABLE, so that folding
 * these texts gives the schema; what the parser cannot read comes from `pragma_table_xinfo`, with `detailsKnown: false`.
 * Source: sqlite.org/schematab.html. `version` is in the form of `Target.version`.
 */
export async function readSqliteCatalog(query: RunQuery, parse: ParseStatement, version: number): Promise<Schema> {
  const objects = await readObjects(query);
  let schema = emptySchema(SQLITE, true);
  const fold = (object: StoredObject): boolean => {
    const next = foldStatement(sqliteFold, schema, parse(object.sql).operations, CATALOG, version);
    const isFolded = next !== schema;
    schema = next;
    return isFolded;
  };
  const ofType = (type: string): readonly StoredObject[] => objects.filter((object) => object.type === type);
  for (const table of ofType('table'))
    if (!fold(table)) schema = withRelation(schema, await unreadRelation(query, table));
  for (const index of ofType('index')) fold(index);
  for (const view of inReadingOrder(ofType('view'), parse))
    if (!fold(view)) schema = withRelation(schema, await unreadRelation(query, view));
  for (const trigger of ofType('trigger')) if (!fold(trigger)) schema = withUnknownDetails(schema, trigger.table);
  const sizes = await readSizes(
    query,
    ofType('table').map((table) => table.name),
  );
  let relations = schema.relations;
  for (const object of objects) {
    const key = objectKey('main', object.name);
    const relation = relations.get(key);
    if (relation === undefined || (object.type !== 'table' && object.type !== 'view')) continue;
    const size = sizes.get(object.name);
    const columns = relation.columnsKnown ? relation.columns : await readColumns(query, object.name);
    relations = relations.set(key, {
      ...relation,
      columns,
      columnsKnown: relation.columnsKnown || columns.length > 0,
      sql: object.sql,
      ...(size === undefined ? {} : { size }),
    });
  }
  const { links: _links, transactions: _transactions, ...facts } = schema;
  return { ...facts, relations };
}

async function readObjects(query: RunQuery): Promise<readonly StoredObject[]> {
  // SQLite's own tables have no text of a user's, and indexes of keys have none at all.
  const rows = await query(
    "SELECT type, name, tbl_name, sql FROM main.sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid",
  );
  return rows.map((row) => ({
    type: String(row['type']),
    name: String(row['name']),
    table: String(row['tbl_name']),
    sql: String(row['sql']),
  }));
}

/** Views behind those that they read. */
function inReadingOrder(views: readonly StoredObject[], parse: ParseStatement): readonly StoredObject[] {
  const names = new Set(views.map((view) => view.name.toLowerCase()));
  const ordered: StoredObject[] = [];
  const done = new Set<string>();
  let waiting = views.map((view) => ({
    view,
    reads: parse(view.sql)
      .operations.flatMap((operation) =>
        operation.kind === 'create-view' ? operation.query.reads.map((read) => read.relation.name.toLowerCase()) : [],
      )
      .filter((name) => names.has(name) && name !== view.name.toLowerCase()),
  }));
  while (waiting.length > 0) {
    const ready = waiting.filter((entry) => entry.reads.every((name) => done.has(name)));
    // A circle cannot be read either; SQLite keeps such views until somebody selects from one.
    const next = ready.length > 0 ? ready : waiting;
    for (const entry of next) {
      ordered.push(entry.view);
      done.add(entry.view.name.toLowerCase());
    }
    waiting = waiting.filter((entry) => !next.includes(entry));
  }
  return ordered;
}

function withRelation(schema: Schema, relation: Relation): Schema {
  const { links: _, ...facts } = schema;
  return { ...facts, relations: schema.relations.set(objectKey(relation.schema, relation.name), relation) };
}

function withUnknownDetails(schema: Schema, table: string): Schema {
  for (const relation of schema.relations.values())
    if (relation.name.toLowerCase() === table.toLowerCase())
      return withRelation(schema, { ...relation, detailsKnown: false });
  return schema;
}

/** A table or view whose text the parser could not read, as far as SQLite itself tells. */
async function unreadRelation(query: RunQuery, object: StoredObject): Promise<Relation> {
  const columns = await readColumns(query, object.name);
  return {
    kind: object.type === 'view' ? 'view' : 'table',
    schema: 'main',
    name: object.name,
    origin: CATALOG,
    persistence: 'permanent',
    columns,
    columnsKnown: columns.length > 0,
    constraints: [],
    detailsKnown: false,
    triggers: [],
    policies: [],
    rules: [],
    rowSecurity: false,
    inherits: [],
    dependsOn: [],
  };
}

/** Columns by pragma_table_xinfo: names, types and NOT NULL; empty where SQLite cannot tell, as of a broken view. */
async function readColumns(query: RunQuery, table: string): Promise<readonly Column[]> {
  let rows: readonly Row[];
  try {
    rows = await query(
      `SELECT name, type, "notnull" AS required, hidden FROM pragma_table_xinfo('${table.replaceAll("'", "''")}')`,
    );
  } catch {
    // A view over a table that is gone, or a virtual table whose module this SQLite does not have.
    return [];
  }
  // 1 is a virtual table's hidden column, which is no column for those who select a star.
  return rows
    .filter((row) => Number(row['hidden']) !== 1)
    .map((row) => {
      const type = String(row['type'] ?? '');
      return {
        name: String(row['name']),
        ...(type === '' ? {} : { type: { name: type, modifiers: [], arrayDimensions: 0, display: type } }),
        notNull: Number(row['required']) === 1,
        origin: CATALOG,
        isLocal: true,
      };
    });
}

/**
 * Rows and bytes of each table, its indexes included; tables of which neither is known are left out.
 *
 * Rows: what ANALYZE counted, or the largest rowid, which is exact for a table that nothing was deleted from. Bytes: the
 * pages by `dbstat` where it is compiled in and the file is small enough, else the file shared out by rows.
 */
async function readSizes(
  query: RunQuery,
  tables: readonly string[],
): Promise<ReadonlyMap<string, { readonly rows: number; readonly bytes: number }>> {
  const [file] = await query(
    'SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size) AS bytes',
  );
  const fileBytes = Number(file?.['bytes'] ?? 0);
  const counted = await readStatistics(query);
  const rows = new Map<string, number>();
  for (const table of tables) {
    const count = counted.get(table) ?? (await readLargestRowid(query, table));
    if (count !== undefined) rows.set(table, count);
  }
  const measured = fileBytes <= LARGEST_MEASURED_FILE_BYTES ? await readPages(query) : undefined;
  const total = [...rows.values()].reduce((sum, count) => sum + count, 0);
  return new Map(
    [...rows].map(([table, count]) => [
      table,
      { rows: count, bytes: measured?.get(table) ?? Math.round(fileBytes * (total === 0 ? 0 : count / total)) },
    ]),
  );
}

/** First number of `sqlite_stat1.stat`: rows in the index, or in the table where `idx` is NULL. Partial indexes have fewer. */
async function readStatistics(query: RunQuery): Promise<ReadonlyMap<string, number>> {
  const [exists] = await query("SELECT 1 AS found FROM main.sqlite_master WHERE name = 'sqlite_stat1'");
  if (exists === undefined) return new Map();
  const counts = new Map<string, number>();
  for (const row of await query('SELECT tbl, stat FROM main.sqlite_stat1')) {
    const count = Number.parseInt(String(row['stat'] ?? ''), 10);
    const table = String(row['tbl']);
    if (!Number.isNaN(count)) counts.set(table, Math.max(count, counts.get(table) ?? 0));
  }
  return counts;
}

async function readLargestRowid(query: RunQuery, table: string): Promise<number | undefined> {
  try {
    const [row] = await query(`SELECT max(rowid) AS largest FROM main."${table.replaceAll('"', '""')}"`);
    return Math.max(0, Number(row?.['largest'] ?? 0));
  } catch {
    // WITHOUT ROWID tables have none, and a virtual table's module may be missing: then the number is not known.
    return undefined;
  }
}

async function readPages(query: RunQuery): Promise<ReadonlyMap<string, number> | undefined> {
  try {
    const rows = await query(
      'SELECT s.tbl_name AS name, sum(d.pgsize) AS bytes FROM dbstat AS d JOIN main.sqlite_master AS s ON s.name = d.name WHERE d.aggregate = TRUE GROUP BY s.tbl_name',
    );
    return new Map(rows.map((row) => [String(row['name']), Number(row['bytes'])]));
  } catch {
    // SQLite is compiled without SQLITE_ENABLE_DBSTAT_VTAB here and there.
    return undefined;
  }
}
