import type Database from 'better-sqlite3';
import type { OpenedExample } from './rule-check.ts';

/** What a database looks like from outside: tables and their kinds, columns in order, indexes, foreign keys, views and triggers. */
export function catalogOf(database: Database.Database): string {
  const all = (sql: string): readonly unknown[] => database.prepare(sql).all();
  return JSON.stringify(
    [
      all("SELECT name, type, tbl_name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name"),
      all(
        "SELECT name, strict, wr FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' ORDER BY name",
      ),
      all(
        'SELECT t.name AS "table", c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden FROM pragma_table_list t, pragma_table_xinfo(t.name) c WHERE t.schema = \'main\' AND t.name NOT LIKE \'sqlite_%\' ORDER BY t.name, c.cid',
      ),
      all(
        'SELECT t.name AS "table", i.name, i."unique", i.origin, i.partial, x.name AS column, x."desc", x.coll FROM pragma_table_list t, pragma_index_list(t.name) i, pragma_index_xinfo(i.name) x WHERE t.schema = \'main\' ORDER BY t.name, i.name, x.seqno',
      ),
      all(
        'SELECT t.name AS "table", f.* FROM pragma_table_list t, pragma_foreign_key_list(t.name) f WHERE t.schema = \'main\' ORDER BY t.name, f.id, f.seq',
      ),
    ],
    undefined,
    1,
  );
}

/** Runs one half of a step as the runner does. */
export function runHalf(
  database: Database.Database,
  example: OpenedExample,
  path: string,
  direction: 'up' | 'down',
): void {
  const text = example.project.textOf(path) ?? '';
  const section = example.project.layoutOf(path).sections.find((candidate) => candidate.direction === direction);
  if (section === undefined) throw new Error(`no ${direction} half in ${path}`);
  const isWrapped = section.transaction === 'one';
  if (isWrapped) database.exec('BEGIN IMMEDIATE');
  for (const statement of example.project.engine.split(text, section.span)) database.exec(statement.text);
  if (isWrapped) database.exec('COMMIT');
}
