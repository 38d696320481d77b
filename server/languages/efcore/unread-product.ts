import type { Span } from '../../core/span.ts';
import type { MigrationMethod } from './migration-class.ts';
import { type LoweredStep, notFollowed, previewMethod } from './lowered.ts';
import type { KnownModel } from './model/ef-model.ts';
import { readTsql } from '../../engines/sqlserver/reader.ts';
import type { TsqlStatement } from '../../engines/sqlserver/statement.ts';
import type { Provider } from './provider.ts';
import { sqlServerProvider } from './sqlserver.ts';

/** What is said of a migration for a product that no engine reads. */
function unreadReason(product: string): string {
  return `this migration is for ${product}, whose SQL and locks Lockstep does not know. Only what holds for every database is checked, on the C# itself`;
}

/** What is said where the SQL is known, and what it does from documentation. */
function previewReason(product: string): string {
  return `this migration is for ${product}, which Lockstep knows from its documentation only: effects are not worked out, and findings are not measured`;
}

/** Providers whose SQL can be told, of products that no engine reads. */
const PROVIDERS: Readonly<Record<string, (version: number | undefined) => Provider>> = {
  'SQL Server': sqlServerProvider,
};

/** What the scripts of EF Core have behind each command, of a product where variables live as long as their batch. */
export function batchMarkOf(product: string | undefined): { readonly batchMark?: string } {
  return product === 'SQL Server' ? { batchMark: 'GO' } : {};
}

/** What of raw SQL cannot be followed; undefined where all of it can. */
function untoldSql(text: string): string | undefined {
  return hasDynamic(readTsql(text)) ? 'the text that EXEC runs is not read' : undefined;
}

function hasDynamic(statements: readonly TsqlStatement[]): boolean {
  return statements.some(
    (statement) => statement.kind === 'dynamic' || ('body' in statement && hasDynamic(statement.body)),
  );
}

/**
 * `Up` or `Down` as one statement that says so, at the name of its class, and as what the provider sends where that is
 * known. A method that does nothing is none.
 */
export function unreadMethod({
  method,
  name,
  product,
  model,
  version,
}: {
  readonly method: MigrationMethod;
  readonly name: Span;
  readonly product: string;
  readonly model: KnownModel;
  readonly version: number | undefined;
}): readonly LoweredStep[] {
  if (method.steps.length === 0) return [];
  const provider = PROVIDERS[product]?.(version);
  if (provider === undefined) return [notFollowed(method.bodySpan, unreadReason(product), name)];
  const reason = previewReason(product);
  return [notFollowed(method.bodySpan, reason, name), ...previewMethod(method, provider, model, { reason, untoldSql })];
}
