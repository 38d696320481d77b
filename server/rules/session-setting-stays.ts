import type { Rule, RuleContext, RuleStatement } from './rule.ts';

/** Settings that decide what later statements of the same session find or may do. */
const SETTINGS: Readonly<Record<string, string>> = {
  search_path: "the tool's own history table, and tables of later migrations, are looked for in these schemas",
  role: 'later migrations run, and make objects, as this role',
  session_authorization: 'later migrations run, and make objects, as this role',
  default_transaction_read_only: 'later migrations cannot write',
};

/** A session setting that outlives the migration. */
export const sessionSettingStays: Rule = {
  code: 'session-setting-stays',
  title: 'A setting of the session stays behind when the migration is done',
  severity: 'warning',
  dialects: ['postgresql'],
  why:
    'SET without LOCAL lasts as long as the session, and a migration tool runs many migrations, and its own bookkeeping, in one. ' +
    'With search_path emptied (as the output of pg_dump does), the tool no longer finds its history table, or the next migration makes its tables somewhere else. ' +
    'Use SET LOCAL, which ends with the transaction, or RESET it at the end of the file.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-set.html',
    'https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATH',
  ],
  bad: [
    {
      title: 'The output of pg_dump',
      dialect: 'postgresql',
      sql: "<|SELECT pg_catalog.set_config('search_path', '', false)|>;\nCREATE TABLE public.users (id bigint PRIMARY KEY);",
    },
    {
      title: 'SET',
      dialect: 'postgresql',
      sql: '<|SET search_path = app|>;\nCREATE TABLE users (id bigint PRIMARY KEY);',
      fixed: 'SET LOCAL search_path = app;\nCREATE TABLE users (id bigint PRIMARY KEY);',
    },
  ],
  good: [
    {
      title: 'For the transaction only',
      dialect: 'postgresql',
      sql: 'SET LOCAL search_path = app;\nCREATE TABLE users (id bigint PRIMARY KEY);',
    },
    {
      title: 'Put back',
      dialect: 'postgresql',
      sql: 'SET search_path = app;\nCREATE TABLE users (id bigint PRIMARY KEY);\nRESET search_path;',
    },
    {
      title: 'What a dump sets besides',
      dialect: 'postgresql',
      sql: "SET standard_conforming_strings = on;\nSET row_security = off;\nSET client_encoding = 'UTF8';",
    },
    { title: 'A timeout, which helps later migrations too', dialect: 'postgresql', sql: "SET lock_timeout = '2s';" },
  ],
  on: ['set-variable', 'select-rows'],
  *check(context, statements) {
    for (const statement of statements) {
      for (const operation of statement.body.operations) {
        if (
          operation.kind === 'select-rows' &&
          setsSearchPath(statement) &&
          !isPutBack(context, statement, 'search_path')
        ) {
          yield {
            statement,
            span: operation.span,
            operation,
            message: `set_config lasts beyond this migration: ${SETTINGS['search_path'] ?? ''}. Give true as its last argument, or RESET search_path at the end.`,
          };
        }
        if (operation.kind !== 'set-variable' || operation.toDefault || operation.scope === 'local') continue;
        const meaning = SETTINGS[operation.name];
        if (
          meaning === undefined ||
          operation.values[0]?.toLowerCase() === 'none' ||
          isPutBack(context, statement, operation.name)
        )
          continue;
        yield {
          statement,
          span: operation.span,
          operation,
          message: `SET ${operation.name} lasts beyond this migration: ${meaning}. Use SET LOCAL, or RESET ${operation.name} at the end.`,
        };
      }
    }
  },
  fixes({ operation, statement }) {
    const head = /^set\s+(?:session\s+)?(?=search_path|role\b)/i.exec(statement.source.text)?.[0];
    return head === undefined || operation === undefined || statement.transaction === 'none'
      ? []
      : [
          {
            kind: 'edit',
            title: 'Use SET LOCAL',
            safety: 'review',
            edits: [{ span: { start: 0, end: head.length }, newText: 'SET LOCAL ' }],
          },
        ];
  },
};

/** `SELECT set_config('search_path', ..., false)`, as the output of pg_dump has it. */
function setsSearchPath({ before, after, source }: RuleStatement): boolean {
  return (
    before.session.searchPath !== after.session.searchPath && /\bset_config\s*\([^)]*\bfalse\s*\)/i.test(source.text)
  );
}

function isPutBack(context: RuleContext, statement: RuleStatement, name: string): boolean {
  return context.statements.some(
    (later) =>
      later.index > statement.index &&
      later.body.operations.some(
        (operation) =>
          operation.kind === 'set-variable' &&
          operation.scope === 'session' &&
          (operation.name === name || operation.name === '*') &&
          (operation.toDefault || operation.name === '*' || operation.values[0]?.toLowerCase() === 'none'),
      ),
  );
}
