import { emptySchema, foldStatement } from '../../model/fold/fold.ts';
import { withoutParentheses } from '../../model/expression.ts';
import type { Engine } from '../engine.ts';
import { sqliteEffects, sqliteEffectsApart } from './effects.ts';
import { sqliteFold } from './fold.ts';
import { quoteName, quoteText } from './names.ts';
import { parseStatement } from './parser.ts';
import { splitStatements } from './splitter.ts';
import { isSameText } from './same-text.ts';
import { sqliteRefusal } from './refusal.ts';
import { placeholder } from './placeholder.ts';
import { SQLITE } from './product.ts';
import { refusesTransaction } from './transaction.ts';
import { sqliteTypeChange, sqliteTypeFacts } from './type-facts.ts';
import { DEFAULT_VERSION, formatVersion, parseVersion, VERSIONS } from './version.ts';

/** SQLite's SQL as of 3.53. */
export const sqliteEngine: Engine = {
  id: SQLITE.id,
  product: SQLITE,
  defaultVersion: DEFAULT_VERSION,
  versions: VERSIONS,
  parseVersion,
  formatVersion,
  split: splitStatements,
  parse: parseStatement,
  emptySchema: (isComplete) => emptySchema(SQLITE, isComplete),
  fold: (schema, operations, origin, target, like) =>
    foldStatement(sqliteFold, schema, operations, origin, target.version, like),
  // Functions of SQLite are the program's own, and none of them changes the database.
  resolveCalls: () => undefined,
  effects: sqliteEffects,
  effectsApart: sqliteEffectsApart,
  typeFacts: sqliteTypeFacts,
  typeChange: sqliteTypeChange,
  refusal: (operation, schema, target) => sqliteRefusal(operation, schema, target.version),
  // What SQLite refuses is asked of each operation.
  refusedWhole: () => undefined,
  isSameDefinition: (one, other) => isSameText(one.join(';'), other.join(';')),
  isSameExpression: (one, other) => isSameText(withoutParentheses(one), withoutParentheses(other)),
  placeholder,
  refusesTransaction,
  quoteName,
  quoteText,
};
