import { parseDatabaseUrl } from '../../drivers/target.ts';
import { strictest } from '../../model/environment.ts';
import { configuredDatabase, environmentByPattern, environmentOfName } from '../configured-database.ts';
import { refused, type Refusal, type Refused } from './answer.ts';
import type { FolderProject } from '../folder-project.ts';
import type { NamedDatabase } from './project-database.ts';
import type { UseContext } from './use-context.ts';

/** What a person says of a project's database. */
export interface DatabaseWish {
  /** Undefined: what the configuration names. */
  readonly url?: string | undefined;
  /** Folder that a path in `url` counts from: absolute, with `/`. */
  readonly base: string;
  /** Null or undefined: what the configuration says. */
  readonly environment?: string | null;
  /** Name of one of the configuration's environments: its database where no URL is given, and what it is. */
  readonly named?: string | undefined;
}

/** The database that a person means for a project, or why none can be told. Nothing is connected to. */
export function chooseDatabase(
  { outside, project, isTrusted }: Pick<UseContext, 'outside' | 'project' | 'isTrusted'>,
  { url, base, environment, named }: DatabaseWish,
): NamedDatabase | Refused {
  if (project.unreadProduct !== undefined) return refused(unreadProduct(project, project.unreadProduct));
  const { environments = {}, database } = project.settings;
  if (named !== undefined && !Object.hasOwn(environments, named))
    return refused({ code: 'no-such-environment', name: named, names: Object.keys(environments) });
  const known = environment ?? (named === undefined ? database.environment : environmentOfName(project, named)) ?? null;
  if (url !== undefined) {
    const target = parseDatabaseUrl(url, base);
    return 'problem' in target
      ? refused({ code: 'url-unreadable', problem: target.problem })
      : { target, environment: strictest(known, environmentByPattern(project, target)) };
  }
  // Environment variables are not read in a workspace that is not trusted.
  if (!isTrusted) return refused({ code: 'not-trusted' });
  const configured = configuredDatabase(project, (name) => outside.environmentVariable(name), named);
  switch (configured.kind) {
    case 'named':
      return { target: configured.target, environment: strictest(known, configured.environment) };
    case 'unset':
      return refused({ code: 'variable-unset', variable: configured.variable });
    case 'unreadable':
      return refused({ code: 'url-unreadable', problem: configured.message });
    case 'no-such-environment':
      return refused({ code: 'no-such-environment', name: named ?? '', names: configured.names });
    case 'none':
      return refused(
        named === undefined
          ? {
              code: 'no-database',
              environments: Object.entries(environments)
                .filter(([, { env, url: file }]) => (env ?? file) !== undefined)
                .map(([name]) => name),
            }
          : { code: 'environment-unnamed', name: named },
      );
  }
}

/** Why nothing connects to a project for a product that no engine reads, and what does instead. */
export function unreadProduct({ applier }: Pick<FolderProject, 'applier'>, product: string): Refusal {
  const commands =
    applier.kind === 'command' ? [...(applier.list === undefined ? [] : [applier.list]), applier.apply] : [];
  return { code: 'unread-product', product, commands };
}
