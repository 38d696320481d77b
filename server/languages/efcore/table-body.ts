import type { Call, Value } from '../csharp/call.ts';
import type { CommandWriter } from '../csharp/command.ts';
import { foreignKey, keyColumns } from './constraints.ts';
import type { Operation } from './operation.ts';
import { BoundArguments } from './parameters.ts';

type Member = Extract<Value, { readonly kind: 'members' }>['members'][number];

/** What a provider writes of a table in its own way. */
export interface TableForm {
  /** A column's name is written: what follows it. */
  column(member: Member, bound: BoundArguments): void;
  /** Whether a column is no one that can be created. */
  leavesOut?(name: string): boolean;
  /** Arguments of a call within the table, where not all of them count. */
  bind?(call: Call): BoundArguments;
  /** Whether a constraint stands in a column, or is none of the table's for another reason. */
  isElsewhere?(constraint: Call): boolean;
  /** What stands between the word of a key and its columns, and what behind these. */
  key?(constraint: Call): { readonly before: string; readonly after: () => void };
  /** A condition that always holds. */
  readonly always: string;
  /** How the product writes what a foreign key does. */
  spell?(action: string): string;
}

/** What a table's body was written with. */
export interface TableBody {
  /** Names of columns by those of their members in C#, where these differ. */
  readonly names: ReadonlyMap<string, Value>;
  /** Begins one more part. */
  next(): void;
}

/**
 * Writes what stands between the brackets of CREATE TABLE: columns and constraints in the order of the call, as each provider
 * spells them. `writer` is behind the bracket.
 */
export function tableBody(writer: CommandWriter, { bound, call }: Operation, form: TableForm): TableBody {
  const names = new Map<string, Value>();
  const bind = (inner: Call): BoundArguments => form.bind?.(inner) ?? new BoundArguments(inner);
  let isFirst = true;
  const next = (): void => {
    if (!isFirst) writer.add(',\n    ');
    isFirst = false;
  };
  const columns = bound.get('columns');
  for (const member of columns?.kind === 'members' ? columns.members : []) {
    const inner = bind(member.call);
    const name = inner.get('name');
    if (name !== undefined) names.set(member.name, name);
    if (form.leavesOut?.(name?.kind === 'text' ? name.text.text : member.name) === true) continue;
    next();
    if (name === undefined) writer.nameAt(member.name, member.span);
    else writer.name(name);
    form.column(member, inner);
  }
  if (columns?.kind !== 'members')
    writer.unknown('the columns of the table are only known when the program runs', columns?.span ?? call.nameSpan);
  const constraints = bound.get('constraints');
  for (const each of constraints?.kind === 'calls' ? constraints.calls : []) {
    if (form.isElsewhere?.(each) === true) continue;
    next();
    writeConstraint(writer, each, bind(each), names, form);
  }
  if (constraints !== undefined && constraints.kind !== 'calls')
    writer.unknown('the constraints of the table are only known when the program runs', constraints.span);
  return { names, next };
}

function writeConstraint(
  writer: CommandWriter,
  each: Call,
  bound: BoundArguments,
  names: ReadonlyMap<string, Value>,
  form: TableForm,
): void {
  const name = bound.get('name');
  if (name !== undefined) writer.add('CONSTRAINT ').name(name).add(' ');
  switch (each.method) {
    case 'PrimaryKey':
    case 'UniqueConstraint': {
      const { before = '', after } = form.key?.(each) ?? {};
      writer.add(each.method === 'PrimaryKey' ? 'PRIMARY KEY ' : 'UNIQUE ').add(before);
      keyColumns(writer.add('('), bound.get('columns'), names).add(')');
      after?.();
      break;
    }
    case 'ForeignKey':
      // The words begin with a space, which stands there already where the constraint has a name.
      foreignKey(writer, bound, names, form.spell);
      break;
    case 'CheckConstraint': {
      const sql = bound.get('sql');
      writer.add('CHECK (');
      if (sql === undefined) writer.add(form.always);
      else writer.source(sql);
      writer.add(')');
      break;
    }
    default:
      writer.add(`CHECK (${form.always})`).unknown(`what "${each.method}" adds to the table is not known`, each.span);
  }
}
