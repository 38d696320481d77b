import { embeddedLanguage, statementTexts } from '../embedded/embedded-language.ts';
import { exportedHalves } from '../javascript/exported-halves.ts';
import { runnerCalls, type Runner } from '../javascript/runner-calls.ts';
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
export const knexLanguage: Language = embeddedLanguage({
  id: 'knex',
  title: 'Knex (JavaScript)',
  commentMark: '//',
  // In a text of JavaScript these would need another form, which differs by the kind of text; Knex reads question marks.
  unwritable: /["'`\\$?\r\n]/,
  callsIn: (text, within) => {
    const { up, down } = exportedHalves(text);
    return [up, down]
      .filter((method) => method !== undefined)
      .filter(({ body }) => body.start >= within.start && body.end <= within.end)
      .flatMap((method) => runnerCalls(text, method, KNEX));
  },
  step: (sql) => rawCalls(sql),
});

/** Calls that send some SQL, one for each statement, as the body of a function. */
export function rawCalls(sql: string): string {
  return statementTexts(sql)
    .map(
      (part) =>
        `  await knex.raw(\`${part.replaceAll('?', '\\?').replaceAll(/[\\`]|\$(?=\{)/g, (found) => `\\${found}`)}\`);\n`,
    )
    .join('');
}
