import { embeddedLanguage, statementTexts } from '../embedded/embedded-language.ts';
import { exportedHalves } from '../javascript/exported-halves.ts';
import { runnerCalls, type Runner } from '../javascript/runner-calls.ts';
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
export const sequelizeLanguage: Language = embeddedLanguage({
  id: 'sequelize',
  title: 'Sequelize (JavaScript)',
  commentMark: '//',
  // In a text of JavaScript these would need another form, which differs by the kind of text.
  unwritable: /["'`\\$\r\n]/,
  callsIn: (text, within) => {
    const { up, down } = exportedHalves(text);
    return [up, down]
      .filter((method) => method !== undefined)
      .filter(({ body }) => body.start >= within.start && body.end <= within.end)
      .flatMap((method) => runnerCalls(text, method, QUERY_INTERFACE));
  },
  step: (sql) => queryInterfaceCalls(sql, '  ', ''),
});

/** Calls that send some SQL, one for each statement. `options`: what else each is given. */
export function queryInterfaceCalls(sql: string, indent: string, options: string): string {
  return statementTexts(sql)
    .map(
      (part) =>
        `${indent}await queryInterface.sequelize.query(\`${part.replaceAll(/[\\`]|\$(?=\{)/g, (found) => `\\${found}`)}\`${options});\n`,
    )
    .join('');
}
