import { emptySchema, foldRefusal, foldStatement } from '../../model/fold/fold.ts';
import { withoutParentheses } from '../../model/expression.ts';
import type { Engine } from '../engine.ts';
import { sqliteEffects, sqliteEffectsApart } from './effects.ts';
import { sqliteFold } from './fold.ts';
import { quoteName, quoteText } from './names.ts';
import { parseStatement } from './parser.ts';
import { splitStatements } from './splitter.ts';
import { isSameText } from './same-text.ts';
import { sqliteRefusal } from './refusal.ts';
import { quotedTexts } from './refusals/names.ts';
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
  isSameDefinition: (one, other) => isSameText(one.join(';'), other.join(';')),
  isSameExpression: (one, other) => isSameText(withoutParentheses(one), withoutParentheses(other)),
  refusedWhole: (operations, schema, origin, target) => {
    const refused = foldRefusal(sqliteFold, schema, operations, origin, target.version);
    return refused === undefined
      ? undefined
      : {
          operation: refused.operation,
          span: refused.operation.span,
          message: `${refused.why.replace(/\.$/, '')}, so that SQLite refuses this statement.`,
        };
  },
  quotedTexts,
  placeholder,
  refusesTransaction,
  quoteName,
  quoteText,
};
