import { expect, test } from 'vitest';
import { readDirectives } from '../../server/model/directives.ts';

test('the header of a step is read whole', () => {
  const text =
    '-- lockstep: change users-status phase contract\n-- lockstep: title "Require status"\n-- lockstep: requires deploy "version that writes users.status"\n--lockstep: requires backfill\n-- lockstep: requires parity\nSELECT 1;';
  const directives = readDirectives(text);
  expect(directives.problems).toEqual([]);
  expect(directives.change).toMatchObject({ id: 'users-status', phase: 'contract' });
  expect(directives.title).toBe('Require status');
  expect(
    directives.requires.map((requirement) =>
      requirement.kind === 'deploy' ? requirement.description : requirement.kind,
    ),
  ).toEqual(['version that writes users.status', 'backfill', 'parity']);
});

test('C# comments hold directives too', () => {
  expect(readDirectives('// lockstep: change a phase expand').change).toMatchObject({ id: 'a', phase: 'expand' });
});

test('an allow line gives its code, its reason and their places', () => {
  const text = 'ALTER TABLE t DROP COLUMN a; -- lockstep: allow drop-before-contract because nobody reads it\n';
  const allow = readDirectives(text).allows[0];
  expect(allow).toMatchObject({ code: 'drop-before-contract', reason: 'nobody reads it', wholeFile: false });
  expect(text.slice(allow?.codeSpan.start, allow?.codeSpan.end)).toBe('drop-before-contract');
  expect(text.slice(allow?.span.start, allow?.span.end)).toBe(
    '-- lockstep: allow drop-before-contract because nobody reads it',
  );
});

test.each([
  ['-- lockstep: chnage a phase expand', 'no directive'],
  ['-- lockstep: change a phase later', 'no directive'],
  ['-- lockstep: change a phase expand\n-- lockstep: change b phase expand', 'twice'],
])('%s is reported', (text, message) => {
  expect(
    readDirectives(text)
      .problems.map((problem) => problem.message)
      .join(),
  ).toContain(message);
});

test('a carriage return is no part of a directive', () => {
  expect(readDirectives('-- lockstep: change a phase expand\r\nSELECT 1;\r\n').problems).toEqual([]);
});
