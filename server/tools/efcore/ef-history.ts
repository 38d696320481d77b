import { spelled } from '../../languages/efcore/sources/history-setting.ts';
import { byEngine } from '../../model/engine-id.ts';
import { rowHistory } from '../blocks/row-history.ts';
import type { History } from '../history.ts';
import { NEWEST_READ } from './ef-command.ts';
import { DEFAULT_TABLE, type HistoryPlace } from './history-place.ts';

/** Source: dotnet/efcore, Migrations/HistoryRepository.cs. */
export function efHistory({ table = DEFAULT_TABLE, schema, convention }: HistoryPlace): History {
  const id = spelled('MigrationId', convention);
  const version = spelled('ProductVersion', convention);
  return rowHistory({
    table,
    ...(schema === undefined ? {} : { schema }),
    lateArrival: 'runs',
    columns: (dialect) =>
      byEngine(dialect, {
        postgresql: [`"${id}" character varying(150) PRIMARY KEY`, `"${version}" character varying(32) NOT NULL`],
        sqlite: [`"${id}" TEXT NOT NULL PRIMARY KEY`, `"${version}" TEXT NOT NULL`],
      }),
    needs: [id, version],
    key: (migration) => migration.id.toLowerCase(),
    where: (migration) => ({ [id]: migration.id }),
    row: (migration) => ({ [id]: migration.id, [version]: NEWEST_READ }),
    fact: (row) => {
      const written = String(row[id]);
      return { key: written.toLowerCase(), written };
    },
  });
}
