import { exportedHalves } from '../javascript/exported-halves.ts';
import type { Runner } from '../javascript/runner-calls.ts';
import { runnerLanguage, templateCalls } from '../javascript/runner-language.ts';
import type { Language } from '../language.ts';

const KYSELY: Runner = {
  reading: /^(?:selectFrom|introspection|fn|dynamic)\b/,
  query: /^$(?!)/,
  tag: 'sql',
  other: (call) => `${call} is a call of Kysely, which makes its SQL when it runs`,
};

/** Migrations of Kysely: the SQL of `sql` and of `sql.raw` that is executed is read, and every other use of it is told. */
export const kyselyLanguage: Language = runnerLanguage({
  id: 'kysely',
  title: 'Kysely (TypeScript)',
  halvesIn: exportedHalves,
  runner: KYSELY,
  step: (sql) => sqlTags(sql),
});

/** What sends some SQL, one for each statement, as the body of a function. */
export function sqlTags(sql: string): string {
  return templateCalls(sql, (template) => `  await sql${template}.execute(db);\n`);
}
