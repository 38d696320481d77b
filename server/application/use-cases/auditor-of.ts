import type { Auditor } from '../../runner/run-log.ts';
import type { UseContext } from './use-context.ts';

/** Who is written into the log of the project's database; undefined where the team keeps none. */
export function auditorOf({ project, outside }: Pick<UseContext, 'project' | 'outside'>): Auditor | undefined {
  if (project.settings.audit !== 'database') return undefined;
  return outside.auditor ?? { by: 'unknown', version: 'unknown' };
}
