import { INDEX_GOES_NOTE } from '../parts/index-steps.ts';
import type { Step } from '../step.ts';

const NAME = '(?:"(?:[^"]|"")+"|[\\p{L}_][\\p{L}\\p{N}_$]*)';
const TAKES_OVER = new RegExp(
  `^(?<alter>ALTER TABLE (?:${NAME}\\.)?${NAME}) ADD CONSTRAINT (?<name>${NAME}) (?:UNIQUE|PRIMARY KEY) USING INDEX (?<index>${NAME})[^;]*;$`,
  'u',
);
const BUILDS = new RegExp(
  `^CREATE UNIQUE INDEX CONCURRENTLY (?<index>${NAME}) ON (?:(?<schema>${NAME})\\.)?${NAME}[^;]*;$`,
  'u',
);

/** Whether a step gives a constraint the index that one of the others builds. */
export function takesOverIndexOf(step: Step, builds: readonly Step[]): boolean {
  return buildFor(step, builds) !== undefined;
}

function buildFor(step: Step, builds: readonly Step[]): Step | undefined {
  const index = TAKES_OVER.exec(step.up)?.groups?.['index'];
  return index === undefined ? undefined : builds.find(({ up }) => BUILDS.exec(up)?.groups?.['index'] === index);
}

/**
 * The step with a way back that leaves the index, as it was before: PostgreSQL drops it with its constraint, so that another
 * one is built first, and no moment goes by in which two rows may be the same. Undefined where the build is not known.
 */
export function keepingIndex(step: Step, earlier: readonly Step[]): Step | undefined {
  const build = buildFor(step, earlier);
  const { alter, name, index } = TAKES_OVER.exec(step.up)?.groups ?? {};
  const schema = build === undefined ? undefined : BUILDS.exec(build.up)?.groups?.['schema'];
  if (build === undefined || alter === undefined || name === undefined || index === undefined) return undefined;
  const bare = index.startsWith('"') ? index.slice(1, -1) : index;
  // A name has 63 bytes; of characters with several bytes there are fewer.
  const again = `"${[...bare].slice(0, SHORTEST_LONG_NAME).join('')}_again"`;
  const own = (written: string): string => (schema === undefined ? written : `${schema}.${written}`);
  return {
    ...step,
    transaction: 'none',
    down: [
      `DROP INDEX CONCURRENTLY IF EXISTS ${own(again)};`,
      build.up.replace(BUILDS, (text) => text.replace(`CONCURRENTLY ${index} `, () => `CONCURRENTLY ${again} `)),
      `${alter} DROP CONSTRAINT IF EXISTS ${name};`,
      `ALTER INDEX ${own(again)} RENAME TO ${index};`,
    ].join('\n'),
    notes: [
      ...step.notes.filter((note) => note !== INDEX_GOES_NOTE),
      'Going back builds the index again first, which the constraint takes along.',
    ],
  };
}

/** Characters of a name that leave room for a suffix, whatever their bytes. */
const SHORTEST_LONG_NAME = 14;
