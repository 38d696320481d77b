import type { Runner } from '../javascript/runner-calls.ts';
import { runnerLanguage, templateCalls } from '../javascript/runner-language.ts';
import type { Language } from '../language.ts';
import { migrationIn } from '../typeorm/migration-class.ts';

const MIGRATION: Runner = {
  reading: /^(?:config|driver|ctx)\b|^is[A-Z]\w*$/,
  query: /^(?:addSql|execute)$/,
  other: (call) => `${call} is a call of MikroORM, which makes its SQL when it runs`,
};

/** Migrations of MikroORM: the SQL of `this.addSql` and `this.execute` is read, and every other use of the migration is told. */
export const mikroOrmLanguage: Language = runnerLanguage({
  id: 'mikro-orm',
  title: 'MikroORM (TypeScript)',
  // The class itself sends them, and its methods are given nothing.
  halvesIn: (text) => {
    const { up, down } = migrationIn(text);
    return { up: up && { ...up, runner: 'this' }, down: down && { ...down, runner: 'this' } };
  },
  runner: MIGRATION,
  step: (sql) => addSqlCalls(sql),
});

/** Calls that send some SQL, one for each statement, as the body of a method. */
export function addSqlCalls(sql: string): string {
  return templateCalls(sql, (template) => `    this.addSql(${template});\n`);
}
