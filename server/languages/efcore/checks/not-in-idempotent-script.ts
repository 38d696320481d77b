import { byEngine } from '../../../model/engine-id.ts';
import type { Call } from '../../csharp/call.ts';
import { CONCURRENTLY, whyNotInBlock } from '../idempotent-block.ts';
import { annotationsOf, BoundArguments } from '../parameters.ts';
import type { Remark } from '../../language.ts';
import { callsIn, type Check } from './check.ts';

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
    const concurrently =
      call.method === 'CreateIndex' ? annotationsOf(call).get('Npgsql:CreatedConcurrently') : undefined;
    if (!isSqlServer && concurrently?.kind === 'boolean' && concurrently.value)
      return [remark(call, `${CONCURRENTLY}. Build it by "dotnet ef database update"`)];
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
    const why = whyNotInBlock(sql.text.text);
    if (why !== undefined)
      return [remark(call, `${why}. Use PERFORM in a DO block of its own, or apply by "dotnet ef database update"`)];
    return plain === '' || plain.endsWith(';')
      ? []
      : [remark(call, 'it does not end in a semicolon, and EF Core adds none. Write one')];
  });
};

function remark({ nameSpan, span }: Call, why: string): Remark {
  return {
    code: 'not-in-idempotent-script',
    span: nameSpan,
    from: span,
    message: `"dotnet ef migrations script --idempotent" puts this into a DO block, where it fails: ${why}.`,
  };
}
