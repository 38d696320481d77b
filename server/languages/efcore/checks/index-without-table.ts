import type { Remark } from '../../language.ts';
import { BoundArguments } from '../parameters.ts';
import { callsIn, type Check } from './check.ts';

/**
 * An index that is named without its table, on SQL Server, where every table has names of indexes of its own.
 *
 * Source: dotnet/efcore, SqlServerMigrationsSqlGenerator.Generate of DropIndexOperation and RenameIndexOperation.
 */
export const indexWithoutTable: Check = ({ migration, document }) => {
  if (document.product !== 'SQL Server') return [];
  return [migration.up, migration.down].flatMap((method) =>
    callsIn(method).flatMap((call): readonly Remark[] => {
      if (call.method !== 'DropIndex' && call.method !== 'RenameIndex') return [];
      // One that is not literal may well be there.
      if (new BoundArguments(call).get('table') !== undefined) return [];
      return [
        {
          code: 'index-without-table',
          span: call.nameSpan,
          from: call.span,
          message: `EF Core throws here while it makes the SQL: SQL Server knows an index by its table, and ${call.method} names none. Add "table:".`,
        },
      ];
    }),
  );
};
