import { readFileSync } from 'node:fs';
import vm from 'node:vm';

/** A column as db-migrate's builder takes it. */
interface ColumnSpec {
  readonly type: string;
  readonly length?: number;
  readonly primaryKey?: boolean;
  readonly notNull?: boolean;
  readonly unique?: boolean;
  readonly defaultValue?: string | number | boolean;
}

type Callback = (error?: unknown, results?: readonly unknown[]) => void;
type Task = (done: Callback) => unknown;

/**
 * SQL of the way up of a migration of db-migrate, as it sends it to a database without rows: the module itself runs, with a
 * connection that only writes down what it is asked for. Undefined where it asks for something else.
 */
export async function dbMigrateSql(file: string): Promise<string | undefined> {
  const statements: string[] = [];
  /** Calls of db-migrate end with a callback, or without one where the module waits for the promise. */
  const recorded = (sql: string, rest: readonly unknown[]): Promise<void> => {
    statements.push(`${sql.trim().replace(/;$/, '')};`);
    const callback = rest.at(-1);
    if (typeof callback === 'function') (callback as Callback)(undefined, []);
    return Promise.resolve();
  };
  const db = {
    runSql: (sql: string, ...rest: unknown[]) => recorded(sql, rest),
    all: (_sql: string, ...rest: unknown[]) => {
      (rest.at(-1) as Callback)(undefined, []);
    },
    createTable: (table: string, columns: Readonly<Record<string, ColumnSpec>>, ...rest: unknown[]) =>
      recorded(
        `CREATE TABLE "${table}" (${Object.entries(columns)
          .map(([name, spec]) => columnSql(name, spec))
          .join(', ')})`,
        rest,
      ),
    addColumn: (table: string, name: string, spec: ColumnSpec, ...rest: unknown[]) =>
      recorded(`ALTER TABLE "${table}" ADD COLUMN ${columnSql(name, spec)}`, rest),
    removeColumn: (table: string, name: string, ...rest: unknown[]) =>
      recorded(`ALTER TABLE "${table}" DROP COLUMN "${name}"`, rest),
    dropTable: (table: string, ...rest: unknown[]) => recorded(`DROP TABLE "${table}"`, rest),
  };
  const series = (tasks: readonly Task[], done?: Callback): void => {
    for (const task of tasks) task(() => undefined);
    done?.();
  };
  const exports: { up?: (connection: typeof db, done: Callback) => unknown } = {};
  const context = { exports, module: { exports }, require: (name: string) => (name === 'async' ? { series } : {}) };
  try {
    vm.runInNewContext(readFileSync(file, 'utf8'), context);
    await exports.up?.(db, () => undefined);
  } catch {
    // It asks for what only a database has: its SQL is not known before it runs.
    return undefined;
  }
  const sql = statements.filter((statement) => statement !== ';').join('\n');
  return sql === '' ? undefined : sql;
}

/** The types whose names db-migrate translates. */
const TYPES: Readonly<Record<string, string>> = { string: 'varchar', int: 'integer' };

function columnSql(name: string, { type, length, primaryKey, notNull, unique, defaultValue }: ColumnSpec): string {
  return [
    `"${name}"`,
    `${TYPES[type] ?? type}${length === undefined ? '' : `(${length})`}`,
    ...(primaryKey === true ? ['PRIMARY KEY'] : []),
    ...(notNull === true ? ['NOT NULL'] : []),
    ...(unique === true ? ['UNIQUE'] : []),
    ...(defaultValue === undefined
      ? []
      : [`DEFAULT ${typeof defaultValue === 'string' ? `'${defaultValue}'` : String(defaultValue)}`]),
  ].join(' ');
}
