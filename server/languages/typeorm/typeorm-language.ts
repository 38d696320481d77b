import type { Runner } from '../javascript/runner-calls.ts';
import { runnerLanguage, templateCalls } from '../javascript/runner-language.ts';
import type { Language } from '../language.ts';
import { migrationIn } from './migration-class.ts';

const QUERY_RUNNER: Runner = {
  reading: /^(?:has|get)[A-Z]\w*$/,
  query: /^(?:(?:manager|connection|dataSource)\.)?query$/,
  other: (call) => `${call} is a call of TypeORM, which makes its SQL when it runs`,
};

/** Migrations of TypeORM in TypeScript or JavaScript: the SQL of `queryRunner.query` is read, and every other use of it is told. */
export const typeormLanguage: Language = runnerLanguage({
  id: 'typeorm',
  title: 'TypeORM (TypeScript)',
  halvesIn: migrationIn,
  runner: QUERY_RUNNER,
  step: (sql) => queryCalls(sql),
});

/** Calls that send some SQL, one for each statement, as the body of a method. */
export function queryCalls(sql: string): string {
  return templateCalls(sql, (template) => `        await queryRunner.query(${template});\n`);
}
