import { DatabaseError } from '../../drivers/driver.ts';
import type { AppliedMigration, FolderTexts, History, HistoryEntry } from '../history.ts';
import { headsOf, withAncestors, type Graph } from './graph.ts';
import { HistoryTable, type HistoryTablePlace } from './history-table.ts';

/** A history of one row for each newest migration of a graph: what these are built on is applied too. */
export interface HeadsHistory extends Omit<HistoryTablePlace, 'needs'> {
  readonly tool: string;
  /** Column of the id. */
  readonly column: string;
  readonly graph: (folder: FolderTexts) => Graph;
}

/** The history of a tool that keeps the ends of a graph alone, and whose own command applies. */
export function headsHistory(spec: HeadsHistory): History {
  return {
    table: spec.schema === undefined ? spec.table : `${spec.schema}.${spec.table}`,
    // A branch may be applied after another one.
    lateArrival: 'runs',
    checksums: () => [],
    async open(connection) {
      const table = await HistoryTable.open(connection, { ...spec, needs: [spec.column] });
      const heads = async (): Promise<readonly string[]> => (await table.rows()).map((row) => String(row[spec.column]));
      return {
        table: table.name,
        get exists() {
          return table.exists;
        },
        marksStart: false,
        ensure: () => table.ensure(),
        async read(folder): Promise<readonly AppliedMigration[]> {
          return [...withAncestors(spec.graph(folder), await heads())].map((id) => ({ id }));
        },
        run: async (entry, work) => {
          await work();
          await mark(entry);
        },
        mark,
      };

      async function mark({ migration: { id }, direction, folder }: HistoryEntry): Promise<void> {
        const graph = spec.graph(folder);
        const before = await heads();
        const applied = new Set(withAncestors(graph, before));
        const needed = (graph.get(id) ?? []).filter((each) => !applied.has(each));
        const builtOn = [...applied].filter((each) => graph.get(each)?.includes(id) === true);
        if (direction === 'up' && needed.length > 0)
          throw refusal(`${id} comes after ${needed.join(', ')}, which is not applied`);
        if (direction === 'down' && builtOn.length > 0)
          throw refusal(`${builtOn.join(', ')}, which is applied, comes after ${id}`);
        if (direction === 'up') applied.add(id);
        else applied.delete(id);
        const after = headsOf(new Map([...applied].map((each) => [each, graph.get(each) ?? []])));
        for (const head of before) if (!after.includes(head)) await table.delete({ [spec.column]: head });
        for (const head of after) if (!before.includes(head)) await table.insert({ [spec.column]: head });
      }

      function refusal(what: string): DatabaseError {
        return new DatabaseError({
          kind: 'statement',
          message: `${spec.tool}'s history keeps the newest migrations alone, and ${what}: mark them in the order in which they run.`,
        });
      }
    },
  };
}
