import type { Span } from '../../core/span.ts';
import type { Value } from '../csharp/call.ts';
import type { Link } from './chain.ts';
import type { Column, ForeignKey, TableName } from './expression.ts';
import type { Expressions } from './expressions.ts';

/**
 * Links that describe the column before them, as `Create.Table`, `Alter.Table`, `Create.Column` and `Alter.Column` share
 * them. Source: fluentmigrator/fluentmigrator, ExpressionBuilderWithColumnTypesBase.cs, ColumnExpressionBuilderHelper.cs.
 */
export class ColumnChain {
  readonly #into: Expressions;
  readonly #table: () => TableName;
  readonly #isNewTable: boolean;
  #column: Column | undefined;
  #foreignKey: ForeignKey | undefined;
  #existingRows: { readonly column: Column; isSet: boolean } | undefined;

  constructor(into: Expressions, table: () => TableName, isNewTable: boolean) {
    this.#into = into;
    this.#table = table;
    this.#isNewTable = isNewTable;
  }

  /** What the next links are said of. */
  begin(column: Column): Column {
    this.#column = column;
    this.#foreignKey = undefined;
    return column;
  }

  /** Takes a link; what no column has is told. */
  take(link: Link): void {
    const column = this.#column;
    const given = (link.arguments ?? []).map(({ value }) => value);
    const [first] = given;
    if (column === undefined) {
      this.#into.untold(link);
      return;
    }
    if (/^As[A-Z]/.test(link.name)) {
      column.type = { method: link.name, arguments: given, span: link.nameSpan };
      const collation = given.find(({ kind }) => kind === 'text');
      if (collation !== undefined && link.name !== 'AsCustom') column.collation = collation;
      return;
    }
    switch (link.name) {
      case 'Nullable':
        column.nullable = true;
        return;
      case 'NotNullable':
        this.#notNullable(column);
        return;
      case 'Identity':
        column.identity = given.some((value) => value.kind === 'member' && /\bByDefault$/.test(value.name))
          ? 'by default'
          : 'always';
        return;
      case 'PrimaryKey':
        column.primaryKey = { name: first, span: link.nameSpan };
        return;
      case 'WithDefaultValue':
      case 'WithDefault':
        if (first !== undefined) column.default = first;
        if (!column.isNew)
          this.#into.add({ kind: 'set-default', ...this.#table(), column: column.name, value: first }, link.nameSpan);
        return;
      case 'SetExistingRowsTo':
        this.#existing(column, link, first);
        return;
      case 'WithColumnDescription':
        if (first !== undefined) column.description = first;
        return;
      case 'Unique':
      case 'Indexed':
        if (link.name === 'Unique') column.isUnique = true;
        this.#into.add(
          {
            kind: 'create-index',
            ...this.#table(),
            name: first,
            columns: [{ name: column.name }],
            isUnique: link.name === 'Unique',
            isConcurrent: false,
            isOnly: false,
            included: [],
          },
          link.nameSpan,
        );
        return;
      case 'Computed':
        if (first !== undefined)
          column.computed = {
            sql: first,
            isStored: given[1]?.kind === 'boolean' && given[1].value,
          };
        return;
      case 'ForeignKey':
        if (given.length > 0) this.#addForeignKey(column, given, link.nameSpan);
        return;
      case 'ReferencedBy':
        this.#addReference(column, given, link.nameSpan);
        return;
      case 'OnDelete':
      case 'OnUpdate':
      case 'OnDeleteOrUpdate':
        if (this.#foreignKey === undefined || !setRule(this.#foreignKey, link, first)) this.#into.untold(link);
        return;
      default:
        this.#into.untold(link);
    }
  }

  #notNullable(column: Column): void {
    if (this.#existingRows?.column !== column) {
      column.nullable = false;
      return;
    }
    column.nullable = true;
    this.#setNotNull(column);
  }

  /** A column with a value for the rows that are there is added without NOT NULL, which comes after them. */
  #setNotNull(column: Column): void {
    if (this.#existingRows === undefined || this.#existingRows.isSet) return;
    this.#existingRows.isSet = true;
    this.#into.add({ kind: 'alter-column', ...this.#table(), column: { ...column, isNew: false, nullable: false } });
  }

  #existing(column: Column, link: Link, value: Value | undefined): void {
    if (!column.isNew || column.name?.kind !== 'text' || value === undefined) {
      this.#into.untold(link);
      return;
    }
    this.#existingRows = { column, isSet: false };
    const name = column.name;
    this.#into.add(
      {
        kind: 'update',
        ...this.#table(),
        set: [{ name: name.text.text, span: name.span, value }],
        where: 'all',
      },
      link.nameSpan,
    );
    if (column.nullable === false) {
      column.nullable = true;
      this.#setNotNull(column);
    } else column.nullable = true;
  }

  #addForeignKey(column: Column, given: readonly Value[], made: Span): void {
    const [principal, table, schema, name] = given.toReversed();
    const key: ForeignKey = {
      name: name ?? (given.length === 3 ? schema : undefined),
      from: this.#table(),
      columns: [column.name],
      to: { schema: given.length === 4 ? schema : undefined, table },
      principalColumns: [principal],
    };
    this.#foreignKey = key;
    column.foreignKey = key;
    this.#into.add({ kind: 'create-foreign-key', key, isInline: this.#isNewTable }, made);
  }

  #addReference(column: Column, given: readonly Value[], made: Span): void {
    const [foreign, table, schema, name] = given.toReversed();
    const key: ForeignKey = {
      name: name ?? (given.length === 3 ? schema : undefined),
      from: { schema: given.length === 4 ? schema : undefined, table },
      columns: [foreign],
      to: this.#table(),
      principalColumns: [column.name],
    };
    this.#foreignKey = key;
    this.#into.add({ kind: 'create-foreign-key', key, isInline: false }, made);
  }
}

const RULES: Readonly<Record<string, string>> = {
  Cascade: 'CASCADE',
  SetNull: 'SET NULL',
  SetDefault: 'SET DEFAULT',
  None: '',
};

/** `OnDelete(Rule.Cascade)`; false where the rule is not literal. */
export function setRule(key: ForeignKey, link: Link, rule: Value | undefined): boolean {
  const words = rule?.kind === 'member' ? RULES[/\w+$/.exec(rule.name)?.[0] ?? ''] : undefined;
  if (words === undefined) return false;
  if (link.name !== 'OnUpdate') key.onDelete = words;
  if (link.name !== 'OnDelete') key.onUpdate = words;
  return true;
}
