import type { PlanContext } from '../plan.ts';
import { freeFunctionName } from './function-name.ts';
import type { TableTarget } from './table-target.ts';

/** Two tables that hold the same columns for rows that belong together. */
export interface Pair {
  readonly left: TableTarget;
  readonly right: TableTarget;
  /** The columns, unique each, whose equal values say that a row of the left table belongs to one of the right. */
  readonly keys: { readonly left: string; readonly right: string };
  readonly columns: readonly string[];
  /**
   * `made`: a row of the right table is there for the columns alone, so that a row of the left one with a value makes it,
   * and one without takes it away. `own`: it is there for itself, and only the columns of one that is there are written.
   */
  readonly rows: 'made' | 'own';
}

/** What the reader must know of two tables whose writers reach each other's rows. */
export const EITHER_WAY_NOTE =
  'An old and a new instance that change one and the same row at the same moment may wait for each other; PostgreSQL then ends one of the two with a deadlock error.';

/** With the owner's rights and the search path of the migration: who writes to one table need not reach the other. */
const HEAD = 'RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $lockstep$';

/** A trigger with its function, as SQL statements. */
interface Carrier {
  readonly create: string;
  readonly drop: string;
}

/**
 * Triggers that carry the columns of either table into the other. What is equal already is not written, so that neither
 * calls the other for ever. Each must be made and dropped in a transaction of its own: writers lock the one table and then
 * the other, in either order.
 */
export function pairTriggers(context: PlanContext, pair: Pair): { readonly there: Carrier; readonly back: Carrier } {
  const { quoteName } = context.engine;
  const { left, right } = pair;
  const schema = left.relation?.schema ?? 'public';
  const named = (suffix: string): string =>
    quoteName(freeFunctionName(context, schema, ['lockstep', left.name, right.name], suffix));
  const [there, back] = [named('there'), named('back')];
  const prefix = left.sql.includes('.') ? `${quoteName(schema)}.` : '';
  const trigger = (name: string, events: string, table: TableTarget, body: readonly string[]): string =>
    [
      `CREATE FUNCTION ${prefix}${name}() ${HEAD}`,
      ...(pair.rows === 'own' ? ['DECLARE', '  lockstep_linked boolean;'] : []),
      'BEGIN',
      ...body,
      'END',
      '$lockstep$;',
      `CREATE TRIGGER ${name} AFTER ${events} ON ${table.sql} FOR EACH ROW EXECUTE FUNCTION ${prefix}${name}();`,
    ].join('\n');
  const names = { left: quoteName(pair.keys.left), right: quoteName(pair.keys.right) };
  const lines =
    pair.rows === 'made'
      ? madeRows(pair, names, pair.columns.map(quoteName))
      : ownRows(pair, names, pair.columns.map(quoteName));
  return {
    there: {
      create: trigger(there, 'INSERT OR UPDATE', left, lines.there),
      drop: `DROP TRIGGER ${there} ON ${left.sql};\nDROP FUNCTION ${prefix}${there}();`,
    },
    back: {
      create: trigger(
        back,
        pair.rows === 'made' ? 'INSERT OR UPDATE OR DELETE' : 'INSERT OR UPDATE',
        right,
        lines.back,
      ),
      drop: `DROP TRIGGER ${back} ON ${right.sql};\nDROP FUNCTION ${prefix}${back}();`,
    },
  };
}

/** Statements of the two functions. */
interface Bodies {
  readonly there: readonly string[];
  readonly back: readonly string[];
}

/** Names of the keys, quoted. */
type Keys = Pair['keys'];

function rowOf(columns: readonly string[], prefix: string): string {
  return `ROW(${columns.map((column) => `${prefix}${column}`).join(', ')})`;
}

/** A row of the left table without any value has no row in the right one. */
function madeRows({ left, right }: Pair, keys: Keys, columns: readonly string[]): Bodies {
  const empty = columns.map((column) => `NEW.${column} IS NULL`).join(' AND ');
  return {
    there: [
      "  IF TG_OP = 'UPDATE' THEN",
      `    IF NOT record_image_ne(${rowOf(columns, 'NEW.')}, ${rowOf(columns, 'OLD.')}) THEN RETURN NULL; END IF;`,
      '  END IF;',
      `  IF ${empty} THEN`,
      `    IF TG_OP = 'UPDATE' THEN DELETE FROM ${right.sql} WHERE ${keys.right} = NEW.${keys.left}; END IF;`,
      '    RETURN NULL;',
      '  END IF;',
      `  INSERT INTO ${right.sql} AS kept (${[keys.right, ...columns].join(', ')}) VALUES (${[keys.left, ...columns].map((column) => `NEW.${column}`).join(', ')})`,
      `    ON CONFLICT (${keys.right}) DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(', ')} WHERE record_image_ne(${rowOf(columns, 'kept.')}, ${rowOf(columns, 'excluded.')});`,
      '  RETURN NULL;',
    ],
    back: [
      "  IF TG_OP = 'DELETE' THEN",
      `    UPDATE ${left.sql} AS own SET ${columns.map((column) => `${column} = NULL`).join(', ')} WHERE own.${keys.left} = OLD.${keys.right} AND (${columns.map((column) => `own.${column} IS NOT NULL`).join(' OR ')});`,
      '    RETURN NULL;',
      '  END IF;',
      push(left, keys.left, keys.right, columns),
      '  RETURN NULL;',
    ],
  };
}

/**
 * A row that comes to its partner without values takes those of the partner, locked, so that a value which somebody is
 * just writing there is not missed; one with values gives them. Where a row of the right table goes to another partner,
 * the value that is there already stays: the left table is the one that the running version means.
 */
function ownRows({ left, right }: Pair, keys: Keys, columns: readonly string[]): Bodies {
  const empty = columns.map((column) => `NEW.${column} IS NULL`).join(' AND ');
  const linked = (key: string): readonly string[] => [
    "  IF TG_OP = 'INSERT' THEN",
    '    lockstep_linked := true;',
    '  ELSE',
    `    lockstep_linked := NEW.${key} IS DISTINCT FROM OLD.${key};`,
    `    IF NOT lockstep_linked AND NOT record_image_ne(${rowOf(columns, 'NEW.')}, ${rowOf(columns, 'OLD.')}) THEN RETURN NULL; END IF;`,
    '  END IF;',
  ];
  const pull = (own: TableTarget, ownKey: string, partner: TableTarget, key: string): readonly string[] => [
    `    UPDATE ${own.sql} AS own SET ${columns.map((column) => `${column} = kept.${column}`).join(', ')}`,
    `      FROM (SELECT ${columns.join(', ')} FROM ${partner.sql} WHERE ${key} = NEW.${ownKey} FOR NO KEY UPDATE) AS kept`,
    `      WHERE own.${ownKey} = NEW.${ownKey} AND (${columns.map((column) => `kept.${column} IS NOT NULL`).join(' OR ')}) AND record_image_ne(${rowOf(columns, 'own.')}, ${rowOf(columns, 'kept.')});`,
  ];
  return {
    there: [
      ...linked(keys.left),
      `  IF lockstep_linked AND ${empty} THEN`,
      ...pull(left, keys.left, right, keys.right),
      '    RETURN NULL;',
      '  END IF;',
      push(right, keys.right, keys.left, columns),
      '  RETURN NULL;',
    ],
    back: [
      ...linked(keys.right),
      `  IF lockstep_linked AND (TG_OP = 'UPDATE' OR (${empty})) THEN`,
      ...pull(right, keys.right, left, keys.left),
      `    IF FOUND OR (${empty}) THEN RETURN NULL; END IF;`,
      '  END IF;',
      push(left, keys.left, keys.right, columns),
      '  RETURN NULL;',
    ],
  };
}

/** Writes the values of NEW into the row of the other table that belongs to it. */
function push(table: TableTarget, key: string, ownKey: string, columns: readonly string[]): string {
  return `  UPDATE ${table.sql} AS own SET ${columns.map((column) => `${column} = NEW.${column}`).join(', ')} WHERE own.${key} = NEW.${ownKey} AND record_image_ne(${rowOf(columns, 'own.')}, ${rowOf(columns, 'NEW.')});`;
}
