import { inDocument } from '../../../core/source-map.ts';
import { hazardsOf } from '../../../engines/sqlserver/hazards.ts';
import { readTsql } from '../../../engines/sqlserver/reader.ts';
import type { TsqlName, TsqlStatement } from '../../../engines/sqlserver/statement.ts';
import type { Remark } from '../../language.ts';
import type { Call } from '../../csharp/call.ts';
import type { KnownModel } from '../model/ef-model.ts';
import { BoundArguments } from '../parameters.ts';
import { textOf } from '../operation.ts';
import type { Provider } from '../provider.ts';
import { sqlServerProvider } from '../sqlserver.ts';
import { callsIn, type Check } from './check.ts';

/** What `unreadProduct` says of a call already, whatever the product is. */
const TOLD_OF_CALLS: ReadonlySet<string> = new Set(['drop-before-contract', 'rename-in-use']);

/** What counts on the way back too: going back is done while the service runs, and is meant to drop and rename. */
const TOLD_OF_DOWN: ReadonlySet<string> = new Set(['blocking-alter', 'blocking-index']);

/** What the T-SQL of a migration for SQL Server does, of what EF Core makes and of raw SQL. */
export const sqlServer: Check = ({ migration, text, document }) => {
  if (document.product !== 'SQL Server') return [];
  const isContract = /\/\/\s*lockstep:\s*change\s+\S+\s+phase\s+contract\b/.test(text);
  const provider = sqlServerProvider(document.version);
  const of = (half: 'up' | 'down'): readonly Remark[] =>
    remarksOf(callsIn(migration[half]), provider, document.models[half], isContract);
  return [...of('up'), ...of('down').filter(({ code }) => TOLD_OF_DOWN.has(code))];
};

function remarksOf(
  calls: readonly Call[],
  provider: Provider,
  model: KnownModel,
  isContract: boolean,
): readonly Remark[] {
  const sent = calls.flatMap((call) =>
    provider.lower(call, calls, model).map((command) => ({ call, command, statements: readTsql(command.text) })),
  );
  const created = sent.flatMap(({ statements }) => createdBy(statements));
  const isCreated = (table: TsqlName): boolean => created.some((name) => isSame(name, table));
  return sent.flatMap(({ call, command, statements }) => {
    const before = beforeOf(call);
    const hazards = statements.flatMap((statement) =>
      hazardsOf(statement, { isCreated, isContract, ...(before === undefined ? {} : { before }) }),
    );
    const own = hazards.filter(({ code }) => call.method === 'Sql' || !isToldOf(call, code));
    return own.map(
      ({ code, span, message, severity }): Remark => ({
        code,
        span: inDocument(command, span),
        from: call.span,
        message,
        severity,
      }),
    );
  });
}

function isToldOf(call: Call, code: string): boolean {
  return TOLD_OF_CALLS.has(code) || (code === 'required-column' && call.method === 'AddColumn');
}

function createdBy(statements: readonly TsqlStatement[]): readonly TsqlName[] {
  return statements.flatMap((statement): readonly TsqlName[] =>
    statement.kind === 'create-table'
      ? [statement.name]
      : statement.kind === 'select' && statement.into !== undefined
        ? [statement.into]
        : 'body' in statement
          ? createdBy(statement.body)
          : [],
  );
}

/** The default schema may be written or not. */
function isSame(one: TsqlName, other: TsqlName): boolean {
  const key = ({ parts }: TsqlName): string =>
    `${(parts.at(-2) ?? '') === '' ? 'dbo' : parts.at(-2)}.${parts.at(-1)}`.toLowerCase();
  return key(one) === key(other);
}

/** The column that AlterColumn changes, as the call says it was. */
function beforeOf(call: Call): { readonly type?: string; readonly isNullable: boolean } | undefined {
  if (call.method !== 'AlterColumn') return undefined;
  const bound = new BoundArguments(call);
  const type = textOf(bound.get('oldType'));
  return { ...(type === undefined ? {} : { type }), isNullable: bound.isTrue('oldNullable') !== false };
}
