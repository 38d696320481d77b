import type { TextEdit } from '../core/edit.ts';
import type { Span } from '../core/span.ts';
import type { Operation } from '../model/operation.ts';
import type { Rule, RuleFix, RuleStatement } from './rule.ts';

/** A name that PostgreSQL cuts off. */
export const truncatedName: Rule = {
  code: 'truncated-name',
  aliases: ['identifier-too-long'],
  title: 'A name is longer than the 63 bytes that PostgreSQL keeps',
  severity: 'warning',
  dialects: ['postgresql'],
  mendsBlocks: true,
  why:
    'PostgreSQL cuts longer names off and says so only in a notice that most tools do not show. ' +
    'A later statement, or a query of the catalog, that uses the whole name finds nothing, and two long names with the same beginning become one. ' +
    'Give it a shorter name.',
  docs: ['https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS'],
  bad: [
    {
      title: 'An index',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);'],
      sql: '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY <|index_users_on_email_for_the_people_who_look_each_other_up_by_mail|> ON users (email);',
      fixed:
        '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY index_users_on_email_for_the_people_who_look_each_other_up_by_m ON users (email);',
    },
    {
      title: 'Letters of two bytes',
      dialect: 'postgresql',
      sql: `CREATE TABLE <|"${'ä'.repeat(32)}"|> (id bigint PRIMARY KEY);`,
      fixed: `CREATE TABLE "${'ä'.repeat(31)}" (id bigint PRIMARY KEY);`,
    },
    {
      title: 'In a block that asks for it, and finds it by the name that is kept only',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);'],
      sql: "DO $$ BEGIN\n  IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'users_email_is_not_empty_for_those_who_look_each_other_up_by_mail') THEN\n    ALTER TABLE users ADD CONSTRAINT <|users_email_is_not_empty_for_those_who_look_each_other_up_by_mail|> CHECK (email <> '') NOT VALID;\n  END IF;\nEND $$;",
      fixed:
        "DO $$ BEGIN\n  IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'users_email_is_not_empty_for_those_who_look_each_other_up_by_ma') THEN\n    ALTER TABLE users ADD CONSTRAINT users_email_is_not_empty_for_those_who_look_each_other_up_by_ma CHECK (email <> '') NOT VALID;\n  END IF;\nEND $$;",
    },
  ],
  good: [
    {
      title: '63 bytes',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);'],
      sql: '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY index_users_on_email_for_the_people_who_look_each_other_up_by_m ON users (email);',
    },
  ],
  on: [
    'create-table',
    'create-table-as',
    'create-view',
    'create-materialized-view',
    'create-sequence',
    'create-index',
    'create-trigger',
    'create-policy',
    'create-type',
    'create-function',
    'rename-object',
    'add-column',
    'add-constraint',
    'rename-column',
    'rename-constraint',
    'rename-table',
  ],
  *check(context, statements) {
    const most = context.engine.product.mostNameBytes ?? Number.POSITIVE_INFINITY;
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const { operation, span, bytes, name } of longNames(statement, most)) {
        yield {
          statement,
          span,
          operation,
          message: `This name has ${bytes} bytes: PostgreSQL keeps the first ${most} and calls it "${name}".`,
        };
      }
    }
  },
  fixes: ({ statement, span }, context) =>
    kept(statement, span, context.engine.product.mostNameBytes ?? Number.POSITIVE_INFINITY),
};

/** The name as PostgreSQL keeps it, which it is called by from then on: nothing changes but the text. */
function kept(statement: RuleStatement, span: Span, most: number): readonly RuleFix[] {
  const found = longNames(statement, most).find((each) => each.span.start === span.start && each.span.end === span.end);
  if (found === undefined) return [];
  const isQuoted = statement.source.text.startsWith('"', span.start);
  const newText = isQuoted ? `"${found.name.replaceAll('"', '""')}"` : found.name;
  const edits = [{ span, newText }, ...askedFor(statement, span, found.name)];
  return [{ kind: 'edit', title: 'Write the name that PostgreSQL keeps', safety: 'safe', edits }];
}

/** What a block compares with names in the catalog: the long name is never found there. */
function askedFor({ whole, source }: RuleStatement, span: Span, name: string): readonly TextEdit[] {
  if (whole === undefined) return [];
  const word = source.text.slice(span.start, span.end);
  const spelt = word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word.toLowerCase();
  const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
  const asked = text(spelt);
  const edits: TextEdit[] = [];
  for (let at = source.text.indexOf(asked); at >= 0; at = source.text.indexOf(asked, at + asked.length))
    edits.push({ span: { start: at, end: at + asked.length }, newText: text(name) });
  return edits;
}

interface LongName {
  readonly operation: Operation;
  readonly span: Span;
  readonly bytes: number;
  /** What is left of it. */
  readonly name: string;
}

const NONE: readonly LongName[] = [];

/** A statement's own text decides, so that one look at it is enough. */
const found = new WeakMap<RuleStatement['body'], readonly LongName[]>();

function longNames(statement: RuleStatement, most: number): readonly LongName[] {
  const known = found.get(statement.body);
  if (known !== undefined) return known;
  const { text } = statement.source;
  // A character has three bytes at most in a text of the same length.
  const isShort = text.length * 3 <= most || byteLength(text) <= most;
  const names = isShort
    ? NONE
    : statement.body.operations.flatMap((operation) =>
        [...newNames(operation, most)].flatMap(({ span, wanted }) =>
          [...namesIn(text, span, wanted, most)].map((word) => ({
            operation,
            span: word.span,
            bytes: word.bytes,
            name: wanted,
          })),
        ),
      );
  found.set(statement.body, names);
  return names;
}

/** Names that an operation gives, as the catalog spells them, and where to look for each. Only those that may have been cut off. */
function* newNames(
  operation: Operation,
  most: number,
): IterableIterator<{ readonly span: Span; readonly wanted: string }> {
  for (const wanted of namesGiven(operation))
    if (wanted !== undefined && byteLength(wanted) > most - 4) yield { span: operation.span, wanted };
}

function namesGiven(operation: Operation): readonly (string | undefined)[] {
  switch (operation.kind) {
    case 'create-table':
      return [
        operation.relation.name,
        ...operation.columns.flatMap((column) => [
          column.name,
          ...column.constraints.map((constraint) => constraint.name),
        ]),
        ...operation.constraints.map((constraint) => constraint.name),
      ];
    case 'create-table-as':
    case 'create-view':
    case 'create-materialized-view':
    case 'create-sequence':
      return [operation.relation.name];
    case 'create-index':
    case 'create-trigger':
    case 'create-policy':
      return [operation.name];
    case 'create-type':
    case 'create-function':
      return [operation.name.name];
    case 'rename-object':
      return [operation.newName];
    default:
      break;
  }
  if (!('head' in operation)) return [];
  switch (operation.action.kind) {
    case 'add-column':
      return [
        operation.action.column.name,
        ...operation.action.column.constraints.map((constraint) => constraint.name),
      ];
    case 'add-constraint':
      return [operation.action.constraint.name];
    case 'rename-column':
    case 'rename-constraint':
    case 'rename-table':
      return [operation.action.newName];
    default:
      return [];
  }
}

/** Words of the text that are longer than a name may be and begin with the name that is left of it. */
function* namesIn(
  text: string,
  within: Span,
  name: string,
  most: number,
): IterableIterator<{ readonly span: Span; readonly bytes: number }> {
  const region = text.slice(within.start, within.end);
  for (const match of region.matchAll(/"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*/gu)) {
    const [word] = match;
    const isQuoted = word.startsWith('"');
    const spelt = isQuoted ? word.slice(1, -1).replaceAll('""', '"') : word.toLowerCase();
    const bytes = byteLength(spelt);
    if (bytes <= most || !spelt.startsWith(name)) continue;
    yield { span: { start: within.start + match.index, end: within.start + match.index + word.length }, bytes };
    return;
  }
}

const ENCODER = new TextEncoder();

/** A character of more than one byte. */
const LONG_CHARACTER = /[^\0-\x7f]/;

function byteLength(text: string): number {
  return LONG_CHARACTER.test(text) ? ENCODER.encode(text).length : text.length;
}
