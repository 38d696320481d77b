import { expect, test } from 'vitest';
import type { NoRun, RunDoubt, RunObstacle } from '../../server/runner/plan-run.ts';
import { RUN_CONCERNS } from '../../server/runner/report.ts';
import { noRunWords, stopOf } from '../../server/runner/run-words.ts';

/** Every code once, so that the compiler asks for one that is new. */
const OBSTACLES: { readonly [Code in RunObstacle['code']]: Omit<RunObstacle & { readonly code: Code }, 'code'> } = {
  'own-command': { direction: 'up', why: 'Rungs alone applies them.', tool: 'Rungs', command: 'rungs up' },
  'no-such-migration': { id: '0001', folder: 'migrations' },
  'late-arrival': { id: '0001', tool: 'Rungs', isRefused: true },
  'failed-earlier': { id: '0001', byToolOnly: true, tool: 'Rungs' },
  'applied-in-part': { id: '0001' },
  'reverted-in-part': { id: '0001' },
  'applied-already': { id: '0001' },
  'not-applied': { id: '0001' },
  'file-gone': { id: '0001' },
  'no-down-half': { id: '0001' },
  'down-half-empty': { id: '0001' },
  irreversible: { id: '0001', reason: 'the rows are gone.' },
};

test('why there is no run is data, and has sentences of its own that name what it is about', () => {
  const said = Object.entries(OBSTACLES).map(([code, fields]) =>
    // The entry of a code has its fields.
    noRunWords({ kind: 'refused', reason: { code, ...fields } as RunObstacle }),
  );
  expect(new Set(said).size).toBe(said.length);
  for (const words of said) expect(words).toMatch(/^[^{}]*(?:0001|rungs up)[^{}]*\.$/);
});

test('what a person may pass over says how, in the words of the command that was asked for', () => {
  const doubts: Readonly<Record<(typeof RUN_CONCERNS)[number], RunDoubt>> = {
    problems: { code: 'problems', problem: 'Two files have one number.' },
    drifted: { code: 'drifted', id: '0001' },
    missing: { code: 'missing', id: '0001' },
  };
  for (const concern of RUN_CONCERNS)
    for (const [direction, command] of [
      ['up', 'apply'],
      ['down', 'revert'],
    ] as const) {
      const why: NoRun & { readonly kind: 'stopped' } = { kind: 'stopped', direction, reason: doubts[concern] };
      expect(stopOf(why)).toEqual({
        id: concern === 'problems' ? '' : '0001',
        concern,
        message: expect.stringContaining(` To go on all the same, say "lockstep ${command} --despite ${concern}".`),
      });
    }
});
