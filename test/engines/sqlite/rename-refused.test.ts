import { expect, test } from 'vitest';
import { sqliteRenameRefused } from '../../../server/rules/sqlite-rename-refused.ts';
import { unmark } from '../../support/rule-check.ts';
import { errorOf, openMemory } from './database.ts';

function outcome(texts: readonly string[]): string | undefined {
  const database = openMemory();
  try {
    return texts.map((text) => errorOf(database, text)).find((error) => error !== undefined);
  } finally {
    database.close();
  }
}

test.each(sqliteRenameRefused.bad)('SQLite refuses: $title', (example) => {
  expect(outcome([...(example.before ?? []), unmark(example.sql).text])).toMatch(
    /^error in (?:view|trigger) \w+: no such table/,
  );
});

test.each(sqliteRenameRefused.good)('SQLite runs: $title', (example) => {
  expect(outcome([...(example.before ?? []), example.sql])).toBeUndefined();
});
