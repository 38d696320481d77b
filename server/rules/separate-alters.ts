import { isTableAction, type TableAction, type TableActionDetail } from '../model/operation.ts';
import { statementsWith } from './operation-index.ts';
import type { Rule, RuleContext, RuleStatement } from './rule.ts';
import { subjectOf } from './subject.ts';
import { transactionState } from './transactions.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY, age int, score int, email text, CONSTRAINT email_known CHECK (email IS NOT NULL));';

/** Actions that may stand beside others in one ALTER TABLE and mean the same there. */
const MERGED: ReadonlySet<TableActionDetail['kind']> = new Set([
  'add-column', 'drop-column', 'alter-type', 'set-default', 'drop-default', 'set-not-null', 'drop-not-null', 'add-constraint', 'drop-constraint', 'set-statistics', 'set-storage',
]);

/** Two statements that need the table one after the other, where one would do. */
export const separateAlters: Rule = {
  code: 'separate-alters',
  aliases: ['multiple-alter-table', 'merge-alter-table'],
  title: 'ALTER TABLE statements of one table follow each other, where one would do',
  severity: 'hint',
  preset: 'all',
  dialects: ['postgresql'],
  why: 'Each ALTER TABLE goes over the catalog, the locks and, where it must, the rows of its table on its own. '
    + 'As actions of one statement, several changes read or write the rows in one pass. '
    + 'It is not said of what must stay apart: a constraint and its validation, SET NOT NULL and the CHECK that proves it, two changes of one column, renames, and statements in transactions of their own.',
  docs: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES'],
  bad: [
    { title: 'Two columns', dialect: 'postgresql', before: [TABLE], sql: 'ALTER TABLE users ADD COLUMN nick text;\n<|ALTER TABLE "users" ADD COLUMN phone text|>;\n<|ALTER TABLE public.users DROP COLUMN score|>;' },
    { title: 'Two passes over the rows', dialect: 'postgresql', before: [TABLE], sql: 'ALTER TABLE users ALTER COLUMN age TYPE bigint;\n<|ALTER TABLE users ALTER COLUMN score TYPE bigint|>;' },
  ],
  good: [
    { title: 'One statement', dialect: 'postgresql', before: [TABLE], sql: 'ALTER TABLE users ADD COLUMN nick text, ADD COLUMN phone text;' },
    { title: 'A proof and what it proves', dialect: 'postgresql', before: [TABLE], sql: 'ALTER TABLE users ALTER COLUMN email SET NOT NULL;\nALTER TABLE users DROP CONSTRAINT email_known;' },
    { title: 'A constraint and its validation', dialect: 'postgresql', before: [TABLE], sql: '-- lockstep: no-transaction\nALTER TABLE users ADD CONSTRAINT grown CHECK (age > 17) NOT VALID;\nALTER TABLE users VALIDATE CONSTRAINT grown;' },
    { title: 'A column without its default for the old rows', dialect: 'postgresql', before: [TABLE], sql: 'ALTER TABLE users ADD COLUMN token uuid;\nALTER TABLE users ALTER COLUMN token SET DEFAULT gen_random_uuid();' },
    { title: 'Transactions of their own', dialect: 'postgresql', before: [TABLE], sql: '-- lockstep: no-transaction\nALTER TABLE users ADD COLUMN nick text;\nALTER TABLE users ADD COLUMN phone text;' },
    { title: 'Something in between', dialect: 'postgresql', before: [TABLE], sql: 'ALTER TABLE users ADD COLUMN nick text;\nUPDATE users SET nick = email WHERE id = 1;\nALTER TABLE users ADD COLUMN phone text;' },
    { title: 'A table of the same migration', dialect: 'postgresql', sql: `${TABLE}\nALTER TABLE users ADD COLUMN nick text;\nALTER TABLE users ADD COLUMN phone text;` },
  ],
  *check(context) {
    const touched: { key: string; statements: RuleStatement[] }[] = [];
    for (const statement of statementsWith(context, ...MERGED)) {
      const actions = mergeable(statement);
      const [first] = actions;
      if (first === undefined || statement.direction !== 'up') continue;
      const subject = subjectOf(context, statement, first.relation);
      const last = touched.at(-1);
      const previous = last?.statements.at(-1);
      if (last === undefined || previous === undefined || last.key !== subject.full || previous.index !== statement.index - 1 || !isOneTransaction(context, previous, statement)
        || last.statements.some((earlier) => mustStayApart(mergeable(earlier), actions))) {
        touched.push({ key: subject.full, statements: [statement] });
        continue;
      }
      last.statements.push(statement);
      if (!subject.isInUse) continue;
      const isHeavy = [previous, statement].every((one) => one.effects.some((effect) => effect.relationKind !== 'index' && (effect.scan || effect.rewrite)));
      yield {
        statement, span: { start: 0, end: statement.source.text.length }, relation: subject.full, operation: first,
        message: isHeavy
          ? `This goes over the rows of ${subject.shown} once more: as an action of the ALTER TABLE before it, both would be done in one pass.`
          : `The ALTER TABLE before it is of ${subject.shown} too, in the same transaction: one statement would do both.`,
      };
    }
  },
};

/** Actions of a statement that is nothing but an ALTER TABLE of mergeable ones; none otherwise. */
function mergeable(statement: RuleStatement): readonly TableAction[] {
  const actions = statement.body.operations.filter(isTableAction);
  return actions.length === statement.body.operations.length && actions.every((action) => action.head === 'table' && action.certainty === undefined && MERGED.has(action.action.kind)) ? actions : [];
}

function isOneTransaction(context: RuleContext, left: RuleStatement, right: RuleStatement): boolean {
  const one = transactionState(context, left);
  const other = transactionState(context, right);
  return one.isOpen && other.isOpen && one.transaction === other.transaction;
}

/** Whether merging would change what happens: two actions about one column or constraint, or a proof beside what it proves. */
function mustStayApart(earlier: readonly TableAction[], later: readonly TableAction[]): boolean {
  const kinds = (actions: readonly TableAction[], kind: TableActionDetail['kind']): boolean => actions.some((each) => each.action.kind === kind);
  const both = [...earlier, ...later];
  // The drop of the CHECK goes first, and the column is read again. ONLY and IF EXISTS are of the whole statement.
  if (kinds(both, 'set-not-null') && kinds(both, 'drop-constraint')) return true;
  if (both.some((each) => each.only !== both[0]?.only || each.ifExists !== both[0].ifExists)) return true;
  const names = new Set(earlier.flatMap(namesOf));
  return later.flatMap(namesOf).some((name) => names.has(name));
}

function namesOf({ action }: TableAction): readonly string[] {
  switch (action.kind) {
    case 'add-column': return [action.column.name];
    case 'add-constraint': return [...action.constraint.columns, ...(action.constraint.name === undefined ? [] : [`constraint ${action.constraint.name}`])];
    case 'drop-constraint': return [`constraint ${action.constraint}`];
    default: return 'column' in action && typeof action.column === 'string' ? [action.column] : [];
  }
}
