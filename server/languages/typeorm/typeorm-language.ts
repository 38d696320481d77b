import { embeddedLanguage, statementTexts } from '../embedded/embedded-language.ts';
import { runnerCalls, type Runner } from '../javascript/runner-calls.ts';
import type { Language } from '../language.ts';
import { migrationIn } from './migration-class.ts';

const QUERY_RUNNER: Runner = {
  reading: /^(?:has|get)[A-Z]\w*$/,
  query: /^(?:(?:manager|connection|dataSource)\.)?query$/,
  other: (call) => `${call} is a call of TypeORM, which makes its SQL when it runs`,
};

/** Migrations of TypeORM in TypeScript or JavaScript: the SQL of `queryRunner.query` is read, and every other use of it is told. */
export const typeormLanguage: Language = embeddedLanguage({
  id: 'typeorm',
  title: 'TypeORM (TypeScript)',
  commentMark: '//',
  // In a text of TypeScript these would need another form, which differs by the kind of text.
  unwritable: /["'`\\$\r\n]/,
  callsIn: (text, within) => {
    const { up, down } = migrationIn(text);
    return [up, down]
      .filter((method) => method !== undefined)
      .filter(({ body }) => body.start >= within.start && body.end <= within.end)
      .flatMap((method) => runnerCalls(text, method, QUERY_RUNNER));
  },
  step: (sql) => queryCalls(sql),
});

/** Calls that send some SQL, one for each statement, as the body of a method. */
export function queryCalls(sql: string): string {
  return statementTexts(sql)
    .map(
      (part) =>
        `        await queryRunner.query(\`${part.replaceAll(/[\\`]|\$(?=\{)/g, (found) => `\\${found}`)}\`);\n`,
    )
    .join('');
}
