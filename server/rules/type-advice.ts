import type { TypeName } from '../model/type-name.ts';
import type { Rule } from './rule.ts';

/** Types that the manual itself advises against, or that make a later change costly, with what to use. */
function advice(type: TypeName): string | undefined {
  if (type.schema !== undefined) return undefined;
  switch (type.name) {
    case 'varchar':
      return type.modifiers.length > 0
        ? 'text with a CHECK on its length: another length is then validated while the table is read and written'
        : undefined;
    case 'bpchar':
      return 'text: char(n) fills up with blanks';
    case 'timestamp':
      return 'timestamptz: timestamp does not say in which time zone';
    case 'timetz':
      return 'timestamptz: a time of day has no time zone without its day';
    case 'money':
      return "numeric: money depends on the server's locale";
    default:
      return undefined;
  }
}

/** A type that is seldom the right one. */
export const typeAdvice: Rule = {
  code: 'type-advice',
  aliases: ['prefer-types', 'prefer-text-field', 'prefer-timestamptz'],
  title: 'A new column has a type that is seldom the right one',
  severity: 'hint',
  preset: 'all',
  dialects: ['postgresql'],
  why:
    "Some types are there for the SQL standard or for old programs: char(n) pads with blanks, timestamp forgets the time zone, money depends on the server's language. " +
    'A column is cheap to give another type while its table is new, and costly later.',
  docs: [
    'https://www.postgresql.org/docs/current/datatype-character.html',
    'https://www.postgresql.org/docs/current/datatype-datetime.html',
    'https://www.postgresql.org/docs/current/datatype-money.html',
  ],
  bad: [
    {
      title: 'timestamp',
      dialect: 'postgresql',
      sql: 'CREATE TABLE users (id bigint PRIMARY KEY, born <|timestamp|>);',
    },
  ],
  good: [
    {
      title: 'timestamptz and text',
      dialect: 'postgresql',
      sql: 'CREATE TABLE users (id bigint PRIMARY KEY, born timestamptz, name text);',
    },
  ],
  on: ['create-table', 'add-column'],
  *check(_context, statements) {
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        const columns =
          operation.kind === 'create-table'
            ? operation.columns
            : operation.kind === 'add-column' && operation.action.kind === 'add-column'
              ? [operation.action.column]
              : [];
        for (const { type } of columns) {
          const use = type === undefined ? undefined : advice(type);
          if (type?.span !== undefined && use !== undefined)
            yield { statement, span: type.span, operation, message: `Rather use ${use}.` };
        }
      }
    }
  },
};
