import { expect, test } from 'vitest';
import { summaryOf, undoStep } from '../../client/fixes/landed-fix.ts';

const file = (before: string | null, after: string | null): Parameters<typeof undoStep>[0] => ({
  uri: 'file:///m/1.sql',
  path: 'm/1.sql',
  before,
  after,
});

test('the summary names steps, files and what is deployed between which steps', () => {
  const deploys = ['"version that writes users.status"'];
  expect(
    summaryOf({
      steps: [
        { title: 'a', deploys: [] },
        { title: 'b', deploys },
        { title: 'c', deploys: [] },
      ],
      files: [file(null, 'YQ=='), file(null, 'Yg=='), file('Yw==', null)],
    }),
  ).toBe('3 steps, 2 files written, 1 replaced; between steps 1 and 2 deploy: "version that writes users.status"');
  expect(summaryOf({ steps: [{ title: 'a', deploys: ['it'] }], files: [file('YQ==', 'Yg==')] })).toBe(
    '1 step, 1 file written; before step 1 deploy: it',
  );
});

test.each([
  ['as the fix left it', file('YQ==', 'Yg=='), 'Yg==', 'restore'],
  ['as before it', file('YQ==', 'Yg=='), 'YQ==', 'as-before'],
  ['edited since', file('YQ==', 'Yg=='), 'Yw==', 'changed'],
  ['taken away since', file(null, 'Yg=='), null, 'as-before'],
  ['a replaced file that somebody made again', file('YQ==', null), 'Yw==', 'changed'],
  ['a replaced file that is still gone', file('YQ==', null), null, 'restore'],
] as const)('undo of a file %s', (_name, landed, now, step) => {
  expect(undoStep(landed, now)).toBe(step);
});
