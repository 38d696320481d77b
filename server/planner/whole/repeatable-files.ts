import type { Step } from '../step.ts';

/*
 * A file that is sent statement by statement, outside a transaction, holds no lock for longer than one statement takes, so
 * that work on several tables may share it. What failed in the middle is run again from the beginning, so that each
 * statement of it must do no harm when it was done before.
 */

const NAME = '(?:"(?:[^"]|"")+"|[\\p{L}_][\\p{L}\\p{N}_$]*)';
const ALTER = `ALTER TABLE (?:${NAME}\\.)?${NAME}`;
const CHECKS = new RegExp(`^${ALTER} VALIDATE CONSTRAINT ${NAME};$`, 'u');
/** The way back of a check: the constraint goes, and comes back NOT VALID. */
const UNCHECKS = new RegExp(
  `^(?<alter>${ALTER}) (?<drop>DROP CONSTRAINT ${NAME});\\n(?<again>${ALTER}) (?<add>ADD CONSTRAINT [^;]* NOT VALID);$`,
  'u',
);
const ADDS = new RegExp(`^${ALTER} ADD CONSTRAINT [^;]* NOT VALID;$`, 'u');
const DROPS = new RegExp(`^(?<alter>${ALTER}) DROP CONSTRAINT (?<name>${NAME});$`, 'u');
const FILLS = /^DO \$backfill\$\n[^]*\n\$backfill\$;$/;
const FILLS_NOTHING_BACK = /^SELECT 1; -- /;
const BUILDS = /^(?:DROP INDEX CONCURRENTLY [^;]*;|CREATE (?:UNIQUE )?INDEX CONCURRENTLY [^;]*;)$/i;

/** What may share a file with others of its family: work that goes on beside everybody, or what locks for a moment. */
export type Family = 'beside' | 'moment';

/** The family of a step, and the step as it stands in a file without a transaction; undefined where it needs one, or its own. */
export function repeatable(step: Step): { readonly family: Family; readonly step: Step } | undefined {
  const { up, down } = step;
  if (step.parity !== undefined) return undefined;
  const apart = { ...step, transaction: 'none' as const };
  if (FILLS.test(up) && up.indexOf('$backfill$;') === up.length - '$backfill$;'.length)
    return down === undefined || FILLS_NOTHING_BACK.test(down) ? { family: 'beside', step: apart } : undefined;
  if (down === undefined) return undefined;
  if (BUILDS.test(up) && BUILDS.test(down) && step.transaction === 'none') return { family: 'beside', step: apart };
  if (CHECKS.test(up)) {
    const { alter, drop, again, add } = UNCHECKS.exec(down)?.groups ?? {};
    return alter === undefined || alter !== again
      ? undefined
      : { family: 'beside', step: { ...apart, down: `${alter} ${drop}, ${add};` } };
  }
  const { alter, name } = DROPS.exec(down)?.groups ?? {};
  if (!ADDS.test(up) || alter === undefined) return undefined;
  return {
    family: 'moment',
    step: {
      ...apart,
      up: `DO $guard$ BEGIN\n  ${up}\nEXCEPTION WHEN duplicate_object THEN NULL;\nEND $guard$;`,
      down: `${alter} DROP CONSTRAINT IF EXISTS ${name};`,
    },
  };
}

/** Steps that share a file. `made`: of each step, the tables that it locks and the migration makes. */
interface Group {
  readonly steps: readonly Step[];
  readonly made: readonly string[];
}

/** Groups of steps that share a file each, with those that follow each other and are of one family as one group. */
export function withoutTransactions(groups: readonly Group[]): readonly Group[] {
  const joined: { parts: Group[]; family: Family | undefined }[] = [];
  for (const group of groups) {
    const found = group.steps.map(repeatable);
    const [first] = found;
    const family = found.every((each) => each?.family === first?.family) ? first?.family : undefined;
    const last = joined.at(-1);
    if (last !== undefined && family !== undefined && last.family === family && mayFollow(last.parts, group))
      last.parts.push(group);
    else joined.push({ parts: [group], family });
  }
  return joined.flatMap(({ parts }) => {
    if (parts.length === 1) return parts;
    const steps = parts.flatMap((part) => part.steps.flatMap((step) => repeatable(step)?.step ?? []));
    return [{ steps, made: steps.map(() => '') }];
  });
}

function mayFollow(parts: readonly Group[], { steps }: Group): boolean {
  const [head] = steps;
  const before = parts.flatMap((part) => part.steps);
  if (head === undefined || head.requires.length > 0 || head.phase !== before[0]?.phase) return false;
  // A way back that does nothing is none that anybody would miss.
  const ways = new Set(
    [...before, ...steps].flatMap(({ down }) =>
      down === undefined ? ['none'] : FILLS_NOTHING_BACK.test(down) ? [] : ['back'],
    ),
  );
  return ways.size < 2;
}
