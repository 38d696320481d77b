import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answers, EARLIER, expectSound, openText, PATH } from './project.ts';
import { EFFORT, SEED, texts } from './texts.ts';

const RUNS = 250 * EFFORT;
const EDIT_RUNS = 25 * EFFORT;
const TIMEOUT_MS = 30_000 + 20_000 * EFFORT;

/** What a slip of the hand or a broken file puts into a text. */
const SCRAPS = [
  '',
  ' ',
  '\n',
  '\r\n',
  '\r',
  ';',
  "'",
  '"',
  '$$',
  '$a$',
  '(',
  ')',
  '/*',
  '*/',
  '--',
  '\\',
  '\0',
  '\uFEFF',
  '😀',
  '\uD83D',
  '\u2028',
  'é',
  '[',
  ']',
  ',',
  '.',
  '::',
  ' NOT NULL',
  ' ALTER TABLE users ',
  ' BEGIN ',
  ' END ',
  ' CASE ',
  '-- lockstep: allow ',
  '\n-- lockstep: change x phase expand\n',
  '\n-- migrate:down\n',
  ' USING ',
  ' DEFAULT ',
  '1e999',
  '0x',
  "E'\\",
  "U&'",
  ':x',
  '\\.',
  'COPY t FROM stdin;\n',
];

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly scrap: string;
}

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.nat({ max: 12 }),
  scrap: fc.constantFrom(...SCRAPS),
});

function applied(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const { at, remove, scrap } of edits) {
    const offset = Math.floor(at * result.length);
    result = result.slice(0, offset) + scrap + result.slice(offset + remove);
  }
  return result;
}

describe.each(['postgresql', 'sqlite'] as const)('%s', (dialect) => {
  const corpus = texts(dialect);

  test(
    `${RUNS} prefixes of ${corpus.length} statements are answered in time, with ranges inside the text`,
    async () => {
      const project = await openText(dialect);
      fc.assert(
        fc.property(fc.constantFrom(...corpus), fc.double({ min: 0, max: 1, noNaN: true }), (text, share) => {
          expectSound(project, text.slice(0, Math.floor(text.length * share)));
        }),
        { numRuns: RUNS, seed: SEED },
      );
    },
    TIMEOUT_MS,
  );

  test(
    `${RUNS} mutations of up to three statements are, too`,
    async () => {
      const project = await openText(dialect);
      fc.assert(
        fc.property(
          fc.array(fc.constantFrom(...corpus), { minLength: 1, maxLength: 3 }),
          fc.array(edit, { minLength: 1, maxLength: 4 }),
          (statements, edits) => {
            expectSound(project, applied(statements.join(';\n'), edits));
          },
        ),
        { numRuns: RUNS, seed: SEED },
      );
    },
    TIMEOUT_MS,
  );

  test(
    `${EDIT_RUNS} sequences of edits in two files end in the same answers as the texts opened anew`,
    async () => {
      const step = fc.record({ path: fc.constantFrom(PATH, EARLIER), edit });
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom(...corpus), { minLength: 1, maxLength: 4 }),
          fc.array(step, { minLength: 1, maxLength: 6 }),
          async (statements, steps) => {
            const edited = await openText(dialect, {
              [PATH]: statements.join(';\n'),
              [EARLIER]: statements.toReversed().join(';\n'),
            });
            for (const each of steps) {
              edited.setText(each.path, applied(edited.textOf(each.path) ?? '', [each.edit]));
              // What was asked in between must leave no trace.
              answers(edited);
            }
            const fresh = await openText(dialect, {
              [PATH]: edited.textOf(PATH) ?? '',
              [EARLIER]: edited.textOf(EARLIER) ?? '',
            });
            expect(answers(edited).all).toEqual(answers(fresh).all);
          },
        ),
        { numRuns: EDIT_RUNS, seed: SEED },
      );
    },
    TIMEOUT_MS,
  );
});
