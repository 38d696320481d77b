import { statementsWith } from './facts/operation-index.ts';
import type { Rule } from './rule.ts';
import type { Expression } from '../model/expression.ts';

/** A text in double quotes, which are for names. */
export const sqliteDoubleQuotedText: Rule = {
  code: 'sqlite-double-quoted-text',
  aliases: ['sqlite-dqs'],
  title: 'A text stands in double quotes, which SQLite takes for a name first',
  severity: 'warning',
  dialects: ['sqlite'],
  why:
    'Double quotes are for names. ' +
    'SQLite takes a quoted name that it does not find for a text, out of kindness to old programs, so that a misspelt column goes unnoticed, and newer builds, and PostgreSQL, refuse it. ' +
    'Write texts in single quotes.',
  docs: ['https://www.sqlite.org/quirks.html#double_quoted_string_literals_are_accepted'],
  bad: [
    {
      title: 'A default',
      dialect: 'sqlite',
      sql: 'CREATE TABLE users (id INTEGER PRIMARY KEY, status TEXT DEFAULT <|"new"|>);',
      fixed: "CREATE TABLE users (id INTEGER PRIMARY KEY, status TEXT DEFAULT 'new');",
    },
    {
      title: 'A value',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY, status TEXT);'],
      sql: 'INSERT INTO users (status) VALUES (<|"new"|>);',
      fixed: "INSERT INTO users (status) VALUES ('new');",
    },
  ],
  good: [
    {
      title: 'A column in double quotes',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY, status TEXT, former TEXT);'],
      sql: 'UPDATE users SET former = "status" WHERE id = 1;',
    },
    {
      title: 'Single quotes',
      dialect: 'sqlite',
      sql: "CREATE TABLE users (id INTEGER PRIMARY KEY, status TEXT DEFAULT 'new');",
    },
  ],
  *check(context) {
    for (const statement of statementsWith(context, 'insert-rows', 'update-rows', 'delete-rows', 'select-rows')) {
      // What stands for a placeholder may be anything.
      if (statement.body.placeholders !== undefined) continue;
      for (const operation of statement.body.operations)
        for (const span of context.engine.quotedTexts(operation, statement.before)) {
          const written = statement.source.text.slice(span.start, span.end);
          yield {
            statement,
            span,
            operation,
            message: `${written} is a name, and no column here has it: SQLite takes it for a text, or refuses it as it was compiled. Write it in single quotes.`,
          };
        }
    }
    for (const statement of statementsWith(context, 'create-table', 'add-column')) {
      for (const operation of statement.body.operations) {
        const columns =
          operation.kind === 'create-table'
            ? operation.columns
            : operation.kind === 'add-column' && operation.action.kind === 'add-column'
              ? [operation.action.column]
              : [];
        for (const column of columns) {
          if (column.default === undefined || !isQuotedName(column.default)) continue;
          yield {
            statement,
            span: column.default.span,
            operation,
            message: `${column.default.text} is a name, which SQLite takes for a text because it finds none: write it in single quotes.`,
          };
        }
      }
    }
  },
  fixes({ statement, span }) {
    const word = statement.source.text.slice(span.start, span.end);
    return [
      {
        kind: 'edit',
        title: 'Use single quotes',
        safety: 'safe',
        edits: [{ span, newText: `'${word.slice(1, -1).replaceAll('""', '"').replaceAll("'", "''")}'` }],
      },
    ];
  },
};

/** A default names no column, so that a quoted word can only be meant as a text. */
function isQuotedName(expression: Expression): boolean {
  return /^"(?:[^"]|"")*"$/.test(expression.text);
}
