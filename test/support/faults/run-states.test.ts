import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { RUN_STATES } from './run-states.ts';

test('ARCHITECTURE.md has the states and what status calls each of them', () => {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../../ARCHITECTURE.md'), 'utf8');
  const table = /<!-- what the database has -->([\s\S]*?)<!-- end -->/.exec(text)?.[1] ?? '';
  const rows = table
    .trim()
    .split('\n')
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()));
  expect(rows.map(([, name, , status]) => [name, status])).toEqual(
    RUN_STATES.map(({ name, status }) => [
      name,
      status.up === status.down ? `\`${status.up}\`` : `\`${status.up}\`; reverting: \`${status.down}\``,
    ]),
  );
});
