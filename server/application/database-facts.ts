import type { Connection } from '../drivers/driver.ts';
import { withSizes } from '../model/size.ts';
import type { DatabaseFacts, Project } from './project.ts';

/** The connected database's catalog, and which of the project's migrations it has. Errors: rejects with `DatabaseError`. */
export async function readDatabaseFacts(project: Project, connection: Connection): Promise<DatabaseFacts> {
  const rows = await (await project.history.open(connection)).read(project);
  const { sizes, holders } = await connection.live();
  return {
    catalog: withSizes(await connection.catalog(), sizes),
    applied: new Set(rows.map((row) => row.id)),
    checksums: new Map(rows.flatMap((row) => (row.checksum === undefined ? [] : [[row.id, row.checksum] as const]))),
    version: connection.versionNumber,
    holders,
  };
}
