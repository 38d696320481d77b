import type { Connection } from '../drivers/driver.ts';
import { sizesIn, withSizes } from '../model/size.ts';
import type { AppliedMigration } from '../tools/history.ts';
import type { DatabaseFacts, Project, ServerFacts } from './project.ts';

/** The connected database's catalog, and which of the project's migrations it has. Errors: rejects with `DatabaseError`. */
export async function readDatabaseFacts(project: Project, connection: Connection): Promise<DatabaseFacts> {
  const rows = await (await project.history.open(connection)).read(project);
  const { sizes, holders } = await connection.live();
  return {
    catalog: withSizes(await connection.catalog(), sizes),
    applied: appliedIds(project, rows),
    checksums: new Map(rows.flatMap((row) => (row.checksum === undefined ? [] : [[row.id, row.checksum] as const]))),
    version: connection.versionNumber,
    holders,
  };
}

/** A database's version and the sizes of its tables. Errors: rejects with `DatabaseError`. */
export async function readServerFacts(connection: Connection): Promise<ServerFacts> {
  const { sizes } = await connection.live();
  // Some products tell sizes with the catalog.
  const known = sizes.size > 0 ? sizes : sizesIn(await connection.catalog());
  return { version: connection.versionNumber, sizes: known };
}

/** What the database has: what was run, what a baseline stands for, and no repeatable migration that has changed since. */
function appliedIds(project: Project, rows: readonly AppliedMigration[]): ReadonlySet<string> {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const baseline = rows.findLast((row) => row.isBaseline === true);
  return new Set(
    [
      ...rows.filter((row) => row.isBaseline !== true).map((row) => row.id),
      ...project.migrations.migrations
        .filter(
          (migration) =>
            migration.kind === 'versioned' &&
            baseline !== undefined &&
            project.format.compareIds(migration.id, baseline.id) <= 0,
        )
        .map((migration) => migration.id),
    ].filter((id) => {
      const migration = project.migrations.migrations.find(
        (candidate) => candidate.id === id && candidate.kind === 'repeatable',
      );
      const stored = byId.get(id)?.checksum;
      return (
        migration === undefined ||
        stored === undefined ||
        project.history.checksums(migration, project).includes(stored)
      );
    }),
  );
}
