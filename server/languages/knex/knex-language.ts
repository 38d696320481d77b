import { exportedHalves } from '../javascript/exported-halves.ts';
import type { Runner } from '../javascript/runner-calls.ts';
import { runnerLanguage, templateCalls } from '../javascript/runner-language.ts';
import type { Language } from '../language.ts';

const KNEX: Runner = {
  reading: /^schema\.has(?:Table|Column)$|^(?:select|first|pluck|count|fn)\b/,
  query: /^(?:schema\.)?raw$/,
  unread: (sql, otherArguments) =>
    // Source: lib/raw.js and the clients' positionBindings: every question mark becomes a parameter.
    otherArguments.replace(/^,\s*/, '') !== '' || /\?/.test(sql)
      ? 'the values of this query are put into it when it runs'
      : undefined,
  other: (call) => `${call} is a call of Knex, which makes its SQL when it runs`,
};

/** Migrations of Knex in JavaScript or TypeScript: the SQL of `knex.raw` is read, and every other use of it is told. */
export const knexLanguage: Language = runnerLanguage({
  id: 'knex',
  title: 'Knex (JavaScript)',
  // Knex reads question marks.
  unwritable: /["'`\\$?\r\n]/,
  halvesIn: exportedHalves,
  runner: KNEX,
  step: (sql) => rawCalls(sql),
});

/** Calls that send some SQL, one for each statement, as the body of a function. */
export function rawCalls(sql: string): string {
  return templateCalls(sql.replaceAll('?', '\\?'), (template) => `  await knex.raw(${template});\n`);
}
