import { statementsWith } from './facts/operation-index.ts';
import type { Rule, RuleContext, RuleStatement } from './rule.ts';

/** Commands that are told by name; the others are in the lines. */
const MOST_COMMANDS = 4;

/** A script for the product's own program: commands, variables and rows that the database itself does not take. */
export const clientCommand: Rule = {
  code: 'client-command',
  title: 'A script for the client of the database, which apply cannot run',
  severity: 'warning',
  dialects: ['postgresql', 'sqlite'],
  why:
    'psql and the sqlite3 shell have commands of their own (`\\connect`, `\\i`, `\\if`, `.read`), variables (`:name`) and rows behind COPY ... FROM stdin, as pg_dump writes them. ' +
    'They carry them out themselves and send the database the rest; whoever sends the file as it is gets a syntax error, or a COPY that waits for rows which never come. ' +
    'Run such a file with the client, or write it in SQL alone: rows as INSERT, each included file as a migration of its own.',
  docs: [
    'https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-META-COMMANDS',
    'https://www.postgresql.org/docs/current/sql-copy.html',
    'https://www.sqlite.org/cli.html',
  ],
  bad: [
    {
      title: 'Commands of psql',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: '<|\\set ON_ERROR_STOP on|>\nALTER TABLE users ADD COLUMN name text;\n\\i grants.sql',
    },
    {
      title: 'Rows, as pg_dump writes them',
      dialect: 'postgresql',
      sql: 'CREATE TABLE users (id bigint PRIMARY KEY, name text);\n<|COPY users (id, name) FROM stdin|>;\n1\tAda\n\\.\n',
    },
    {
      title: 'A variable',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, name text);'],
      sql: "<|UPDATE users SET name = :'owner' WHERE id = 1|>;",
    },
    {
      title: 'A command of the shell',
      dialect: 'sqlite',
      sql: '<|.read tables.sql|>\nCREATE TABLE notes (id INTEGER);',
    },
  ],
  good: [
    {
      title: 'Rows as INSERT',
      dialect: 'postgresql',
      sql: "CREATE TABLE users (id bigint PRIMARY KEY, name text);\nINSERT INTO users VALUES (1, 'Ada');",
    },
    {
      title: 'A cast, a slice and a time are no variables',
      dialect: 'postgresql',
      sql: "SELECT '12:30'::time, (ARRAY[1, 2, 3])[1:2];",
    },
    { title: 'Plain SQL', dialect: 'sqlite', sql: 'CREATE TABLE notes (id INTEGER);' },
  ],
  *check(context) {
    if (!hasAny(context)) return;
    const found = context.statements.flatMap((statement) => {
      const used = usedIn(statement);
      return used === undefined ? [] : [{ statement, ...used }];
    });
    const [first] = found;
    if (first === undefined) return;
    const words = [...new Set(found.map(({ word }) => word))];
    const shown =
      words.length > MOST_COMMANDS
        ? `${words.slice(0, MOST_COMMANDS).join(', ')} and ${words.length - MOST_COMMANDS} more`
        : words.join(', ');
    const lines = linesOf(
      context,
      found.map(({ statement }) => statement),
    );
    yield {
      statement: first.statement,
      span: { start: 0, end: first.statement.source.text.length },
      message: words.every((word) => word.startsWith(':'))
        ? `${shown} (${lines}) is replaced before the database gets the text, as ${first.client} does it: "lockstep apply" cannot run this migration as it is.`
        : `Only ${first.client} understands ${shown} (${lines}): "lockstep apply" cannot run this migration. Run it with ${first.client}, or write it in SQL alone.`,
    };
  },
};

/** A cheap test, for each document at each keystroke. */
function hasAny(context: RuleContext): boolean {
  return (
    statementsWith(context, 'opaque', 'copy-rows').length > 0 ||
    context.statements.some(({ body }) => body.placeholders !== undefined)
  );
}

/** What of a statement the client alone understands. */
function usedIn({ body }: RuleStatement): { readonly client: string; readonly word: string } | undefined {
  for (const operation of body.operations) {
    if (operation.kind === 'copy-rows' && operation.client !== undefined)
      return { client: operation.client, word: 'COPY ... FROM stdin' };
    if (operation.kind === 'opaque' && operation.client !== undefined)
      return { client: operation.client, word: operation.command ?? 'COPY ... FROM stdin' };
  }
  const variable = body.placeholders?.find(({ client }) => client !== undefined);
  return variable?.client === undefined ? undefined : { client: variable.client, word: variable.text };
}

/** `line 3`, `lines 1, 4 to 9 and 12`. */
function linesOf(context: RuleContext, statements: readonly RuleStatement[]): string {
  const runs: { first: number; last: number }[] = [];
  for (const statement of statements) {
    const { first, last } = context.linesOf(statement);
    const run = runs.at(-1);
    if (run !== undefined && first <= run.last + 1) run.last = Math.max(run.last, last);
    else runs.push({ first, last });
  }
  const words = runs.map(({ first, last }) => (first === last ? String(first) : `${first} to ${last}`));
  const isOne = runs.length === 1 && runs[0]?.first === runs[0]?.last;
  return `${isOne ? 'line' : 'lines'} ${words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`}`;
}
