import { expect, test } from 'vitest';
import { postgresError } from '../../server/drivers/postgres-failure.ts';

// Messages and details as servers send them.
test.each([
  ['23505', 'could not create unique index "u"', 'Key (email)=(a@b.c) is duplicated.', 'Key (email) is duplicated.'],
  ['23505', 'duplicate key', 'Key (lower(a), b)=(x) is y, 2) already exists.', 'Key (lower(a), b) already exists.'],
  ['23503', 'violates', 'Key (o)=(7) is not present in table "users".', 'Key (o) is not present in table "users".'],
  [
    '23503',
    'violates',
    'Key (id)=(7) is still referenced from table "o".',
    'Key (id) is still referenced from table "o".',
  ],
  [
    '23P01',
    'violates',
    'Key (r)=([1,5)) conflicts with existing key (r)=([2,3)).',
    'Key (r) conflicts with an existing key.',
  ],
  ['23502', 'null value in column "a"', 'Failing row contains (1, a@b.c).', undefined],
  ['23514', 'violated', 'Partition key of the failing row contains (id) = (7).', undefined],
  ['23505', 'doppelt', 'Schlüssel »(email)=(a@b.c)« existiert bereits.', undefined],
  ['2BP01', 'cannot drop', 'view v depends on table t', 'view v depends on table t'],
])('%s: %s: %s', (code, message, detail, expected) => {
  const { failure } = postgresError({ code, message, detail }, 'db', []);
  expect(failure).toMatchObject({ message });
  expect(failure.detail).toBe(expected);
});

test.each([
  ['invalid input syntax for type integer: "secret"', 'SELECT email::int FROM users', 'type integer: "…"'],
  ['invalid input syntax for type integer: "it\'s"', "SELECT 'it''s'::int", 'type integer: "it\'s"'],
  ['value "99999999999" is out of range for type integer', 'SELECT x::int FROM t', 'value "…" is out'],
  ['invalid value for parameter "lock_timeout": "secret"', 'SET lock_timeout = $1', 'parameter "lock_timeout": "…"'],
  ['ungültige Eingabesyntax für Typ integer: „secret“', 'SELECT x', 'integer: „…“'],
])('a value that does not fit: %s', (message, sql, expected) => {
  const { failure } = postgresError({ code: '22P02', message, detail: 'Token "secret" is invalid.' }, 'db', [], sql);
  expect(failure.message).toContain(expected);
  expect(failure.detail).toBeUndefined();
});
