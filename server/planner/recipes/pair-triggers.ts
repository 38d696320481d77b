import { findFunction } from '../../model/lookup.ts';
import { limitedName } from '../names.ts';
import type { PlanContext } from '../plan.ts';
import type { TableTarget } from './table-target.ts';

/** Two tables that hold the same columns for rows of one key. */
export interface Pair {
  readonly left: TableTarget;
  readonly right: TableTarget;
  /** Name of the key in both. */
  readonly key: string;
  readonly columns: readonly string[];
}

/** With the owner's rights and the search path of the migration: who writes to one table need not reach the other. */
const HEAD = 'RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $lockstep$';

/** A trigger with its function, as SQL statements. */
interface Carrier {
  readonly create: string;
  readonly drop: string;
}

/**
 * Triggers that carry the columns of either table into the other. A row of the left table without any value has no row
 * in the right one. What is equal already is not written, so that neither calls the other for ever. Each must be made and
 * dropped in a transaction of its own: writers lock the one table and then the other, in either order.
 */
export function pairTriggers(context: PlanContext, pair: Pair): { readonly there: Carrier; readonly back: Carrier } {
  const { quoteName } = context.dialect;
  const { left, right } = pair;
  const id = quoteName(pair.key);
  const columns = pair.columns.map(quoteName);
  const row = (prefix: string): string => `ROW(${columns.map((column) => `${prefix}${column}`).join(', ')})`;
  const schema = left.relation?.schema ?? 'public';
  const named = (suffix: string): string => {
    let name = limitedName(['lockstep', left.name, right.name], suffix);
    for (let number = 2; findFunction(context.schema, { schema, name }) !== undefined; number++) name = limitedName(['lockstep', left.name, right.name], `${suffix}${number}`);
    return quoteName(name);
  };
  const [there, back] = [named('there'), named('back')];
  const prefix = left.sql.includes('.') ? `${quoteName(schema)}.` : '';
  const empty = columns.map((column) => `NEW.${column} IS NULL`).join(' AND ');
  const createThere = [
    `CREATE FUNCTION ${prefix}${there}() ${HEAD}`, 'BEGIN',
    "  IF TG_OP = 'UPDATE' THEN", `    IF NOT record_image_ne(${row('NEW.')}, ${row('OLD.')}) THEN RETURN NULL; END IF;`, '  END IF;',
    `  IF ${empty} THEN`, `    IF TG_OP = 'UPDATE' THEN DELETE FROM ${right.sql} WHERE ${id} = NEW.${id}; END IF;`, '    RETURN NULL;', '  END IF;',
    `  INSERT INTO ${right.sql} AS kept (${[id, ...columns].join(', ')}) VALUES (${[id, ...columns].map((column) => `NEW.${column}`).join(', ')})`,
    `    ON CONFLICT (${id}) DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(', ')} WHERE record_image_ne(${row('kept.')}, ${row('excluded.')});`,
    '  RETURN NULL;', 'END', '$lockstep$;',
    `CREATE TRIGGER ${there} AFTER INSERT OR UPDATE ON ${left.sql} FOR EACH ROW EXECUTE FUNCTION ${prefix}${there}();`,
  ].join('\n');
  const createBack = [
    `CREATE FUNCTION ${prefix}${back}() ${HEAD}`, 'BEGIN',
    "  IF TG_OP = 'DELETE' THEN",
    `    UPDATE ${left.sql} AS own SET ${columns.map((column) => `${column} = NULL`).join(', ')} WHERE own.${id} = OLD.${id} AND (${columns.map((column) => `own.${column} IS NOT NULL`).join(' OR ')});`,
    '    RETURN NULL;', '  END IF;',
    `  UPDATE ${left.sql} AS own SET ${columns.map((column) => `${column} = NEW.${column}`).join(', ')} WHERE own.${id} = NEW.${id} AND record_image_ne(${row('own.')}, ${row('NEW.')});`,
    '  RETURN NULL;', 'END', '$lockstep$;',
    `CREATE TRIGGER ${back} AFTER INSERT OR UPDATE OR DELETE ON ${right.sql} FOR EACH ROW EXECUTE FUNCTION ${prefix}${back}();`,
  ].join('\n');
  return {
    there: { create: createThere, drop: `DROP TRIGGER ${there} ON ${left.sql};\nDROP FUNCTION ${prefix}${there}();` },
    back: { create: createBack, drop: `DROP TRIGGER ${back} ON ${right.sql};\nDROP FUNCTION ${prefix}${back}();` },
  };
}
