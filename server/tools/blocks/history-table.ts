import { DatabaseError, type Connection, type Row } from '../../drivers/driver.ts';
import { byEngine, type EngineId } from '../../model/engine-id.ts';

/** A value of a row: what the driver binds, or SQL that the table itself gives, such as the next rank. */
export type CellValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Date
  | Uint8Array
  | readonly string[]
  | { readonly sql: string };

/** Values by column. */
export type Cells = Readonly<Record<string, CellValue>>;

export interface HistoryTablePlace {
  readonly table: string;
  /** On PostgreSQL; by default the schema of the search path that has the table, else the first one. */
  readonly schema?: string | undefined;
  /** Definitions of its columns and constraints. */
  readonly columns: (dialect: EngineId) => readonly string[];
  /** Columns without which the table is another tool's. */
  readonly needs: readonly string[];
  /** Columns with which the table is another tool's, by the tool's name. */
  readonly foreign?: Readonly<Record<string, string>>;
  /**
   * What a time without a zone means on PostgreSQL: that of the session, which now() writes there (the default), or UTC where
   * the tool itself makes it.
   */
  readonly clock?: 'session' | 'utc';
  /** What makes the table complete, as the tool does it, after it was created: an index, a first row. `name` is quoted and qualified. */
  readonly afterCreate?: (name: string, dialect: EngineId) => readonly string[];
}

/** What PostgreSQL says of a table or schema that came into being while this one was made: a key of the catalog, or its name. */
const MADE_MEANWHILE: readonly string[] = ['23505', '42P07', '42P06'];

/** A name in double quotes, which both databases take for any name. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A history's table on one connection: its schema is settled when it is opened, and every statement names it. */
export class HistoryTable {
  readonly connection: Connection;
  readonly #place: HistoryTablePlace;
  readonly #schema: string | undefined;
  #columns: readonly HistoryColumn[];

  private constructor(
    connection: Connection,
    place: HistoryTablePlace,
    schema: string | undefined,
    columns: readonly HistoryColumn[],
  ) {
    this.connection = connection;
    this.#place = place;
    this.#schema = schema;
    this.#columns = columns;
  }

  static async open(connection: Connection, place: HistoryTablePlace): Promise<HistoryTable> {
    const schema = await byEngine<() => Promise<string | undefined>>(connection.dialect, {
      postgresql: () => settleSchema(connection, place),
      sqlite: async () => undefined,
    })();
    const columns = await columnsOf(connection, schema, place.table);
    const table = new HistoryTable(connection, place, schema, columns);
    if (columns.length > 0) table.#demandOwn(columns.map(({ name }) => name));
    return table;
  }

  /** Quoted and qualified. */
  get sql(): string {
    return this.#schema === undefined
      ? quoted(this.#place.table)
      : `${quoted(this.#schema)}.${quoted(this.#place.table)}`;
  }

  /** For people. */
  get name(): string {
    return this.#schema === undefined || this.#schema === 'public'
      ? this.#place.table
      : `${this.#schema}.${this.#place.table}`;
  }

  get schema(): string | undefined {
    return this.#schema;
  }

  get exists(): boolean {
    return this.#columns.length > 0;
  }

  async ensure(): Promise<void> {
    if (this.exists) return;
    try {
      await this.#make();
    } catch (cause) {
      // Another session made it at the same moment, which IF NOT EXISTS does not see; a transaction that failed cannot go on.
      const isMade = cause instanceof DatabaseError && MADE_MEANWHILE.includes(cause.failure.sqlstate ?? '');
      if (!isMade || this.connection.transactionState() !== 'none') throw cause;
      await this.#make();
    }
    this.#columns = await columnsOf(this.connection, this.#schema, this.#place.table);
  }

  async #make(): Promise<void> {
    const { dialect } = this.connection;
    if (this.#place.schema !== undefined && this.#schema !== undefined)
      await this.connection.execute(`CREATE SCHEMA IF NOT EXISTS ${quoted(this.#schema)}`);
    await this.connection.execute(
      `CREATE TABLE IF NOT EXISTS ${this.sql} (${this.#place.columns(dialect).join(', ')})`,
    );
    for (const statement of this.#place.afterCreate?.(this.sql, dialect) ?? [])
      await this.connection.execute(statement);
  }

  /** All rows; `order` names a column. */
  async rows(order?: string): Promise<readonly Row[]> {
    if (!this.exists) return [];
    const zone = this.#place.clock === 'utc' ? "'UTC'" : "pg_catalog.current_setting('TimeZone')";
    const columns = this.#columns.some(({ isLocalTime }) => isLocalTime)
      ? this.#columns.map(({ name, isLocalTime }) =>
          isLocalTime ? `${quoted(name)} AT TIME ZONE ${zone} AS ${quoted(name)}` : quoted(name),
        )
      : ['*'];
    return this.connection.query(
      `SELECT ${columns.join(', ')} FROM ${this.sql}${order === undefined ? '' : ` ORDER BY ${quoted(order)}`}`,
    );
  }

  async insert(cells: Cells): Promise<Row> {
    const parameters: unknown[] = [];
    const columns = Object.keys(cells);
    const values = columns.map((column) => this.#bind(cells[column] ?? null, parameters));
    const rows = await this.connection.query(
      `INSERT INTO ${this.sql} (${columns.map(quoted).join(', ')}) VALUES (${values.join(', ')}) RETURNING *`,
      parameters,
    );
    return this.#one(rows, 'inserted into');
  }

  async update(where: Cells, cells: Cells): Promise<Row> {
    const parameters: unknown[] = [];
    const assignments = Object.entries(cells).map(
      ([column, value]) => `${quoted(column)} = ${this.#bind(value, parameters)}`,
    );
    const rows = await this.connection.query(
      `UPDATE ${this.sql} SET ${assignments.join(', ')} WHERE ${this.#where(where, parameters)} RETURNING *`,
      parameters,
    );
    return this.#one(rows, 'changed in');
  }

  /** `mayBeSeveral` allows more than one row; one there must be. */
  async delete(where: Cells, mayBeSeveral = false): Promise<Row> {
    const parameters: unknown[] = [];
    const rows = await this.connection.query(
      `DELETE FROM ${this.sql} WHERE ${this.#where(where, parameters)} RETURNING *`,
      parameters,
    );
    const [first] = rows;
    return mayBeSeveral && first !== undefined ? first : this.#one(rows, 'deleted from');
  }

  #where(where: Cells, parameters: unknown[]): string {
    return Object.entries(where)
      .map(([column, value]) =>
        value === null ? `${quoted(column)} IS NULL` : `${quoted(column)} = ${this.#bind(value, parameters)}`,
      )
      .join(' AND ');
  }

  #bind(value: CellValue, parameters: unknown[]): string {
    if (isSql(value)) return value.sql;
    parameters.push(
      byEngine<(value: Parameters<typeof postgresValue>[0]) => unknown>(this.connection.dialect, {
        postgresql: postgresValue,
        sqlite: sqliteValue,
      })(value),
    );
    return `${byEngine(this.connection.dialect, { postgresql: '$', sqlite: '?' })}${parameters.length}`;
  }

  #one(rows: readonly Row[], done: string): Row {
    const [row] = rows;
    if (row !== undefined && rows.length === 1) return row;
    throw new DatabaseError({
      kind: 'raced',
      message: `${rows.length} rows were ${done} the history ${this.name} where it had to be one: another run was here, so look by "lockstep status" at what is applied now.`,
    });
  }

  #demandOwn(columns: readonly string[]): void {
    const other = Object.entries(this.#place.foreign ?? {}).find(([column]) => columns.includes(column))?.[1];
    const missing = this.#place.needs.find((column) => !columns.includes(column));
    if (other === undefined && missing === undefined) return;
    throw new DatabaseError({
      kind: 'wrong-kind',
      message:
        other === undefined
          ? `The table ${this.name} is no history of this project's tool: it has no column "${missing ?? ''}". Connect to the project's own database, or name the tool that made the table in lockstep.jsonc.`
          : `The table ${this.name} is the history of ${other}, not of this project's tool: connect to the project's own database, or name ${other} as the tool in lockstep.jsonc.`,
    });
  }
}

/** Whether a cell's value is SQL. */
export function isSql(value: CellValue): value is { readonly sql: string } {
  return typeof value === 'object' && value !== null && 'sql' in value;
}

function postgresValue(value: Exclude<CellValue, { readonly sql: string }>): unknown {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'bigint') return String(value);
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}

function sqliteValue(value: Exclude<CellValue, { readonly sql: string }>): unknown {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Date) return value.toISOString();
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}

async function settleSchema(connection: Connection, place: HistoryTablePlace): Promise<string> {
  if (place.schema !== undefined) return place.schema;
  const rows = await connection.query(
    'SELECT coalesce((SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)), current_schema()) AS schema',
    [quoted(place.table)],
  );
  const schema = rows[0]?.['schema'];
  if (typeof schema === 'string') return schema;
  throw new DatabaseError({
    kind: 'missing',
    message: `There is no schema on the search path of ${connection.label} that the history ${place.table} could be in: create the schema, or name one on the search path.`,
  });
}

interface HistoryColumn {
  readonly name: string;
  /** A time that does not say of which zone it is. */
  readonly isLocalTime: boolean;
}

async function columnsOf(
  connection: Connection,
  schema: string | undefined,
  table: string,
): Promise<readonly HistoryColumn[]> {
  const rows =
    schema === undefined
      ? await connection.query('SELECT name, 0 AS local FROM pragma_table_info(?1)', [table])
      : await connection.query(
          "SELECT a.attname AS name, a.atttypid = 'pg_catalog.timestamp'::pg_catalog.regtype AS local FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
          [schema, table],
        );
  return rows.map((row) => ({ name: String(row['name']), isLocalTime: row['local'] === true }));
}
