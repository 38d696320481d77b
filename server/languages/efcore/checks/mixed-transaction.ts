import type { Call } from '../../csharp/call.ts';
import { annotationsOf, BoundArguments, isOperation } from '../parameters.ts';
import { isCreated } from '../sqlite-rebuild-plan.ts';
import type { Remark } from '../../language.ts';
import { callsIn, type Check } from './check.ts';

/** A command that suppresses its transaction, in a migration that does other things too. */
export const mixedTransaction: Check = ({ migration, document }) =>
  [migration.up, migration.down].flatMap((method) => {
    const calls = callsIn(method);
    // A method of the project's own may send nothing.
    const bare = calls.filter(isBare);
    if (bare.length === 0 || calls.filter((call) => isOperation(call.method)).length < 2) return [];
    const others = calls.filter((call) => isOperation(call.method) && !isBare(call));
    return bare.flatMap((call): readonly Remark[] => {
      const index = calls.indexOf(call);
      const bound = new BoundArguments(call);
      if (call.method === 'CreateIndex' && isCreated(bound.get('table'), calls))
        return [
          {
            code: 'mixed-transaction',
            span: call.nameSpan,
            from: call.span,
            message:
              'This migration creates the table, which nobody uses yet: an index that is built concurrently gains nothing here, and ends the transaction of the migration. Create it plainly.',
          },
        ];
      const before = others.filter((other) => calls.indexOf(other) < index);
      const [first] = before.length > 0 ? before : others;
      if (first === undefined && calls.every((other) => !isOperation(other.method) || isRepeatable(other))) return [];
      const version = document.version === undefined ? '' : document.version >= 9 ? ', and EF Core warns of it' : '';
      return [
        {
          code: 'mixed-transaction',
          span: call.nameSpan,
          from: call.span,
          message: `EF Core commits what came before this command and runs it outside the transaction: where it fails, the other operations stay done while the migration does not count as applied, so that the next run fails at ${first === undefined ? 'the first of them' : first.method}${version}. Put it in a migration of its own.`,
        },
      ];
    });
  });

function isBare(call: Call): boolean {
  if (call.method === 'Sql') return new BoundArguments(call).isTrue('suppressTransaction') === true;
  if (call.method !== 'CreateIndex') return false;
  const value = annotationsOf(call).get('Npgsql:CreatedConcurrently');
  return value?.kind === 'boolean' && value.value;
}

/** SQL that may be run again after it was done. */
function isRepeatable(call: Call): boolean {
  if (call.method !== 'Sql') return false;
  const sql = new BoundArguments(call).get('sql');
  return (
    sql?.kind === 'text' &&
    /^\s*(?:UPDATE|DELETE|VACUUM|ANALYZE|DO|SET|PRAGMA|DROP\s[^;]*\bIF\s+EXISTS|CREATE\s[^;]*\bIF\s+NOT\s+EXISTS)\b/i.test(
      sql.text.text,
    )
  );
}
