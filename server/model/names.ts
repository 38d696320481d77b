import type { Span } from '../core/span.ts';

/**
 * Name of an object as the catalog would spell it: unquoted PostgreSQL names folded to lower case, quotes removed.
 *
 * `schema` is absent where the text has none. `span` is relative to the statement's start and covers the whole name.
 */
export interface ObjectName {
  readonly schema?: string;
  readonly name: string;
  readonly span: Span;
}

/** Key of an object in a schema's maps: `schema.name`, each part as the catalog spells it; `"` and `.` need no escape here. */
export function objectKey(schema: string, name: string): string {
  return `${schema}\u0000${name}`;
}

/** `public.users`, for messages and JSON: parts quoted only where they would not survive unquoted. */
export function displayName(name: { readonly schema?: string | undefined; readonly name: string }): string {
  return name.schema === undefined
    ? quoteIfNeeded(name.name)
    : `${quoteIfNeeded(name.schema)}.${quoteIfNeeded(name.name)}`;
}

function quoteIfNeeded(part: string): string {
  return /^[a-z_\u0080-\uffff][a-z0-9_$\u0080-\uffff]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`;
}

/** Whether a schema is one of PostgreSQL's own, in which no migration makes anything. */
export function isSystemSchema(schema: string | undefined): boolean {
  return schema === 'pg_catalog' || schema === 'information_schema';
}

/** Whether a name may stand for an object of PostgreSQL's own: those of its catalog are found without a schema too. */
export function isSystemName({ schema, name }: { readonly schema?: string; readonly name: string }): boolean {
  return isSystemSchema(schema) || (schema === undefined && name.startsWith('pg_'));
}

const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);

/** Whether every table of PostgreSQL has a column of this name. Source: PostgreSQL manual, "System Columns". */
export function isSystemColumn(name: string): boolean {
  return SYSTEM_COLUMNS.has(name);
}
