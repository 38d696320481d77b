import type { Span } from '../../core/span.ts';
import { type Command, CommandWriter, shown } from '../csharp/command.ts';
import type { Value } from '../csharp/call.ts';
import type { Cell } from './chain.ts';
import type { Expression } from './expression.ts';
import { literalOf, type LiteralForms } from './literals.ts';
import { quoteName } from './names.ts';

/** Writes the command of an expression: words of ours, and words of the document where they stand. */
export class SqlWriter {
  readonly #writer: CommandWriter;
  readonly #forms: LiteralForms;
  readonly #schema: string | undefined;
  readonly #expression: Expression;

  /** `schema` is that of names without one; undefined where such names stay as they are. */
  constructor(expression: Expression, forms: LiteralForms, schema: string | undefined) {
    this.#expression = expression;
    this.#writer = new CommandWriter(expression.span, expression.made, quoteName);
    this.#forms = forms;
    this.#schema = schema;
  }

  add(text: string): this {
    this.#writer.add(text);
    return this;
  }

  name(value: Value | undefined): this {
    this.#writer.name(value);
    return this;
  }

  /** A name that the document gives, or the one that FluentMigrator makes. */
  nameOr(value: Value | undefined, made: string | undefined): this {
    if (value !== undefined && value.kind !== 'null') return this.name(value);
    if (made === undefined) return this.name(undefined);
    this.#writer.nameAt(made, this.#expression.made);
    return this;
  }

  names(values: readonly (Value | undefined)[], separator = ', '): this {
    for (const [index, value] of values.entries()) {
      if (index > 0) this.add(separator);
      this.name(value);
    }
    return this;
  }

  relation({ schema, table }: { readonly schema: Value | undefined; readonly table: Value | undefined }): this {
    if (schema === undefined && this.#schema !== undefined) this.add(`${quoteName(this.#schema)}.`);
    this.#writer.relation(schema, table);
    return this;
  }

  /** Something in a schema that is no table; `made` is the name that FluentMigrator makes where none is given. */
  relationNamed(
    schema: Value | undefined,
    name: Value | undefined,
    made: string | undefined,
    isInDefault = true,
  ): this {
    if (schema !== undefined) this.name(schema).add('.');
    else if (isInDefault && this.#schema !== undefined) this.add(`${quoteName(this.#schema)}.`);
    return this.nameOr(name, made);
  }

  /** Where words stand that the document does not write. */
  get place(): Span {
    return this.#expression.made;
  }

  /** A constant; where only the running program knows it, `standIn` is written, and that is told. */
  literal(value: Value | undefined, standIn = "''"): this {
    const sql = value === undefined ? 'NULL' : (rawSql(value) ?? literalOf(value, this.#forms));
    if (value === undefined || sql === undefined) {
      const source = value === undefined ? '' : shown(value);
      const span = value?.span ?? this.#expression.made;
      this.#writer.written(`${standIn} /* ${source.replaceAll('*/', '')} */`, span);
      this.#writer.unknown(`the value ${source} is only known when the program runs`, span);
      return this;
    }
    this.#writer.written(sql, value.span);
    return this;
  }

  /** `"A" = 1, "B" = NULL`. */
  assignments(cells: readonly Cell[]): this {
    for (const [index, { name, span, value }] of cells.entries()) {
      if (index > 0) this.add(', ');
      this.#writer.nameAt(name, span);
      this.add(' = ').literal(value);
    }
    return this;
  }

  /** `"A" = 1 AND "B" IS NULL`. */
  conditions(cells: readonly Cell[]): this {
    for (const [index, { name, span, value }] of cells.entries()) {
      if (index > 0) this.add(' AND ');
      this.#writer.nameAt(name, span);
      const isNull = literalOf(value, this.#forms) === 'NULL';
      this.add(isNull ? ' IS ' : ' = ').literal(value);
    }
    return this;
  }

  /** Between the columns and the values of an INSERT. */
  comma(): this {
    return this.add(this.#forms.comma);
  }

  cellNames(cells: readonly Cell[]): this {
    for (const [index, { name, span }] of cells.entries()) {
      if (index > 0) this.comma();
      this.#writer.nameAt(name, span);
    }
    return this;
  }

  source(value: Value): this {
    this.#writer.source(value);
    return this;
  }

  written(text: string, value: Value): this {
    this.#writer.written(text, value.span);
    return this;
  }

  unknown(reason: string, span: Span): this {
    this.#writer.unknown(reason, span);
    return this;
  }

  done(): Command {
    return this.#writer.done();
  }
}

/** What `RawSql.Insert("...")` says, where it is one plain string. */
function rawSql(value: Value): string | undefined {
  return value.kind === 'unknown'
    ? /^(?:FluentMigrator\.)?RawSql\.Insert\(\s*"([^"\\]*)"\s*\)$/.exec(value.source)?.[1]
    : undefined;
}
