import type { Value } from '../csharp/call.ts';
import type { Command, CommandWriter } from '../csharp/command.ts';
import { quoteText } from './npgsql-types.ts';
import { type Operation, textOf } from './operation.ts';
import { annotationsOf } from './parameters.ts';

/** Enums, extensions and collations of the database, which annotations describe. */
export function alterDatabase({ call, annotations, write }: Operation): readonly Command[] {
  const commands: Command[] = [];
  const old = annotationsOf(call, 'OldAnnotation');
  const place = (key: string): { readonly schema?: string; readonly name: string } | undefined => {
    const rest = /^Npgsql:(?:Enum|PostgresExtension|CollationDefinition):(.+)$/.exec(key)?.[1];
    if (rest === undefined) return undefined;
    const dot = rest.indexOf('.');
    const schema = dot < 0 ? '' : rest.slice(0, dot);
    return { ...(schema === '' ? {} : { schema }), name: rest.slice(dot + 1) };
  };
  const relation = (
    writer: CommandWriter,
    at: { readonly schema?: string; readonly name: string },
    value: Value,
  ): CommandWriter => {
    if (at.schema !== undefined) writer.nameAt(at.schema, value.span).add('.');
    return writer.nameAt(at.name, value.span);
  };
  const labels = (value: Value): readonly string[] =>
    (textOf(value) ?? '')
      .split(',')
      .map((label) => label.trim())
      .filter((label) => label !== '');
  for (const [key, value] of annotations) {
    const at = place(key);
    if (at === undefined) continue;
    if (key.startsWith('Npgsql:CollationDefinition:')) {
      if (old.has(key)) continue;
      // LC_COLLATE, LC_CTYPE, provider, whether it is deterministic.
      const [collate = '', ctype = '', provider = '', deterministic = ''] = (textOf(value) ?? '').split(',');
      const options = [
        ...(collate === ctype
          ? [`LOCALE = ${quoteText(collate)}`]
          : [`LC_COLLATE = ${quoteText(collate)}`, `LC_CTYPE = ${quoteText(ctype)}`]),
        ...(provider === '' ? [] : [`PROVIDER = ${provider}`]),
        ...(deterministic === '' ? [] : [`DETERMINISTIC = ${deterministic}`]),
      ];
      commands.push(
        relation(write().add('CREATE COLLATION '), at, value)
          .add(` (${options.join(', ')});`)
          .done(),
      );
      continue;
    }
    if (key.startsWith('Npgsql:PostgresExtension:')) {
      if (old.has(key)) continue;
      const writer = write().add('CREATE EXTENSION IF NOT EXISTS ').nameAt(at.name, value.span);
      // The value is `schema,,version`.
      const [inSchema, , version] = (textOf(value) ?? '').split(',');
      const schema = at.schema ?? inSchema;
      if (schema !== undefined && schema !== '' && schema !== 'public')
        writer.add(' SCHEMA ').nameAt(schema, value.span);
      if (version !== undefined && version !== '') writer.add(` VERSION "${version.replaceAll('"', '""')}"`);
      commands.push(writer.add(';').done());
      continue;
    }
    const before = old.get(key);
    if (before === undefined) {
      commands.push(
        relation(write().add('CREATE TYPE '), at, value)
          .add(` AS ENUM (${labels(value).map(quoteText).join(', ')});`)
          .done(),
      );
      continue;
    }
    const known = labels(before);
    const wanted = labels(value);
    if (known.some((label) => !wanted.includes(label)))
      commands.push(
        relation(write().add('COMMENT ON TYPE '), at, value)
          .add(' IS NULL;')
          .unknown('EF Core refuses to take a label out of an enum: this migration cannot run', value.span)
          .done(),
      );
    for (const [index, label] of wanted.entries()) {
      if (known.includes(label)) continue;
      // After the label before it; the first has none, and stands before the one that was first.
      const previous = wanted[index - 1];
      const first = known[0];
      const isLast = wanted.slice(index).every((candidate) => !known.includes(candidate));
      const place = isLast
        ? ''
        : previous === undefined
          ? ` BEFORE ${quoteText(first ?? '')}`
          : ` AFTER ${quoteText(previous)}`;
      commands.push(
        relation(write().add('ALTER TYPE '), at, value)
          .add(` ADD VALUE ${quoteText(label)}${place};`)
          .done(),
      );
    }
  }
  for (const [key, value] of old) {
    const at = place(key);
    if (at === undefined || annotations.has(key)) continue;
    if (key.startsWith('Npgsql:Enum:')) commands.push(relation(write().add('DROP TYPE '), at, value).add(';').done());
    if (key.startsWith('Npgsql:CollationDefinition:'))
      commands.push(relation(write().add('DROP COLLATION '), at, value).add(';').done());
  }
  return commands;
}
