export const CONCURRENTLY = 'nothing is built concurrently within a transaction';

/** What cannot stand in a DO block, each with why. */
const OUTSIDE: readonly (readonly [RegExp, string])[] = [
  [/^(?:SELECT|VALUES|TABLE)\b(?![\s\S]*\bINTO\b)/i, 'a query has nowhere to put its rows there'],
  [/^(?:CREATE|DROP|REINDEX)\b[\s\S]*?\bCONCURRENTLY\b/i, CONCURRENTLY],
  [/^VACUUM\b/i, 'VACUUM runs in no transaction'],
  [/^(?:CREATE|DROP)\s+(?:DATABASE|TABLESPACE)\b|^ALTER\s+SYSTEM\b/i, 'it runs in no transaction'],
  [/^(?:BEGIN|START\s+TRANSACTION|COMMIT|ROLLBACK)\b/i, 'a block ends no transaction that it did not begin'],
];

/** Why PostgreSQL does not take SQL in the DO block that an idempotent script of EF Core puts it into. */
export function whyNotInBlock(sql: string): string | undefined {
  const plain = sql.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ').trim();
  return OUTSIDE.find(([form]) => form.test(plain))?.[1];
}
