import { embeddedLanguage, statementTexts } from '../embedded/embedded-language.ts';
import { runnerCalls, type Runner } from '../javascript/runner-calls.ts';
import type { Language } from '../language.ts';
import { migrationIn } from '../typeorm/migration-class.ts';

const MIGRATION: Runner = {
  reading: /^(?:config|driver|ctx)\b|^is[A-Z]\w*$/,
  query: /^(?:addSql|execute)$/,
  other: (call) => `${call} is a call of MikroORM, which makes its SQL when it runs`,
};

/** Migrations of MikroORM: the SQL of `this.addSql` and `this.execute` is read, and every other use of the migration is told. */
export const mikroOrmLanguage: Language = embeddedLanguage({
  id: 'mikro-orm',
  title: 'MikroORM (TypeScript)',
  commentMark: '//',
  // In a text of TypeScript these would need another form, which differs by the kind of text.
  unwritable: /["'`\\$\r\n]/,
  callsIn: (text, within) => {
    const { up, down } = migrationIn(text);
    return [up, down]
      .filter((method) => method !== undefined)
      .filter(({ body }) => body.start >= within.start && body.end <= within.end)
      .flatMap((method) => runnerCalls(text, { ...method, runner: 'this' }, MIGRATION));
  },
  step: (sql) => addSqlCalls(sql),
});

/** Calls that send some SQL, one for each statement, as the body of a method. */
export function addSqlCalls(sql: string): string {
  return statementTexts(sql)
    .map((part) => `    this.addSql(\`${part.replaceAll(/[\\`]|\$(?=\{)/g, (found) => `\\${found}`)}\`);\n`)
    .join('');
}
