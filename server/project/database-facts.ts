import type { Connection } from '../drivers/driver.ts';
import type { DatabaseFacts, Project } from './project.ts';

/** The connected database's catalog, and which of the project's migrations it has. Errors: rejects with `DatabaseError`. */
export async function readDatabaseFacts(project: Project, connection: Connection): Promise<DatabaseFacts> {
  const { history } = project.adapter;
  const rows = await history.exists(connection) ? await history.read(connection) : [];
  return { catalog: await connection.catalog(), applied: new Set(rows.map((row) => row.id)), version: connection.versionNumber };
}
