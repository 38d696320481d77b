import { slugOf } from '../../planner/names.ts';
import { wishOf, wrongValues } from '../../planner/wishes.ts';
import type { PlannedChange } from '../../analysis/report.ts';
import { writeChanges } from '../write-changes.ts';
import { done, refused, written, type Answer } from './answer.ts';
import type { UseContext } from './use-context.ts';

/** Writes an empty migration in the project's own format; gives the paths of its files, the up half first. */
export async function createMigration(
  { outside, project, isTrusted }: Pick<UseContext, 'outside' | 'project' | 'isTrusted'>,
  name: string,
): Promise<Answer<readonly string[]>> {
  if (!isTrusted) return refused({ code: 'not-trusted' });
  const changes = project.newMigration(slugOf(name), outside.clock.now());
  return written(async () => {
    await writeChanges(outside.files, project.root, changes);
    await project.refresh();
    return done(changes.map((change) => change.path));
  });
}

/** A change that a person asks for. */
export interface WishedChange {
  /** Name of the wish. */
  readonly wish: string;
  readonly values: readonly string[];
  /** SQL of what old rows get, by `table.column` or `column`. */
  readonly rowValues?: ReadonlyMap<string, string>;
}

/** Why no such change can be asked for; undefined where it can. Needs no project. */
export function wrongWish({
  wish: name,
  values,
}: WishedChange): Extract<Answer<never>, { kind: 'refused' }> | undefined {
  const wish = wishOf(name);
  if (wish === undefined) return refused({ code: 'no-such-wish', wish: name });
  const wrong = wrongValues(wish, values);
  return wrong === undefined ? undefined : refused({ code: 'values-refused', reason: wrong });
}

/** The files of a change that a person asks for, after the newest migration. Nothing is written. */
export function planWishedChange(
  { outside, project }: Pick<UseContext, 'outside' | 'project'>,
  wished: WishedChange,
): Answer<PlannedChange> {
  const wrong = wrongWish(wished);
  if (wrong !== undefined) return wrong;
  const wish = wishOf(wished.wish);
  if (wish === undefined) throw new Error(`no wish ${wished.wish}`);
  const planned = project.planWish(wish, wished.values, outside.clock.now(), wished.rowValues);
  return planned.kind === 'refused' ? refused({ code: 'wish-refused', reason: planned.reason }) : done(planned.change);
}
