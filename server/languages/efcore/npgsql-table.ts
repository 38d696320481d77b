import type { Value } from '../csharp/call.ts';
import type { Command, CommandWriter } from '../csharp/command.ts';
import { columnDefinition } from './npgsql-column.ts';
import { quoteText } from './npgsql-types.ts';
import { type Operation, textOf } from './operation.ts';
import { BoundArguments, annotationsOf } from './parameters.ts';
import { tableBody } from './table-body.ts';

export function createTable(operation: Operation): readonly Command[] {
  const { bound, call, write } = operation;
  const unlogged = annotationsOf(call).get('Npgsql:UnloggedTable');
  const writer = write().add(
    unlogged?.kind === 'boolean' && unlogged.value ? 'CREATE UNLOGGED TABLE ' : 'CREATE TABLE ',
  );
  writer.relation(bound.get('schema'), bound.get('name')).add(' (\n    ');
  const columns = bound.get('columns');
  const { names } = tableBody(writer, operation, {
    always: 'TRUE',
    leavesOut: (name) => /^(?:xmin|xmax|cmin|cmax|ctid|tableoid)$/.test(name),
    column: (member, inner) => columnDefinition(writer, member.call, inner, annotationsOf(member.call)),
  });
  writer.add('\n);');
  const text = bound.get('comment');
  if (text?.kind === 'text') {
    writer.add('\nCOMMENT ON TABLE ').relation(bound.get('schema'), bound.get('name')).add(' IS ');
    writer.written(quoteText(text.text.text), text.span).add(';');
  }
  for (const member of columns?.kind === 'members' ? columns.members : []) {
    const note = new BoundArguments(member.call).get('comment');
    if (note?.kind !== 'text') continue;
    writer.add('\nCOMMENT ON COLUMN ').relation(bound.get('schema'), bound.get('name')).add('.');
    const name = names.get(member.name);
    if (name === undefined) writer.nameAt(member.name, member.span);
    else writer.name(name);
    writer.add(' IS ').written(quoteText(note.text.text), note.span).add(';');
  }
  return [writer.done()];
}

export function renameRelation(
  kind: 'TABLE' | 'SEQUENCE',
  bound: BoundArguments,
  write: () => CommandWriter,
): readonly Command[] {
  const writer = write();
  const name = bound.get('name');
  const newName = bound.get('newName');
  const schema = bound.get('schema');
  const newSchema = bound.get('newSchema');
  const isSame = newName?.kind === 'text' && name?.kind === 'text' && newName.text.text === name.text.text;
  if (newName !== undefined && !isSame)
    writer.add(`ALTER ${kind} `).relation(schema, name).add(' RENAME TO ').name(newName).add(';\n');
  const isMoved =
    newSchema !== undefined &&
    !(schema?.kind === 'text' && newSchema.kind === 'text' && schema.text.text === newSchema.text.text);
  if (isMoved)
    writer
      .add(`ALTER ${kind} `)
      .relation(schema, newName ?? name)
      .add(' SET SCHEMA ')
      .name(newSchema)
      .add(';');
  return writer.length === 0 ? [] : [writer.done()];
}

export function alterTableOptions({ call, bound, annotations, write }: Operation): readonly Command[] {
  const commands: Command[] = [];
  const old = annotationsOf(call, 'OldAnnotation');
  const relation = (): CommandWriter => write().add('ALTER TABLE ').relation(bound.get('schema'), bound.get('name'));
  for (const [name, value] of annotations) {
    const parameter = /^Npgsql:StorageParameter:(.+)$/.exec(name)?.[1];
    if (parameter !== undefined && value.kind !== 'unknown')
      commands.push(relation().add(` SET (${parameter}=`).written(literalWords(value), value.span).add(');').done());
    if (name === 'Npgsql:UnloggedTable' && value.kind === 'boolean')
      commands.push(
        relation()
          .add(value.value ? ' SET UNLOGGED;' : ' SET LOGGED;')
          .done(),
      );
  }
  for (const [name, value] of old) {
    const parameter = /^Npgsql:StorageParameter:(.+)$/.exec(name)?.[1];
    if (annotations.has(name)) continue;
    if (parameter !== undefined) commands.push(relation().add(` RESET (${parameter});`).done());
    if (name === 'Npgsql:UnloggedTable' && value.kind === 'boolean' && value.value)
      commands.push(relation().add(' SET LOGGED;').done());
  }
  const text = bound.get('comment');
  if (textOf(text) !== textOf(bound.get('oldComment'))) {
    const writer = write().add('COMMENT ON TABLE ').relation(bound.get('schema'), bound.get('name')).add(' IS ');
    if (text?.kind === 'text') writer.written(quoteText(text.text.text), text.span);
    else writer.add('NULL');
    commands.push(writer.add(';').done());
  }
  return commands;
}

export function literalWords(value: Value): string {
  if (value.kind === 'text') return value.text.text;
  if (value.kind === 'number') return value.sql;
  return value.kind === 'boolean' ? String(value.value) : '';
}
