import { NAMED_TOOLS } from './registry.ts';
import type { TellingTable } from './tool.ts';
import { UNREAD_TOOLS } from './unread-tools.ts';

/** Histories that a database may have of another tool than the project's, with the name of the tool. */
export const TELLING_TABLES: readonly (TellingTable & { readonly title: string })[] = [
  ...NAMED_TOOLS,
  ...UNREAD_TOOLS,
].flatMap(({ title, tellingTables = [] }) => tellingTables.map((table) => ({ ...table, title: table.of ?? title })));

/** Names that several tools give their histories, and applications tables of their own: only what is in them tells. */
export const SHARED_TABLES: readonly string[] = ['schema_migrations', 'migrations'];
