import { describe, expect, test } from 'vitest';
import { Headers } from '../../server/tools/headers.ts';
import type { Format } from '../../server/tools/format.ts';
import { runProject } from '../support/run-project.ts';
import { projectFiles } from '../support/tool-cases.ts';

const TWO = `-- lockstep: title "both"
-- first: lockstep
-- lockstep: change a phase expand
SELECT 1;
-- second
-- lockstep: change b phase contract
-- lockstep: irreversible "gone"
SELECT 2;
`;
const SECOND_AT = TWO.indexOf('-- second');

/** A format whose documents hold two migrations, or one where `isOne`, that counts how often it cuts them. */
function countedFormat(isOne = false): { readonly format: Pick<Format, 'layout'>; readonly layouts: () => number } {
  let layouts = 0;
  return {
    layouts: () => layouts,
    format: {
      layout: (_path, text) => {
        layouts++;
        const whole = { direction: 'up', transaction: 'one' } as const;
        return {
          problems: [],
          sections: isOne
            ? [{ ...whole, span: { start: 0, end: text.length } }]
            : [
                { ...whole, migration: '1', span: { start: 0, end: SECOND_AT } },
                { ...whole, migration: '2', span: { start: SECOND_AT, end: text.length } },
              ],
        };
      },
    },
  };
}

describe('headers', () => {
  test('each migration of a document has its own lines, at their places in the document', () => {
    const { format, layouts } = countedFormat();
    const headers = new Headers(format, 'a.sql', TWO, 'postgresql');
    expect(headers.directivesOf({ id: '1' }).change).toMatchObject({ id: 'a', phase: 'expand' });
    expect(headers.directivesOf({ id: '1' })).toMatchObject({ title: 'both', problems: [] });
    const second = headers.directivesOf({ id: '2' });
    expect(second).toMatchObject({ change: { id: 'b' }, irreversible: { reason: 'gone' }, problems: [] });
    expect(second.title).toBeUndefined();
    const { start, end } = second.irreversible?.span ?? { start: 0, end: 0 };
    expect(TWO.slice(start, end)).toBe('-- lockstep: irreversible "gone"');
    // All together name two changes, which is wrong in one migration.
    expect(headers.directives.problems).toHaveLength(1);
    expect(layouts()).toBe(1);
  });

  test('a document without any line is not cut to see that', () => {
    const { format, layouts } = countedFormat(true);
    const headers = new Headers(format, 'a.sql', 'SELECT 1;', 'postgresql');
    expect(headers.directivesOf({ id: '1' }).allows).toEqual([]);
    expect(layouts()).toBe(0);
    expect(headers.section({ id: '1' }, 'up')?.span).toEqual({ start: 0, end: 9 });
    expect(headers.section({ id: '1' }, 'down')).toBeUndefined();
    expect(layouts()).toBe(1);
  });

  test('a file beside a document that says how it is cut is seen when it changes', async () => {
    using running = await runProject(projectFiles('diesel'));
    const up = 'migrations/2024-01-03-000000_index/up.sql';
    const transaction = (): string | undefined =>
      running.project.headersOf(up)?.section({ id: '2024-01-03-000000_index' }, 'up')?.transaction;
    expect(transaction()).toBe('implicit');
    expect(running.project.explain(up).transaction).toBe('implicit');
    await running.write('migrations/2024-01-03-000000_index/metadata.toml', 'run_in_transaction = true\n');
    expect(transaction()).toBe('one');
    expect(running.project.explain(up).transaction).toBe('one');
  });
});
