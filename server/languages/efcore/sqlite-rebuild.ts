import type { Span } from '../../core/span.ts';
import { readCSharp } from '../csharp/csharp-parser.ts';
import type { Call, Value } from '../csharp/call.ts';
import { CommandWriter, type Command } from '../csharp/command.ts';
import type { EfColumn, EfIndex, EfTable, KnownModel } from './model/ef-model.ts';
import { readValue } from '../csharp/read-value.ts';
import { bindForSqlite, planRebuilds, textOf, type PlannedRebuild } from './sqlite-rebuild-plan.ts';

/** A command that runs after those of all calls, in its turn. */
export interface LateCommand {
  /** 1: the new tables are filled. 2: foreign keys off. 3: the tables change places. 4: foreign keys on. 5: indexes. */
  readonly turn: number;
  readonly command: Command;
}

/** Turns of a rebuild, each with how EF Core runs it: a pragma does nothing within a transaction. */
export const REBUILD_TURNS = [
  { turn: 1, isBare: false },
  { turn: 2, isBare: true },
  { turn: 3, isBare: false },
  { turn: 4, isBare: true },
  { turn: 5, isBare: false },
] as const;

/** How values and types are written. */
interface Writing {
  literal(value: Value, type: string): string;
  storeType(clrType: string): string | undefined;
}

/** Why a rebuild cannot be told; undefined where it can. */
export function untold(
  model: KnownModel,
  { name, schema }: Pick<PlannedRebuild, 'name' | 'schema'>,
): { readonly kind: 'refused' | 'unknown'; readonly reason: string } | undefined {
  const again = `EF Core makes the table "${name}" again for this, from the model in the migration's Designer file, after all other operations of the migration`;
  if (model === 'unread') return { kind: 'unknown', reason: again };
  if (model === 'absent')
    return {
      kind: 'refused',
      reason: `EF Core makes the table "${name}" again for this, from the model in a Designer file, and there is none: it refuses the whole migration with "SQLite does not support this migration operation"`,
    };
  const table = model.table(name, schema);
  if (table === undefined)
    return {
      kind: 'refused',
      reason: `EF Core makes the table "${name}" again for this, and the model in the Designer file has no such table: it refuses the whole migration with "SQLite does not support this migration operation"`,
    };
  return table.uncertain === undefined ? undefined : { kind: 'unknown', reason: `${again}, and ${table.uncertain}` };
}

/** What EF Core sends after all calls of a method to make tables again, in its order. */
export function rebuildCommands(calls: readonly Call[], model: KnownModel, writing: Writing): readonly LateCommand[] {
  if (typeof model === 'string') return [];
  const planned = planRebuilds(calls).flatMap((rebuild) => {
    const table = model.table(rebuild.name, rebuild.schema);
    return table === undefined || untold(model, rebuild) !== undefined
      ? []
      : [new TableRebuild(table, rebuild, writing)];
  });
  const [first] = planned;
  const pragma = (turn: number, value: 0 | 1): readonly LateCommand[] =>
    first === undefined ? [] : [{ turn, command: first.write().add(`PRAGMA foreign_keys = ${value};`).done(true) }];
  return [
    ...planned.flatMap((rebuild) => [rebuild.create(), ...rebuild.earlyIndexes(), rebuild.copy()]),
    ...pragma(2, 0),
    ...planned.flatMap((rebuild) => rebuild.replace()),
    ...pragma(4, 1),
    ...planned.flatMap((rebuild) => rebuild.lateIndexes()),
  ];
}

/** An index as the model has it. */
export function modelIndex(
  writer: CommandWriter,
  { name, columns, isUnique, descending, filter }: EfIndex,
  table: string,
): Command {
  const keys = columns.map((column, place) => {
    const isDescending = descending !== undefined && (descending.length === 0 || descending[place] === true);
    return `${quote(column)}${isDescending ? ' DESC' : ''}`;
  });
  const where = filter === undefined ? '' : ` WHERE ${filter}`;
  return writer
    .add(`CREATE ${isUnique ? 'UNIQUE ' : ''}INDEX ${quote(name)} ON ${quote(table)} (${keys.join(', ')})${where};`)
    .done();
}

const TEMPORARY = 'ef_temp_';

class TableRebuild {
  readonly #table: EfTable;
  readonly #rebuild: PlannedRebuild;
  readonly #writing: Writing;
  /** Where each column and constraint is named by a call. */
  readonly #named = new Map<string, Span>();

  constructor(table: EfTable, rebuild: PlannedRebuild, writing: Writing) {
    this.#table = table;
    this.#rebuild = rebuild;
    this.#writing = writing;
    for (const call of [...rebuild.causes, ...rebuild.replaced]) {
      const bound = bindForSqlite(call);
      const value = bound.get(call.method === 'RenameColumn' ? 'newName' : 'name');
      const name = textOf(value);
      if (value !== undefined && name !== undefined && call.method !== 'AlterTable') this.#named.set(name, value.span);
    }
  }

  write(): CommandWriter {
    const [cause] = this.#rebuild.causes;
    const span = cause?.span ?? { start: 0, end: 0 };
    const head = { start: span.start, end: cause?.nameSpan.end ?? span.end };
    return new CommandWriter(span, head, (name) => quote(name), {
      isMaybe: this.#rebuild.causes.every(({ certainty }) => certainty === 'may'),
      places: [...this.#rebuild.dropped.keys()].flatMap((name) => {
        const place = this.#named.get(name);
        return place === undefined ? [] : [{ name, span: place }];
      }),
    });
  }

  create(): LateCommand {
    const table = this.#table;
    const writer = this.write().add(`CREATE TABLE ${quote(`${TEMPORARY}${table.name}`)} (\n    `);
    const single = table.primaryKey?.columns.length === 1 ? table.primaryKey.columns[0] : undefined;
    let isFirst = true;
    const next = (): void => {
      if (!isFirst) writer.add(',\n    ');
      isFirst = false;
    };
    const constraint = (name: string, text: string): void => {
      next();
      writer.add('CONSTRAINT ');
      this.#name(writer, name);
      writer.add(` ${text}`);
    };
    for (const column of inTableOrder(table.columns)) {
      next();
      this.#column(writer, column);
      if (column.name !== single || table.primaryKey === undefined) continue;
      writer.add(' CONSTRAINT ');
      this.#name(writer, table.primaryKey.name);
      writer.add(` PRIMARY KEY${column.isNumbered === true ? ' AUTOINCREMENT' : ''}`);
    }
    if (table.primaryKey !== undefined && single === undefined)
      constraint(table.primaryKey.name, `PRIMARY KEY (${list(table.primaryKey.columns)})`);
    for (const { name, columns } of table.uniques) constraint(name, `UNIQUE (${list(columns)})`);
    for (const { name, sql } of table.checks) constraint(name, `CHECK (${sql})`);
    for (const key of table.foreignKeys)
      constraint(
        key.name,
        `FOREIGN KEY (${list(key.columns)}) REFERENCES ${quote(key.principalTable)} (${list(key.principalColumns)})${key.onDelete === undefined ? '' : ` ON DELETE ${key.onDelete}`}`,
      );
    return { turn: 1, command: writer.add('\n);').done() };
  }

  copy(): LateCommand {
    const { added, altered, renamed } = this.#rebuild;
    const columns = this.#table.columns.filter((column) => column.computedSql === undefined && !added.has(column.name));
    const writer = this.write().add(
      `INSERT INTO ${quote(`${TEMPORARY}${this.#table.name}`)} (${list(columns.map(({ name }) => name))})\nSELECT `,
    );
    for (const [index, column] of columns.entries()) {
      if (index > 0) writer.add(', ');
      const change = altered.get(column.name);
      const rename = renamed.get(column.name);
      const value = change === undefined ? undefined : filledWith(change);
      const old = rename === undefined ? undefined : textOf(bindForSqlite(rename).get('name'));
      if (value === undefined) {
        this.#name(writer, old ?? column.name, column.name);
        continue;
      }
      writer.add('IFNULL(');
      this.#name(writer, column.name);
      writer
        .add(', ')
        .written(this.#writing.literal(value, this.#typeOf(column)), value.span)
        .add(')');
    }
    return { turn: 1, command: writer.add(`\nFROM ${quote(this.#table.name)};`).done() };
  }

  replace(): readonly LateCommand[] {
    const { name } = this.#table;
    return [
      {
        turn: 3,
        command: this.write()
          .add(`DROP TABLE ${quote(name)};`)
          .done(),
      },
      {
        turn: 3,
        command: this.write()
          .add(`ALTER TABLE ${quote(`${TEMPORARY}${name}`)} RENAME TO ${quote(name)};`)
          .done(),
      },
    ];
  }

  /** A unique index over a column that is made again is there before the rows are. */
  earlyIndexes(): readonly LateCommand[] {
    return this.#table.indexes
      .filter((index) => this.#isEarly(index))
      .map((index) => ({ turn: 1, command: modelIndex(this.write(), index, `${TEMPORARY}${this.#table.name}`) }));
  }

  lateIndexes(): readonly LateCommand[] {
    return this.#table.indexes
      .filter((index) => !this.#isEarly(index))
      .map((index) => ({ turn: 5, command: modelIndex(this.write(), index, this.#table.name) }));
  }

  #isEarly(index: EfIndex): boolean {
    return index.isUnique && index.columns.some((column) => this.#rebuild.added.has(column));
  }

  #typeOf(column: EfColumn): string {
    return column.type ?? this.#writing.storeType(column.clrType) ?? 'TEXT';
  }

  #column(writer: CommandWriter, column: EfColumn): void {
    this.#name(writer, column.name);
    if (column.computedSql !== undefined) {
      writer.add(` AS (${column.computedSql})${column.isStored === true ? ' STORED' : ''}`);
      if (column.collation !== undefined) writer.add(` COLLATE ${column.collation}`);
      return;
    }
    const type = this.#typeOf(column);
    writer.add(` ${type}`);
    if (column.collation !== undefined) writer.add(` COLLATE ${column.collation}`);
    writer.add(column.isNullable ? ' NULL' : ' NOT NULL');
    const again = this.#rebuild.added.get(column.name);
    const given = again === undefined ? undefined : bindForSqlite(again);
    const own = given?.isTrue('nullable') === false ? given.get('defaultValue') : undefined;
    const value = own ?? (column.default === undefined ? undefined : valueIn(column.default));
    if (column.defaultSql !== undefined) writer.add(` DEFAULT (${column.defaultSql})`);
    else if (value !== undefined) writer.add(` DEFAULT ${this.#writing.literal(value, type)}`);
  }

  /** A name, at its place in the call that is about it. */
  #name(writer: CommandWriter, name: string, by = name): void {
    const place = this.#named.get(by);
    if (place === undefined) writer.add(quote(name));
    else writer.nameAt(name, place);
  }
}

/** What rows without a value get where a column becomes required. */
function filledWith(change: Call): Value | undefined {
  const bound = bindForSqlite(change);
  return bound.isTrue('nullable') === false && bound.isTrue('oldNullable') === true
    ? bound.get('defaultValue')
    : undefined;
}

/** Columns that the model gives a place come first; the copy of the rows does not mind. */
function inTableOrder(columns: readonly EfColumn[]): readonly EfColumn[] {
  return [
    ...columns.filter(({ order }) => order !== undefined).toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0)),
    ...columns.filter(({ order }) => order === undefined),
  ];
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function list(columns: readonly string[]): string {
  return columns.map((column) => quote(column)).join(', ');
}

/** The value of an expression of a Designer. */
function valueIn(source: string): Value | undefined {
  return readCSharp(`class A { object a = ${source}; }`, (root) => {
    const declarator = root.descendantsOfType('variable_declarator')[0];
    const value = declarator?.namedChildren.at(-1);
    return value === undefined ? undefined : readValue(value, () => undefined);
  });
}
