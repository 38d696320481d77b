import type { Engine } from '../engines/engine.ts';
import type { EngineId } from '../model/engine-id.ts';
import type { TableDefinition } from './table-definition.ts';
import { isColumnOfTable, nameSql, ownName, writtenColumn } from './written-names.ts';

/**
 * What a person is asked for, one word of the command line each. `column` is `table.column` or `schema.table.column`. Names
 * are written as the catalog has them, in double quotes where a dot, a comma or a quote would be misread.
 */
export type WishPart =
  | { readonly kind: 'table' | 'column'; readonly title: string }
  /** A column that is there, or several of one table: `users.first,last`. */
  | { readonly kind: 'columns'; readonly title: string }
  /** A column that is to be made: `users.status`. */
  | { readonly kind: 'new-column'; readonly title: string }
  /** Where ranges end and begin, in ascending order: `2027-01-01,2027-02-01`. */
  | { readonly kind: 'bounds'; readonly title: string }
  /** An enum that is there, and a value of it. */
  | { readonly kind: 'enum' | 'enum-value'; readonly title: string }
  | { readonly kind: 'name' | 'type' | 'value' | 'expression'; readonly title: string };

/** A change that a person can ask for although no migration has it yet. */
export interface Wish {
  /** As the command line has it, which is also the recipe's name: `rename-column`. */
  readonly name: string;
  readonly title: string;
  readonly parts: readonly WishPart[];
  /** The one statement that would do it all at once. `values` are as many as `parts`. */
  statement(values: readonly string[], engine: Engine): string;
  /** The statement stands for the wish where the server would refuse it: what is to be changed is there already. */
  readonly standsIn?: true;
  /** Where ALTER TABLE has no words for it: the part of CREATE TABLE that the table is to have. */
  definition?(values: readonly string[], engine: Engine): TableDefinition;
  /** Engines that have no such change, where it is not offered, and why. */
  readonly notIn?: Readonly<Partial<Record<EngineId, string>>>;
}

const TABLE = { kind: 'table', title: 'Table' } as const;
const COLUMN = { kind: 'column', title: 'Column' } as const;

/** Every change that can be started without a migration. */
export const WISHES: readonly Wish[] = [
  {
    name: 'rename-column',
    title: 'Rename a column',
    parts: [COLUMN, { kind: 'name', title: 'New name' }],
    statement: (values, engine) =>
      onColumn(values, engine, (column) => `RENAME COLUMN ${column} TO ${engine.quoteName(values[1] ?? '')}`),
  },
  {
    name: 'rename-table',
    title: 'Rename a table',
    parts: [TABLE, { kind: 'name', title: 'New name' }],
    statement: (values, engine) =>
      `ALTER TABLE ${nameSql(values[0], engine)} RENAME TO ${engine.quoteName(values[1] ?? '')}`,
  },
  {
    name: 'alter-type',
    title: 'Change the type of a column',
    parts: [COLUMN, { kind: 'type', title: 'New type' }],
    statement: (values, engine) =>
      onColumn(values, engine, (column) => `ALTER COLUMN ${column} TYPE ${values[1] ?? ''}`),
    definition: (values, engine) => defined(values[0], engine, 'type', (column) => `${column} ${values[1] ?? ''}`),
  },
  {
    name: 'required-column',
    title: 'Add a required column',
    parts: [
      { kind: 'new-column', title: 'Table and new column' },
      { kind: 'type', title: 'Type' },
    ],
    statement: (values, engine) =>
      onColumn(values, engine, (column) => `ADD COLUMN ${column} ${values[1] ?? ''} NOT NULL`),
  },
  {
    name: 'generated-column',
    title: 'Add a computed column',
    standsIn: true,
    parts: [
      { kind: 'new-column', title: 'Table and new column' },
      { kind: 'type', title: 'Type' },
      { kind: 'expression', title: 'Expression' },
    ],
    statement: (values, engine) =>
      onColumn(
        values,
        engine,
        (column) => `ADD COLUMN ${column} ${values[1] ?? ''} GENERATED ALWAYS AS (${values[2] ?? ''}) STORED`,
      ),
  },
  {
    name: 'set-not-null',
    title: 'Make a column required',
    parts: [COLUMN],
    statement: (values, engine) => onColumn(values, engine, (column) => `ALTER COLUMN ${column} SET NOT NULL`),
  },
  {
    name: 'drop-column',
    title: 'Drop a column',
    parts: [COLUMN],
    statement: (values, engine) => onColumn(values, engine, (column) => `DROP COLUMN ${column}`),
  },
  {
    name: 'drop-table',
    title: 'Drop a table',
    parts: [TABLE],
    statement: (values, engine) => `DROP TABLE ${nameSql(values[0], engine)}`,
  },
  {
    name: 'add-foreign-key',
    title: 'Add a foreign key',
    parts: [COLUMN, { kind: 'column', title: 'Referenced column' }],
    statement: (values, engine) => {
      const target = writtenColumn(values[1]);
      return onColumn(
        values,
        engine,
        (column) =>
          `ADD FOREIGN KEY (${column}) REFERENCES ${nameSql(target.table, engine)} (${engine.quoteName(target.column)})`,
      );
    },
    definition: (values, engine) => {
      const target = writtenColumn(values[1]);
      return defined(
        values[0],
        engine,
        'constraint',
        (column) =>
          `FOREIGN KEY (${column}) REFERENCES ${engine.quoteName(ownName(target.table))} (${engine.quoteName(target.column)})`,
      );
    },
  },
  {
    name: 'add-unique',
    title: 'Add a unique constraint',
    parts: [{ kind: 'columns', title: 'Columns' }],
    statement: (values, engine) =>
      onColumns(values[0], engine, (table, columns) => `ALTER TABLE ${table} ADD UNIQUE (${columns.join(', ')})`),
    definition: (values, engine) => defined(values[0], engine, 'constraint', (columns) => `UNIQUE (${columns})`),
  },
  {
    name: 'add-check',
    title: 'Add a check',
    parts: [TABLE, { kind: 'name', title: 'Name of the constraint' }, { kind: 'expression', title: 'Condition' }],
    statement: (values, engine) =>
      `ALTER TABLE ${nameSql(values[0], engine)} ADD CONSTRAINT ${engine.quoteName(values[1] ?? '')} CHECK (${values[2] ?? ''})`,
    definition: (values, engine) => ({
      table: nameSql(values[0], engine),
      kind: 'constraint',
      text: `CONSTRAINT ${engine.quoteName(values[1] ?? '')} CHECK (${values[2] ?? ''})`,
    }),
  },
  {
    name: 'split-table',
    title: 'Split columns off into a table of their own',
    parts: [
      { kind: 'columns', title: 'Columns to move' },
      { kind: 'name', title: 'New table' },
    ],
    statement: (values, engine) =>
      onColumns(
        values[0],
        engine,
        (table, columns) =>
          `CREATE TABLE ${engine.quoteName(values[1] ?? '')} AS SELECT ${columns.join(', ')} FROM ${table}`,
      ),
  },
  {
    name: 'merge-tables',
    title: 'Merge a table into another',
    // The columns of the one are not in the other yet.
    standsIn: true,
    parts: [
      { kind: 'table', title: 'Table that goes' },
      { kind: 'table', title: 'Table that stays' },
    ],
    statement: (values, engine) =>
      `INSERT INTO ${nameSql(values[1], engine)} SELECT * FROM ${nameSql(values[0], engine)}`,
  },
  {
    name: 'move-column',
    title: 'Move a column to another table',
    // The column is not in the other table yet.
    standsIn: true,
    parts: [
      { kind: 'columns', title: 'Columns to move' },
      { kind: 'table', title: 'Table that they go to' },
    ],
    statement: (values, engine) =>
      onColumns(
        values[0],
        engine,
        (table, columns) =>
          `UPDATE ${nameSql(values[1], engine)} SET ${columns.map((column) => `${column} = own.${column}`).join(', ')} FROM ${table} AS own`,
      ),
  },
  {
    name: 'rename-enum-value',
    title: 'Rename a value of an enum',
    notIn: { sqlite: 'SQLite has no enums: change the CHECK by a rebuild of the table, and the rows.' },
    parts: [
      { kind: 'enum', title: 'Enum' },
      { kind: 'enum-value', title: 'Value' },
      { kind: 'value', title: 'New value' },
    ],
    statement: (values, engine) =>
      `ALTER TYPE ${nameSql(values[0], engine)} RENAME VALUE ${engine.quoteText(values[1] ?? '')} TO ${engine.quoteText(values[2] ?? '')}`,
  },
  {
    name: 'partition-table',
    title: 'Partition a table by range',
    standsIn: true,
    notIn: { sqlite: 'SQLite has no partitions.' },
    parts: [
      { kind: 'column', title: 'Column to partition by' },
      { kind: 'bounds', title: 'Bounds, as in 2027-01-01,2027-02-01' },
    ],
    statement: (values, engine) => {
      const { table, column } = writtenColumn(values[0]);
      const bounds = (values[1] ?? '').split(',').map((bound) => engine.quoteText(bound.trim()));
      return `CREATE TABLE ${nameSql(table, engine)} (LIKE ${nameSql(table, engine)}, CHECK (${engine.quoteName(column)} IN (${bounds.join(', ')}))) PARTITION BY RANGE (${engine.quoteName(column)})`;
    },
  },
  {
    name: 'replace-enum',
    title: 'Replace an enum by text with a check',
    notIn: { sqlite: 'SQLite has no enums.' },
    parts: [COLUMN],
    statement: (values, engine) =>
      onColumn(values, engine, (column) => `ALTER COLUMN ${column} TYPE text USING CAST(${column} AS text)`),
  },
  {
    name: 'create-index',
    title: 'Create an index',
    parts: [{ kind: 'columns', title: 'Columns' }],
    statement: (values, engine) =>
      onColumns(
        values[0],
        engine,
        (table, columns, base) => `CREATE INDEX ${engine.quoteName(`${base}_idx`)} ON ${table} (${columns.join(', ')})`,
      ),
  },
];

/** The change of a name. */
export function wishOf(name: string): Wish | undefined {
  return WISHES.find((wish) => wish.name === name);
}

/** What is wrong with the values of a wish, as a clause that names the usage; undefined where nothing is. */
export function wrongValues(wish: Wish, values: readonly string[]): string | undefined {
  const usage = `${wish.name} ${wish.parts.map(usageOf).join(' ')}`;
  if (values.length !== wish.parts.length)
    return `${wish.name} takes ${wish.parts.length} ${wish.parts.length === 1 ? 'word' : 'words'}: ${usage}`;
  for (const [index, part] of wish.parts.entries()) {
    const value = values[index] ?? '';
    if (value.trim() === '') return `${part.title.toLowerCase()} is empty: ${usage}`;
    if ((part.kind === 'column' || part.kind === 'columns' || part.kind === 'new-column') && !isColumnOfTable(value))
      return `"${value}" is no column of a table: write TABLE.COLUMN, as in users.name, and names with a dot or a comma in double quotes`;
  }
  return undefined;
}

/** How a part is written: `TABLE.COLUMN`. */
export function usageOf(part: WishPart): string {
  switch (part.kind) {
    case 'table':
      return 'TABLE';
    case 'column':
      return 'TABLE.COLUMN';
    case 'new-column':
      return 'TABLE.NEW_COLUMN';
    case 'columns':
      return 'TABLE.COLUMN[,COLUMN...]';
    case 'name':
      return 'NAME';
    case 'enum':
    case 'type':
      return 'TYPE';
    case 'enum-value':
    case 'value':
      return 'VALUE';
    case 'expression':
      return 'EXPRESSION';
    case 'bounds':
      return 'BOUND[,BOUND...]';
  }
}

function onColumn(values: readonly string[], engine: Engine, action: (column: string) => string): string {
  const { table, column } = writtenColumn(values[0]);
  return `ALTER TABLE ${nameSql(table, engine)} ${action(engine.quoteName(column))}`;
}

function onColumns(
  value: string | undefined,
  engine: Engine,
  statement: (table: string, columns: readonly string[], base: string) => string,
): string {
  const { table, columns } = writtenColumn(value);
  return statement(
    nameSql(table, engine),
    columns.map((each) => engine.quoteName(each)),
    [ownName(table), ...columns].join('_'),
  );
}

function defined(
  value: string | undefined,
  engine: Engine,
  kind: TableDefinition['kind'],
  text: (columns: string) => string,
): TableDefinition {
  const { table, columns } = writtenColumn(value);
  return {
    table: nameSql(table, engine),
    kind,
    text: text(columns.map((each) => engine.quoteName(each)).join(', ')),
  };
}
