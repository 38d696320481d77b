import type { TypeName } from '../../model/type-name.ts';
import type { TypeChange, TypeFacts } from '../engine.ts';

/** What the declared type of a column means in SQLite: an affinity, found from its words. Source: sqlite.org/datatype3.html, section 3.1. */
export function sqliteTypeFacts(type: TypeName): TypeFacts {
  const name = type.name.toUpperCase();
  const room = (affinity: string, what: string): TypeFacts => ({
    storage: `${affinity} affinity: ${what}`,
    changes: [],
  });
  if (name.includes('INT')) return room('INTEGER', 'a whole number takes 0 to 8 bytes, as many as it needs');
  if (name.includes('CHAR') || name.includes('CLOB') || name.includes('TEXT'))
    return room(
      'TEXT',
      `as long as the value${type.modifiers.length > 0 ? '; the length in parentheses is not checked' : ''}`,
    );
  if (name === '' || name.includes('BLOB')) return room('BLOB', 'every value is kept as it is given');
  if (name.includes('REAL') || name.includes('FLOA') || name.includes('DOUB'))
    return room('REAL', '8 bytes, about 15 decimal digits');
  return room('NUMERIC', 'a text that looks like a number is kept as a number');
}

/** SQLite has no statement that changes a column's type. */
export function sqliteTypeChange(): TypeChange {
  return {
    rewrite: true,
    because: "SQLite cannot change a column's type, so the table is built again under a new name",
  };
}
