import type { Value } from '../csharp/call.ts';
import type { Command, CommandWriter } from '../csharp/command.ts';
import { textOf } from './operation.ts';
import { BoundArguments, annotationsOf } from './parameters.ts';
import { columnDefinition } from './sqlserver-column.ts';
import { tableBody } from './table-body.ts';
import { addDescription, dropDescription } from './sqlserver-comment.ts';
import {
  isMemoryOptimised,
  nameInText,
  namesAsText,
  type SqlServerOperation,
  tableIn,
  valueAsText,
} from './sqlserver-operation.ts';
import { sqlServerText } from './sqlserver-types.ts';

export function createTable(operation: SqlServerOperation): readonly Command[] {
  const { bound, write, model } = operation;
  const writer = write().add('CREATE TABLE ').relation(bound.get('schema'), bound.get('name')).add(' (\n    ');
  const columns = bound.get('columns');
  const table = tableIn(model, bound, 'name');
  const { names } = tableBody(writer, operation, {
    always: '1 = 1',
    spell: restricted,
    column: (member, inner) => {
      const name = inner.get('name');
      columnDefinition(writer, operation, {
        call: member.call,
        bound: inner,
        annotations: annotationsOf(member.call),
        table,
        name: name === undefined ? member.name : textOf(name),
      });
    },
    key: (each) => {
      const annotations = annotationsOf(each);
      return { before: clustering(annotations), after: () => fillFactor(writer, annotations, operation.version) };
    },
  });
  writer.add('\n)');
  const isInMemory = isMemoryOptimised(operation);
  writer.add(isInMemory ? '\n    WITH\n        (MEMORY_OPTIMIZED = ON);\n' : ';\n');
  let isDeclared = false;
  const text = bound.get('comment');
  if (text !== undefined) {
    addDescription(writer, bound, text, undefined);
    isDeclared = true;
  }
  for (const member of columns?.kind === 'members' ? columns.members : []) {
    const note = new BoundArguments(member.call).get('comment');
    if (note === undefined) continue;
    addDescription(writer, bound, note, names.get(member.name) ?? nameOf(member), isDeclared);
    isDeclared = true;
  }
  return [writer.done(isInMemory)];
}

function nameOf({ name, span }: { readonly name: string; readonly span: Value['span'] }): Value {
  return { kind: 'text', text: { text: name, span, holes: [] }, span };
}

/** `RESTRICT` is no word of SQL Server. */
export function restricted(action: string): string {
  return action === 'RESTRICT' ? 'NO ACTION' : action;
}

/** Whether a key is the order of the rows, where it is said. */
export function clustering(annotations: ReadonlyMap<string, Value>): string {
  const clustered = annotations.get('SqlServer:Clustered');
  return clustered?.kind === 'boolean' ? (clustered.value ? 'CLUSTERED ' : 'NONCLUSTERED ') : '';
}

/** EF Core that fills the pages of keys as it is told, and not only those of indexes. */
const FILLS_KEYS_SINCE = 9;

export function fillFactor(
  writer: CommandWriter,
  annotations: ReadonlyMap<string, Value>,
  version: number,
): CommandWriter {
  const value = annotations.get('SqlServer:FillFactor');
  return value?.kind === 'number' && version >= FILLS_KEYS_SINCE
    ? writer.add(` WITH (FILLFACTOR = ${value.sql})`)
    : writer;
}

/** EF Core that says what kind of thing is renamed where it is neither a column nor an index, in plain quotes. */
const NAMES_OBJECT_SINCE = 9;
/** EF Core that quotes the default schema by QUOTENAME. */
const QUOTENAME_SINCE = 10;

export function renameObject({ bound, write, version, model }: SqlServerOperation): readonly Command[] {
  const name = bound.get('name');
  const newName = bound.get('newName');
  const schema = bound.get('schema');
  const newSchema = bound.get('newSchema');
  const isRenamed = newName !== undefined && textOf(newName) !== textOf(name);
  const writer = write();
  if (isRenamed) {
    namesAsText(writer.add('EXEC sp_rename '), sqlServerText(nameInText(schema, name)), [name, schema]).add(', ');
    valueAsText(writer, newName).add(version >= NAMES_OBJECT_SINCE ? ", 'OBJECT';\n" : ';\n');
  }
  const isMoved = textOf(newSchema) !== textOf(schema) || (newSchema === undefined) !== (schema === undefined);
  const moved = newName ?? name;
  if (isMoved && newSchema !== undefined)
    writer.add('ALTER SCHEMA ').name(newSchema).add(' TRANSFER ').relation(schema, moved).add(';\n');
  // Without a model no new schema means the old one, as it did in EF Core 1 and 2.0.
  else if (isMoved && model !== 'absent') {
    const isQuoted = version >= QUOTENAME_SINCE;
    writer.add(
      isQuoted
        ? "DECLARE @defaultSchema nvarchar(max) = QUOTENAME(SCHEMA_NAME());\nEXEC(N'ALTER SCHEMA ' + @defaultSchema + "
        : "DECLARE @defaultSchema sysname = SCHEMA_NAME();\nEXEC(N'ALTER SCHEMA [' + @defaultSchema + ",
    );
    const rest = `${isQuoted ? '' : ']'} TRANSFER ${nameInText(schema, moved)};`;
    namesAsText(writer, sqlServerText(rest), [moved, schema]).add(');\n');
  }
  return writer.length === 0 ? [] : [writer.done()];
}

export function renameWithin(
  { bound, write, call, version }: SqlServerOperation,
  kind: 'COLUMN' | 'INDEX',
  isBare: boolean,
): readonly Command[] {
  const table = bound.get('table');
  const name = bound.get('name');
  if (table === undefined)
    return [
      write()
        .add('SELECT 1')
        .unknown('EF Core refuses the whole migration: the index needs its table', call.span)
        .done(),
    ];
  const text = `${nameInText(bound.get('schema'), table)}.${nameInText(undefined, name)}`;
  const writer = namesAsText(write().add('EXEC sp_rename '), sqlServerText(text), [name, table, bound.get('schema')]);
  return [
    valueAsText(writer.add(', '), bound.get('newName'))
      .add(`, ${version >= NAMES_OBJECT_SINCE ? '' : 'N'}'${kind}';`)
      .done(isBare),
  ];
}

export function alterTable(operation: SqlServerOperation): readonly Command[] {
  const { bound, call, write } = operation;
  const old = annotationsOf(call, 'OldAnnotation');
  const isOn = (annotations: ReadonlyMap<string, Value>): boolean => isMemoryOptimised({ annotations });
  if (isOn(operation.annotations) !== isOn(old))
    return [
      write()
        .add('SELECT 1')
        .unknown(
          'EF Core refuses the whole migration: a table is memory-optimised from its creation on, or never',
          call.span,
        )
        .done(),
    ];
  const text = bound.get('comment');
  const oldText = bound.get('oldComment');
  if (textOf(text) === textOf(oldText)) return [];
  const writer = write();
  if (oldText !== undefined) dropDescription(writer, bound, undefined);
  if (text !== undefined) addDescription(writer, bound, text, undefined, oldText !== undefined);
  return [writer.done()];
}
