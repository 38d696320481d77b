import { byEngine } from '../../../model/engine-id.ts';
import type { Call, Value } from '../../csharp/call.ts';
import { shown } from '../../csharp/command.ts';
import type { KnownModel } from '../model/ef-model.ts';
import { BoundArguments } from '../parameters.ts';
import { isCreated, textOf } from '../sqlite-rebuild-plan.ts';
import type { Remark } from '../../language.ts';
import { callsIn, type Check } from './check.ts';

const CODE = 'invented-default';

/**
 * Defaults that EF Core's differ makes up for rows that have no value: nobody chose them.
 *
 * Source: dotnet/efcore, MigrationsModelDiffer.Initialize.
 */
export const inventedDefault: Check = ({ migration, dialect, document }) => {
  const calls = callsIn(migration.up);
  return calls.flatMap((call): readonly Remark[] => {
    if (call.method !== 'AddColumn' && call.method !== 'AlterColumn') return [];
    const bound = new BoundArguments(call);
    const value = bound.get('defaultValue');
    const invented = value === undefined ? undefined : inventedKind(value);
    if (value === undefined || invented === undefined || bound.isTrue('nullable') !== false) return [];
    const table = bound.get('table');
    const name = textOf(bound.get('name'));
    // The rows of a table that the migration makes are none, and a default that the model has was chosen.
    if (name === undefined || isCreated(table, calls) || isInModel(document.models.up, call, name)) return [];
    const remark = (severity: Remark['severity'], message: string): readonly Remark[] => [
      { code: CODE, span: value.span, from: call.span, message, ...(severity === undefined ? {} : { severity }) },
    ];
    // A table that SQLite's provider makes again has the defaults of the model.
    const stays = `${shownDefault(value)} then stays in the database as the default of the column, where the model knows nothing of it`;
    if (call.method === 'AlterColumn') {
      if (bound.isTrue('oldNullable') !== true) return [];
      return remark(
        'warning',
        `Every row of ${textOf(table) ?? 'the table'} in which "${name}" is empty gets ${shownDefault(value)}, which EF Core made up. Fill it with what is right before, in a migration of its own${document.product !== undefined || byEngine(dialect, { postgresql: true, sqlite: false }) ? `; ${stays}` : ''}.`,
      );
    }
    const keys = calls.filter((other) => isKeyOf(other, table, name));
    const foreign = keys.find(({ method }) => method === 'AddForeignKey');
    if (foreign !== undefined)
      return remark(
        'error',
        `Every row of ${textOf(table) ?? 'the table'} gets ${shownDefault(value)} in "${name}", which EF Core made up, and the foreign key of this migration then fails at the first: add the column nullable, fill it, and add the key after that.`,
      );
    if (keys.length > 0)
      return remark(
        'error',
        `Every row of ${textOf(table) ?? 'the table'} gets the same ${shownDefault(value)} in "${name}", which EF Core made up, and the unique index of this migration then fails at the second row: add the column nullable, fill it, and build the index after that.`,
      );
    // False and 0 are what most people mean by them.
    if (invented === 'plain') return [];
    return remark(
      invented === 'text' ? 'info' : 'warning',
      `Every row of ${textOf(table) ?? 'the table'} gets ${shownDefault(value)} in "${name}", which EF Core made up; ${stays}. Say what rows shall have, or add the column nullable and fill it.`,
    );
  });
};

/** What the differ makes up: `plain` is a value that may well be meant, `text` an empty text or list, `odd` one that hardly is. */
function inventedKind(value: Value): 'plain' | 'text' | 'odd' | undefined {
  switch (value.kind) {
    case 'boolean':
      return value.value ? undefined : 'plain';
    case 'number':
      return Number(value.sql) === 0 ? 'plain' : undefined;
    case 'text':
      return value.text.text === '' ? 'text' : undefined;
    case 'list':
      return value.items.length === 0 ? 'text' : undefined;
    case 'member':
      return /^(?:System\.)?Guid\.Empty$|^(?:System\.)?DateTime(?:Offset)?\.MinValue$/.test(value.name)
        ? 'odd'
        : undefined;
    case 'new': {
      const [first] = value.arguments;
      if (value.type === 'Guid')
        return first?.value.kind !== 'text' || /^[0-]*$/.test(first.value.text.text) ? 'odd' : undefined;
      if (/^Date(?:Time(?:Offset)?|Only)$/.test(value.type)) {
        const year = first?.value.kind === 'new' ? first.value.arguments[0]?.value : first?.value;
        return year?.kind === 'number' && Number(year.sql) === 1 ? 'odd' : undefined;
      }
      return undefined;
    }
    default:
      return undefined;
  }
}

function shownDefault(value: Value): string {
  if (value.kind === 'new') return value.type === 'Guid' ? 'the all-zero Guid' : 'a date in the year 1';
  if (value.kind === 'list') return 'an empty list';
  if (value.kind === 'text') return 'an empty text';
  return shown(value);
}

/** Whether the model has a default for the column, so that a person wrote it. */
function isInModel(model: KnownModel, call: Call, name: string): boolean {
  if (typeof model === 'string') return false;
  const bound = new BoundArguments(call);
  const table = textOf(bound.get('table'));
  const column =
    table === undefined
      ? undefined
      : model.table(table, textOf(bound.get('schema')))?.columns.find((candidate) => candidate.name === name);
  return column?.default !== undefined || column?.defaultSql !== undefined;
}

/** Whether a call makes a key or a unique index of this one column. */
function isKeyOf(call: Call, table: Value | undefined, name: string): boolean {
  const bound = new BoundArguments(call);
  if (textOf(bound.get('table')) !== textOf(table)) return false;
  const isUnique =
    call.method === 'AddForeignKey' ||
    call.method === 'AddUniqueConstraint' ||
    call.method === 'AddPrimaryKey' ||
    (call.method === 'CreateIndex' && bound.isTrue('unique') === true && bound.get('filter') === undefined);
  if (!isUnique) return false;
  const columns = bound.get('columns');
  const names = columns?.kind === 'list' ? columns.items : columns === undefined ? [] : [columns];
  return names.length === 1 && textOf(names[0]) === name;
}
