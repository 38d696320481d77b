import type { Value } from '../csharp/call.ts';
import type { CommandWriter } from '../csharp/command.ts';
import type { Operation } from './operation.ts';
import type { BoundArguments } from './parameters.ts';

export function alterTable({ bound, write }: Operation): CommandWriter {
  return write().add('ALTER TABLE ').relation(bound.get('schema'), bound.get('table'));
}

/** Names of one column, of an array of them, or of a lambda that picks them. */
export function keyColumns(
  writer: CommandWriter,
  value: Value | undefined,
  names: ReadonlyMap<string, Value> = new Map(),
  each: (index: number) => string = () => '',
): CommandWriter {
  if (value?.kind === 'columns') {
    for (const [index, column] of value.names.entries()) {
      if (index > 0) writer.add(', ');
      const renamed = names.get(column.name);
      if (renamed === undefined) writer.nameAt(column.name, column.span);
      else writer.name(renamed);
      if (each(index) !== '') writer.add(each(index));
    }
    return writer;
  }
  const items = value?.kind === 'list' ? value.items : [value];
  for (const [index, item] of items.entries()) {
    if (index > 0) writer.add(', ');
    writer.name(item);
    if (each(index) !== '') writer.add(each(index));
  }
  return writer;
}

const ACTIONS: Readonly<Record<string, string>> = {
  Cascade: 'CASCADE',
  SetNull: 'SET NULL',
  SetDefault: 'SET DEFAULT',
  Restrict: 'RESTRICT',
};

/** `spell` is how a product writes an action. */
export function foreignKey(
  writer: CommandWriter,
  bound: BoundArguments,
  names?: ReadonlyMap<string, Value>,
  spell: (action: string) => string = (action) => action,
): CommandWriter {
  keyColumns(writer.add(' FOREIGN KEY ('), bound.get('columns'), names).add(') REFERENCES ');
  writer.relation(bound.get('principalSchema') ?? undefined, bound.get('principalTable'));
  const principal = bound.get('principalColumns');
  if (principal !== undefined) keyColumns(writer.add(' ('), principal).add(')');
  for (const [parameter, words] of [
    ['onUpdate', ' ON UPDATE '],
    ['onDelete', ' ON DELETE '],
  ] as const) {
    const value = bound.get(parameter);
    const action = value?.kind === 'member' ? ACTIONS[value.name.slice(value.name.lastIndexOf('.') + 1)] : undefined;
    if (action !== undefined) writer.add(words).add(spell(action));
  }
  return writer;
}
