import type { Connection, Row } from '../drivers/driver.ts';
import { byEngine } from '../model/engine-id.ts';
import type { MigrationFile } from '../model/migration.ts';
import { quoted } from '../tools/blocks/history-table.ts';
import { TOOLS } from '../tools/registry.ts';
import { SHARED_TABLES, TELLING_TABLES } from '../tools/telling-tables.ts';
import type { StatusReport } from './report.ts';
import type { RunnerProject } from './runner.ts';

/** Rows of a table that are looked through for ids of the folder. */
const MOST_ROWS = 10_000;

/** A table that may be a history: of this project in another schema, or of another tool. */
interface FoundTable {
  /** Undefined where the product has none. */
  readonly schema: string | undefined;
  readonly name: string;
  readonly columns: readonly string[];
}

/** Characters from which an id is no number that any table may have. */
const TELLING = 4;

/** Whether a cell of a column is an id, from what an id may be of: a short number is one in a column of versions at the most. */
type IsTelling = (column: string, value: string) => boolean;

const ALONE: IsTelling = (_column, value) => value.length >= TELLING;
const IN_VERSION: IsTelling = (column, value) => ALONE(column, value) || /^version/i.test(column);

/**
 * What a database that has no history of the project has instead: its history in a schema where the session does not look, or
 * that of another tool. Either may mean that what is pending here has been applied long ago.
 *
 * Shape: problems that stop a run unless a person passes over them. Errors: rejects with `DatabaseError`.
 */
export async function otherHistories(
  project: RunnerProject,
  connection: Connection,
): Promise<StatusReport['problems']> {
  const own = project.history.table.slice(project.history.table.lastIndexOf('.') + 1);
  const names = [own, ...TELLING_TABLES.map(({ table }) => table), ...SHARED_TABLES];
  const found = await byEngine(connection.dialect, { postgresql: tablesOfPostgres, sqlite: tablesOfSqlite })(
    connection,
    names,
  );
  const told: string[] = [];
  for (const table of found) {
    if (table.name === own) {
      if (table.schema !== undefined && (await hasFolderRows(project, connection, table, IN_VERSION)))
        told.push(elsewhereWords(table.schema, own));
      continue;
    }
    if (SHARED_TABLES.includes(table.name)) {
      if (await hasFolderRows(project, connection, table, ALONE))
        told.push(
          `This database has migrations of this folder in ${nameOf(table)}, which is another tool's, and no history of ${project.tool.title}: connect to the project's own database or, where that tool has applied them, take its history over by "lockstep take-over TOOL", or mark them by "lockstep baseline".`,
        );
      continue;
    }
    const known = TELLING_TABLES.find(
      (each) => each.table === table.name && each.columns.every((column) => table.columns.includes(column)),
    );
    if (known !== undefined && known.title !== project.tool.title)
      told.push(
        `This database has the history of ${known.title} (${nameOf(table)}) and none of ${project.tool.title}: connect to the project's own database or, where ${known.title} has applied these migrations, ${takeOverWords(known.title)}.`,
      );
  }
  return told.map((message) => ({ path: null, message, stopsRuns: true }));
}

/** What makes this project's history say what the other one says: of tools whose projects are read, by their ids. */
function takeOverWords(title: string): string {
  const tool = TOOLS.find((each) => each.title === title);
  return tool === undefined
    ? 'mark them by "lockstep baseline"'
    : `take its history over by "lockstep take-over ${tool.id}"`;
}

function elsewhereWords(schema: string, table: string): string {
  const way = /^\w+$/.test(schema)
    ? `add "?options=-csearch_path%3D${schema}" to the URL`
    : 'put that schema on the search path';
  return `Migrations of this folder are in the history ${schema}.${table}, where this session does not look: ${way}, or they would be applied once more.`;
}

function nameOf({ schema, name }: FoundTable): string {
  return schema === undefined || schema === 'public' ? name : `${schema}.${name}`;
}

/** Tables that this role may read; the project's own name only where nobody chose for this session where to look. */
async function tablesOfPostgres(connection: Connection, names: readonly string[]): Promise<readonly FoundTable[]> {
  const [own] = names;
  const rows = await connection.query(
    `SELECT n.nspname AS schema, c.relname AS name,
            ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND c.relname = ANY ($1) AND n.nspname !~ '^pg_'
        AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
        AND (c.relname <> $2 OR (SELECT source FROM pg_settings WHERE name = 'search_path') <> 'client')
      ORDER BY n.nspname, c.relname`,
    [names, own],
  );
  return rows.map((row) => ({
    schema: String(row['schema']),
    name: String(row['name']),
    // The query makes a text array of it.
    columns: row['columns'] as readonly string[],
  }));
}

async function tablesOfSqlite(connection: Connection, names: readonly string[]): Promise<readonly FoundTable[]> {
  const rows = await connection.query(
    `SELECT s.name AS name, (SELECT json_group_array(c.name) FROM pragma_table_info(s.name) c) AS columns
       FROM sqlite_schema s WHERE s.type = 'table' AND s.name IN (SELECT value FROM json_each(?1)) ORDER BY s.name`,
    [JSON.stringify(names)],
  );
  return rows.map((row) => ({
    schema: undefined,
    name: String(row['name']),
    // The query makes an array of texts of it.
    columns: JSON.parse(String(row['columns'])) as readonly string[],
  }));
}

/** Whether a table has what some history keeps of a migration of the folder: its id, its file, its number. */
async function hasFolderRows(
  project: RunnerProject,
  connection: Connection,
  { schema, name }: FoundTable,
  isTelling: IsTelling,
): Promise<boolean> {
  const kept = new Set(project.migrations.migrations.flatMap(keptOf));
  const place = schema === undefined ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;
  const rows = await connection.query(`SELECT * FROM ${place} LIMIT ${MOST_ROWS}`);
  return rows.some((row: Row) =>
    Object.entries(row).some(([column, value]) => kept.has(String(value)) && isTelling(column, String(value))),
  );
}

function keptOf({ id, upPath }: MigrationFile): readonly string[] {
  const file = upPath.slice(upPath.lastIndexOf('/') + 1);
  return [id, file, ...(/^0*(\d+)/.exec(id)?.slice(1) ?? [])];
}
