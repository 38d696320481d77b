import { parseDatabaseUrl } from '../../drivers/target.ts';
import { configuredDatabase } from '../configured-database.ts';
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
}

/** The database that a person means for a project, or why none can be told. Nothing is connected to. */
export function chooseDatabase(
  { outside, project, isTrusted }: Pick<UseContext, 'outside' | 'project' | 'isTrusted'>,
  { url, base, environment }: DatabaseWish,
): NamedDatabase | Refused {
  if (project.unreadProduct !== undefined) return refused(unreadProduct(project, project.unreadProduct));
  const known = environment ?? project.settings.database.environment ?? null;
  if (url !== undefined) {
    const target = parseDatabaseUrl(url, base);
    return 'problem' in target
      ? refused({ code: 'url-unreadable', problem: target.problem })
      : { target, environment: known };
  }
  // Environment variables are not read in a workspace that is not trusted.
  if (!isTrusted) return refused({ code: 'not-trusted' });
  const configured = configuredDatabase(project, (name) => outside.environmentVariable(name));
  switch (configured.kind) {
    case 'named':
      return { target: configured.target, environment: known };
    case 'unset':
      return refused({ code: 'variable-unset', variable: configured.variable });
    case 'unreadable':
      return refused({ code: 'url-unreadable', problem: configured.message });
    case 'none':
      return refused({ code: 'no-database' });
  }
}

/** Why nothing connects to a project for a product that no engine reads, and what does instead. */
export function unreadProduct({ applier }: Pick<FolderProject, 'applier'>, product: string): Refusal {
  const commands =
    applier.kind === 'command' ? [...(applier.list === undefined ? [] : [applier.list]), applier.apply] : [];
  return { code: 'unread-product', product, commands };
}
