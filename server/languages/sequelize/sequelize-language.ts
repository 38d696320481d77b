import { exportedHalves } from '../javascript/exported-halves.ts';
import type { Runner } from '../javascript/runner-calls.ts';
import { runnerLanguage, templateCalls } from '../javascript/runner-language.ts';
import type { Language } from '../language.ts';

const QUERY_INTERFACE: Runner = {
  reading: /^(?:describeTable|showAll\w+|showIndex|tableExists|getForeignKey\w+|select|rawSelect|quote\w*)$/,
  around: /^sequelize\.transaction$/,
  query: /^sequelize\.query$/,
  unread: (_sql, otherArguments) =>
    /\b(?:replacements|bind)\b/.test(otherArguments)
      ? 'the values of this query are put into it when it runs'
      : undefined,
  other: (call) => `${call} is a call of Sequelize, which makes its SQL when it runs`,
};

/** Migrations of Sequelize: the SQL of `queryInterface.sequelize.query` is read, and every other use of it is told. */
export const sequelizeLanguage: Language = runnerLanguage({
  id: 'sequelize',
  title: 'Sequelize (JavaScript)',
  halvesIn: exportedHalves,
  runner: QUERY_INTERFACE,
  step: (sql) => queryInterfaceCalls(sql, '  ', ''),
});

/** Calls that send some SQL, one for each statement. `options`: what else each is given. */
export function queryInterfaceCalls(sql: string, indent: string, options: string): string {
  return templateCalls(sql, (template) => `${indent}await queryInterface.sequelize.query(${template}${options});\n`);
}
