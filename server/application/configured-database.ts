import { parseDatabaseUrl } from '../drivers/target.ts';
import type { DatabaseTarget } from '../drivers/driver.ts';
import type { FolderProject } from './folder-project.ts';

/** Where a project's configuration says its database is. */
export type ConfiguredDatabase =
  | { readonly kind: 'named'; readonly target: DatabaseTarget; readonly environment: string | null }
  /** The environment variable that the configuration names is empty or not there. */
  | { readonly kind: 'unset'; readonly variable: string }
  /** What is named is no URL; a sentence without it. */
  | { readonly kind: 'unreadable'; readonly message: string }
  | { readonly kind: 'none' };

/**
 * The database that the configuration names for a project: its folder's own, or the one of all. A path of a SQLite file is
 * relative to the configuration file, a variable's to the project's root.
 */
export function configuredDatabase(
  project: Pick<FolderProject, 'settings' | 'settingsFolder' | 'root'>,
  variableOf: (name: string) => string | undefined,
): ConfiguredDatabase {
  const { env, url, environment = null } = project.settings.database;
  const given = env === undefined ? url : variableOf(env);
  if (env !== undefined && (given === undefined || given === '')) return { kind: 'unset', variable: env };
  if (given === undefined) return { kind: 'none' };
  const target = parseDatabaseUrl(given, env === undefined ? (project.settingsFolder ?? project.root) : project.root);
  return 'problem' in target ? { kind: 'unreadable', message: target.problem } : { kind: 'named', target, environment };
}
