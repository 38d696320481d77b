import { parseDatabaseUrl } from '../drivers/target.ts';
import type { DatabaseTarget } from '../drivers/driver.ts';
import { PRODUCTS } from '../engines/products.ts';
import { isNamedBy, strictest, type Environment } from '../model/environment.ts';
import type { FolderProject } from './folder-project.ts';

/** Where a project's configuration says its database is. */
export type ConfiguredDatabase =
  | { readonly kind: 'named'; readonly target: DatabaseTarget; readonly environment: Environment | null }
  /** The environment variable that the configuration names is empty or not there. */
  | { readonly kind: 'unset'; readonly variable: string }
  /** What is named is no URL; a sentence without it. */
  | { readonly kind: 'unreadable'; readonly message: string }
  /** No environment of the configuration has the name that was asked for; `names` are those that it has. */
  | { readonly kind: 'no-such-environment'; readonly names: readonly string[] }
  | { readonly kind: 'none' };

type ConfiguredProject = Pick<FolderProject, 'settings' | 'settingsFolder' | 'root'>;

/**
 * The database that the configuration names for a project: that of one of its environments where `environment` is given, else
 * its folder's own, or the one of all. A path of a SQLite file is relative to the configuration file, a variable's to the
 * project's root.
 */
export function configuredDatabase(
  project: ConfiguredProject,
  variableOf: (name: string) => string | undefined,
  environment?: string,
): ConfiguredDatabase {
  const { settings } = project;
  const all = settings.environments ?? {};
  if (environment !== undefined && !Object.hasOwn(all, environment))
    return { kind: 'no-such-environment', names: Object.keys(all) };
  const { env, url } = (environment === undefined ? settings.database : all[environment]) ?? {};
  const given = env === undefined ? url : variableOf(env);
  if (env !== undefined && (given === undefined || given === '')) return { kind: 'unset', variable: env };
  if (given === undefined) return { kind: 'none' };
  const target = parseDatabaseUrl(given, env === undefined ? (project.settingsFolder ?? project.root) : project.root);
  if ('problem' in target) return { kind: 'unreadable', message: target.problem };
  const called =
    environment === undefined ? (settings.database.environment ?? null) : environmentOfName(project, environment);
  return { kind: 'named', target, environment: strictest(called, environmentByPattern(project, target)) };
}

/** What one of the configuration's environments is, by its own word or by its name. */
export function environmentOfName({ settings }: Pick<ConfiguredProject, 'settings'>, name: string): Environment | null {
  return settings.environments?.[name]?.environment ?? strictest(name);
}

/** What the patterns of the configuration say of a database, however it was named. */
export function environmentByPattern(
  project: Pick<ConfiguredProject, 'settings'>,
  { label, url, dialect }: Pick<DatabaseTarget, 'label' | 'url' | 'dialect'>,
): Environment | null {
  // The path of a file is no secret, and its last part alone tells little.
  const names = PRODUCTS[dialect].isFile ? [label, url] : [label];
  return strictest(
    ...Object.entries(project.settings.environments ?? {})
      .filter(([, { pattern }]) => pattern !== undefined && names.some((name) => isNamedBy(pattern, name)))
      .map(([name]) => environmentOfName(project, name)),
  );
}
