import { embeddedLanguage, statementTexts } from '../embedded/embedded-language.ts';
import { exportedHalves } from '../javascript/exported-halves.ts';
import { runnerCalls, type Runner } from '../javascript/runner-calls.ts';
import type { Language } from '../language.ts';

const KYSELY: Runner = {
  reading: /^(?:selectFrom|introspection|fn|dynamic)\b/,
  query: /^$(?!)/,
  tag: 'sql',
  other: (call) => `${call} is a call of Kysely, which makes its SQL when it runs`,
};

/** Migrations of Kysely: the SQL of `sql` and of `sql.raw` that is executed is read, and every other use of it is told. */
export const kyselyLanguage: Language = embeddedLanguage({
  id: 'kysely',
  title: 'Kysely (TypeScript)',
  commentMark: '//',
  // In a text of TypeScript these would need another form, which differs by the kind of text.
  unwritable: /["'`\\$\r\n]/,
  callsIn: (text, within) => {
    const { up, down } = exportedHalves(text);
    return [up, down]
      .filter((method) => method !== undefined)
      .filter(({ body }) => body.start >= within.start && body.end <= within.end)
      .flatMap((method) => runnerCalls(text, method, KYSELY));
  },
  step: (sql) => sqlTags(sql),
});

/** What sends some SQL, one for each statement, as the body of a function. */
export function sqlTags(sql: string): string {
  return statementTexts(sql)
    .map((part) => `  await sql\`${part.replaceAll(/[\\`]|\$(?=\{)/g, (found) => `\\${found}`)}\`.execute(db);\n`)
    .join('');
}
