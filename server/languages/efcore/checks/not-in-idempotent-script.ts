import { byEngine } from '../../../model/engine-id.ts';
import { BoundArguments } from '../parameters.ts';
import type { Remark } from '../../language.ts';
import { callsIn, type Check } from './check.ts';

/** What cannot stand in a DO block, each with why. */
const OUTSIDE: readonly (readonly [RegExp, string])[] = [
  [/^(?:SELECT|VALUES|TABLE)\b(?![\s\S]*\bINTO\b)/i, 'a query has nowhere to put its rows there'],
  [/^(?:CREATE|DROP|REINDEX)\b[\s\S]*?\bCONCURRENTLY\b/i, 'nothing is built concurrently within a transaction'],
  [/^VACUUM\b/i, 'VACUUM runs in no transaction'],
  [/^(?:CREATE|DROP)\s+(?:DATABASE|TABLESPACE)\b|^ALTER\s+SYSTEM\b/i, 'it runs in no transaction'],
  [/^(?:BEGIN|START\s+TRANSACTION|COMMIT|ROLLBACK)\b/i, 'a block ends no transaction that it did not begin'],
];

/** What SQL Server takes only as the first statement of a batch. */
const ALONE =
  /^\s*(?:CREATE(?:\s+OR\s+ALTER)?|ALTER)\s+(?:VIEW|PROC(?:EDURE)?|FUNCTION|TRIGGER)\b|^\s*CREATE\s+SCHEMA\b/i;

/** SQL that the script of `dotnet ef migrations script --idempotent` cannot hold, since it puts each command in a DO block. */
export const notInIdempotentScript: Check = ({ migration, dialect, document }) => {
  // For SQLite EF Core writes no such script at all.
  const isSqlServer = document.product === 'SQL Server';
  if (document.product !== undefined ? !isSqlServer : !byEngine(dialect, { postgresql: true, sqlite: false }))
    return [];
  return callsIn(migration.up).flatMap((call): readonly Remark[] => {
    if (call.method !== 'Sql') return [];
    const sql = new BoundArguments(call).get('sql');
    if (sql?.kind !== 'text') return [];
    const plain = sql.text.text.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ').trim();
    if (isSqlServer) {
      const module = plain
        .split(/^\s*GO\b.*$/im)
        .map((batch) => ALONE.exec(batch)?.[0])
        .find((words) => words !== undefined);
      if (module === undefined) return [];
      return [
        {
          code: 'not-in-idempotent-script',
          span: call.nameSpan,
          from: call.span,
          message: `"dotnet ef migrations script --idempotent" puts this into IF ... BEGIN ... END, where it fails: ${module.replaceAll(/\s+/g, ' ').trim()} has to be the first statement of its batch. Write it as EXEC('...'), or apply by "dotnet ef database update".`,
        },
      ];
    }
    const found = OUTSIDE.find(([form]) => form.test(plain));
    if (found === undefined) return [];
    return [
      {
        code: 'not-in-idempotent-script',
        span: call.nameSpan,
        from: call.span,
        message: `"dotnet ef migrations script --idempotent" puts this into a DO block, where it fails: ${found[1]}. Use PERFORM in a DO block of its own, or apply by "dotnet ef database update".`,
      },
    ];
  });
};
