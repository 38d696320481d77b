import type { Call } from '../../csharp/call.ts';
import { BoundArguments } from '../parameters.ts';
import { planRebuilds, textOf } from '../sqlite-rebuild-plan.ts';
import { byEngine } from '../../../model/engine-id.ts';
import type { Remark } from '../../language.ts';
import { callsIn, type Check } from './check.ts';

const DATA = /^(?:Insert|Update|Delete)Data$/;

/** SQL or rows that are written after an operation which rebuilds their table, and run before it. */
export const runsBeforeRebuild: Check = ({ migration, dialect, document }) => {
  if (document.product !== undefined || !byEngine(dialect, { postgresql: false, sqlite: true })) return [];
  return [migration.up, migration.down].flatMap((method) => {
    const calls = callsIn(method);
    const plans = planRebuilds(calls);
    return calls.flatMap((call, index): readonly Remark[] => {
      if (call.method !== 'Sql' && !DATA.test(call.method)) return [];
      const plan = plans.find(
        ({ name, causes }) => isAbout(call, name) && causes.some((cause) => calls.indexOf(cause) < index),
      );
      const cause = plan?.causes.find((candidate) => calls.indexOf(candidate) < index);
      if (plan === undefined || cause === undefined) return [];
      return [
        {
          code: 'runs-before-rebuild',
          span: call.nameSpan,
          from: call.span,
          message: `This runs before the ${cause.method} above it, and not after: EF Core rebuilds ${plan.name} when everything else of the migration is done. Put it in a migration of its own if it needs what the rebuild makes.`,
        },
      ];
    });
  });
};

/** Whether SQL or rows are about a table. */
function isAbout(call: Call, table: string): boolean {
  const bound = new BoundArguments(call);
  if (call.method !== 'Sql') return textOf(bound.get('table')) === table;
  const sql = bound.get('sql');
  if (sql?.kind !== 'text') return false;
  const words: readonly string[] = sql.text.text.toLowerCase().match(/[\p{L}_][\p{L}\p{N}_$]*/gu) ?? [];
  const sought = table.toLowerCase();
  // A name of several words is looked for as it is.
  return words.includes(sought) || (/\W/.test(sought) && sql.text.text.toLowerCase().includes(sought));
}
