import { assertNever } from '../../core/assert-never.ts';
import type { Value } from '../csharp/call.ts';

/** How a product writes what differs between them. */
export interface LiteralForms {
  readonly true: string;
  readonly false: string;
  /** Functions that stand for what the database knows: `SystemMethods.CurrentDateTime`. */
  readonly methods: Readonly<Record<string, string>>;
  /** What stands between the columns and the values of an INSERT. */
  readonly comma: string;
}

/** Source: fluentmigrator/fluentmigrator, PostgresQuoter.cs. */
export const POSTGRES_FORMS: LiteralForms = {
  true: 'true',
  false: 'false',
  methods: {
    NewGuid: 'uuid_generate_v4()',
    NewSequentialId: 'uuid_generate_v1()',
    CurrentDateTime: 'now()',
    CurrentUTCDateTime: "(now() at time zone 'UTC')",
    CurrentDateTimeOffset: 'current_timestamp',
    CurrentUser: 'current_user',
  },
  comma: ',',
};

/** Source: fluentmigrator/fluentmigrator, SQLiteQuoter.cs. */
export const SQLITE_FORMS: LiteralForms = {
  true: '1',
  false: '0',
  methods: { CurrentUTCDateTime: 'CURRENT_TIMESTAMP', CurrentDateTime: "(datetime('now','localtime'))" },
  comma: ', ',
};

/** A value as FluentMigrator writes it; undefined where only the running program knows it. Source: GenericQuoter.cs. */
export function literalOf(value: Value, forms: LiteralForms): string | undefined {
  switch (value.kind) {
    case 'text':
      return value.text.holes.length > 0 ? undefined : quoteText(value.text.text);
    case 'number':
      return value.sql;
    case 'boolean':
      return value.value ? forms.true : forms.false;
    case 'null':
      return 'NULL';
    case 'member': {
      const [holder, name = ''] = value.name.split('.').slice(-2);
      if (holder === 'SystemMethods') return forms.methods[name];
      if (holder === 'DBNull' && name === 'Value') return 'NULL';
      if (holder === 'Guid' && name === 'Empty') return "'00000000-0000-0000-0000-000000000000'";
      return /^string$/i.test(holder ?? '') && name === 'Empty' ? "''" : undefined;
    }
    case 'new':
      return newLiteral(value);
    case 'list':
    case 'type':
    case 'columns':
    case 'members':
    case 'calls':
    case 'unknown':
      return undefined;
    default:
      return assertNever(value);
  }
}

function newLiteral(value: Extract<Value, { readonly kind: 'new' }>): string | undefined {
  const [first] = value.arguments;
  if (value.type === 'Guid')
    return first === undefined
      ? "'00000000-0000-0000-0000-000000000000'"
      : first.value.kind === 'text' && first.value.text.holes.length === 0
        ? quoteText(first.value.text.text)
        : undefined;
  if (value.type !== 'DateTime') return undefined;
  const numbers = value.arguments.flatMap(({ value: part }) => (part.kind === 'number' ? [part.sql] : []));
  if (numbers.length < 3 || numbers.length > 6 || numbers.length !== value.arguments.length) return undefined;
  const [year = '', ...rest] = [...numbers, '0', '0', '0'].slice(0, 6);
  const [month, day, ...clock] = rest.map((part) => part.padStart(2, '0'));
  return `'${year.padStart(4, '0')}-${month}-${day}T${clock.join(':')}'`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
