import type { Value } from '../csharp/call.ts';
import type { ForeignKey } from './expression.ts';

/** A name in double quotes; one that has them already stays as it is. Source: GenericQuoter.cs. */
export function quoteName(name: string): string {
  return /^".*"$/s.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/**
 * Names that FluentMigrator makes where a migration gives none; undefined where a part is only known when it runs.
 *
 * Source: fluentmigrator/fluentmigrator, Conventions/Default*NameConvention.cs.
 */
export function indexName(table: Value | undefined, columns: readonly (Value | undefined)[]): string | undefined {
  return joined('IX', [table, ...columns]);
}

export function foreignKeyName({ from, columns, to, principalColumns }: ForeignKey): string | undefined {
  return joined('FK', [from.table, ...columns, to.table, ...principalColumns]);
}

export function primaryKeyName(table: Value | undefined): string | undefined {
  return joined('PK', [table]);
}

export function constraintName(
  constraint: 'PRIMARY KEY' | 'UNIQUE',
  table: Value | undefined,
  columns: readonly (Value | undefined)[],
): string | undefined {
  return joined(constraint === 'UNIQUE' ? 'UC' : 'PK', [table, ...columns]);
}

function joined(prefix: string, parts: readonly (Value | undefined)[]): string | undefined {
  const texts = parts.map((part) =>
    part?.kind === 'text' && part.text.holes.length === 0 ? part.text.text : undefined,
  );
  return texts.every((text) => text !== undefined) ? [prefix, ...texts].join('_') : undefined;
}
