import { DatabaseError, type Row } from '../../drivers/driver.ts';
import type { EngineId } from '../../model/engine-id.ts';
import type { MigrationFile } from '../../model/migration.ts';
import type { AppliedMigration, FolderTexts, History } from '../history.ts';
import { HistoryTable } from './history-table.ts';
import type { RowFact } from './row-history.ts';

/** A history that only the tool itself writes. */
export interface ReadHistory {
  readonly tool: string;
  readonly table: string;
  readonly schema?: string;
  readonly needs: readonly string[];
  readonly order?: string;
  /** See `HistoryTablePlace.clock`. */
  readonly clock?: 'session' | 'utc';
  readonly key: (migration: MigrationFile) => string;
  /** What a row says; a row may speak of several migrations. */
  readonly facts: (row: Row) => readonly RowFact[];
  readonly checksums?: (migration: MigrationFile, folder: FolderTexts) => readonly string[];
  readonly refuses?: (dialect: EngineId) => string | undefined;
}

/** The history of a tool whose own command applies and reverts: it is read, and read again afterwards, and never written. */
export function readHistory(spec: ReadHistory): History {
  const refuse = async (): Promise<never> => {
    throw new DatabaseError({
      kind: 'statement',
      message: `The history ${spec.table} is written by ${spec.tool} alone: run its own command.`,
    });
  };
  return {
    table: spec.schema === undefined ? spec.table : `${spec.schema}.${spec.table}`,
    lateArrival: 'refused',
    isReadOnly: true,
    checksums: spec.checksums ?? (() => []),
    async open(connection) {
      const refusal = spec.refuses?.(connection.dialect);
      if (refusal !== undefined) throw new DatabaseError({ kind: 'wrong-kind', message: refusal });
      const table = await HistoryTable.open(connection, { ...spec, columns: () => [] });
      return {
        table: table.name,
        exists: table.exists,
        marksStart: true,
        ensure: refuse,
        run: refuse,
        mark: refuse,
        async read(folder) {
          const ids = new Map(folder.migrations.migrations.map((migration) => [spec.key(migration), migration.id]));
          const facts = new Map<string, AppliedMigration>();
          for (const { key, undone, ...rest } of (await table.rows(spec.order)).flatMap(spec.facts)) {
            if (undone === true) facts.delete(key);
            else facts.set(key, { ...rest, id: ids.get(key) ?? key });
          }
          return [...facts.values()];
        },
      };
    },
  };
}
