import { isTableAction, type TableAction, type TableActionDetail } from '../model/operation.ts';
import type { Rule, RuleContext, RuleStatement } from './rule.ts';
import { subjectOf } from './facts/subject.ts';
import { transactionState } from './facts/transactions.ts';

const TABLE =
  'CREATE TABLE users (id bigint PRIMARY KEY, age int, score int, email text, CONSTRAINT email_known CHECK (email IS NOT NULL));';

/** Actions that may stand beside others in one ALTER TABLE and mean the same there. */
const MERGED: ReadonlySet<TableActionDetail['kind']> = new Set([
  'add-column',
  'drop-column',
  'alter-type',
  'set-default',
  'drop-default',
  'set-not-null',
  'drop-not-null',
  'add-constraint',
  'drop-constraint',
  'set-statistics',
  'set-storage',
]);

/** Two statements that need the table one after the other, where one would do. */
export const separateAlters: Rule = {
  code: 'separate-alters',
  aliases: ['multiple-alter-table', 'merge-alter-table'],
  title: 'ALTER TABLE statements of one table follow each other, where one would do',
  severity: 'hint',
  preset: 'all',
  dialects: ['postgresql'],
  why:
    'Each ALTER TABLE goes over the catalog, the locks and, where it must, the rows of its table on its own. ' +
    'As actions of one statement, several changes read or write the rows in one pass. ' +
    'It is not said of what must stay apart: a constraint and its validation, SET NOT NULL and the CHECK that proves it, two changes of one column, renames, and statements in transactions of their own.',
  docs: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES'],
  bad: [
    {
      title: 'Two columns',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ADD COLUMN nick text;\n<|ALTER TABLE "users" ADD COLUMN phone text|>;\n<|ALTER TABLE public.users DROP COLUMN score|>;',
    },
    {
      title: 'Two passes over the rows',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ALTER COLUMN age TYPE bigint;\n<|ALTER TABLE users ALTER COLUMN score TYPE bigint|>;',
    },
  ],
  good: [
    {
      title: 'One statement',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ADD COLUMN nick text, ADD COLUMN phone text;',
    },
    {
      title: 'A proof and what it proves',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ALTER COLUMN email SET NOT NULL;\nALTER TABLE users DROP CONSTRAINT email_known;',
    },
    {
      title: 'A constraint and its validation',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nALTER TABLE users ADD CONSTRAINT grown CHECK (age > 17) NOT VALID;\nALTER TABLE users VALIDATE CONSTRAINT grown;',
    },
    {
      title: 'A column without its default for the old rows',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ADD COLUMN token uuid;\nALTER TABLE users ALTER COLUMN token SET DEFAULT gen_random_uuid();',
    },
    {
      title: 'Transactions of their own',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nALTER TABLE users ADD COLUMN nick text;\nALTER TABLE users ADD COLUMN phone text;',
    },
    {
      title: 'Something in between',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ADD COLUMN nick text;\nUPDATE users SET nick = email WHERE id = 1;\nALTER TABLE users ADD COLUMN phone text;',
    },
    {
      title: 'A table of the same migration',
      dialect: 'postgresql',
      sql: `${TABLE}\nALTER TABLE users ADD COLUMN nick text;\nALTER TABLE users ADD COLUMN phone text;`,
    },
  ],
  *check(context) {
    let run: Run | undefined;
    for (const statement of context.statements) {
      const actions = statement.direction === 'up' ? mergeable(statement) : NONE;
      const [first] = actions;
      if (first === undefined) continue;
      const { last } = run ?? {};
      const isNext =
        run !== undefined &&
        last !== undefined &&
        isDirectlyBehind(last, statement) &&
        run.name === first.relation.name &&
        isOneTransaction(context, last, statement) &&
        !mustStayApart(run, actions);
      const subject = isNext ? subjectOf(context, statement, first.relation) : undefined;
      if (run === undefined || last === undefined || subject === undefined) {
        run = { name: first.relation.name, first, last: statement, opening: actions };
        continue;
      }
      // What stands between them renames nothing.
      run.full ??= subjectOf(context, last, run.first.relation).full;
      if (subject.full !== run.full) {
        run = { name: first.relation.name, first, last: statement, opening: actions };
        continue;
      }
      for (const action of actions) {
        run.touched?.kinds.add(action.kind);
        for (const name of namesOf(action)) run.touched?.names.add(name);
      }
      run.last = statement;
      if (!subject.isInUse) continue;
      const isHeavy = [last, statement].every((one) =>
        one.effects.some((effect) => effect.relationKind !== 'index' && (effect.scan || effect.rewrite)),
      );
      yield {
        statement,
        span: { start: 0, end: statement.source.text.length },
        relation: subject.place,
        operation: first,
        message: isHeavy
          ? `This goes over the rows of ${subject.shown} once more: as an action of the ALTER TABLE before it, both would be done in one pass.`
          : `The ALTER TABLE before it is of ${subject.shown} too, in the same transaction: one statement would do both.`,
      };
    }
  },
};

/** ALTER TABLE statements of one table that follow each other and may be one. */
interface Run {
  readonly name: string;
  readonly first: TableAction;
  last: RuleStatement;
  /** The table's whole name: worked out for the second of them. */
  full?: string;
  /** Actions of the first of them. */
  readonly opening: readonly TableAction[];
  /** Columns and constraints that they are about: most tables have one statement, and need none. */
  touched?: { readonly names: Set<string>; readonly kinds: Set<TableActionDetail['kind']> };
}

/** Whether nothing stands between two statements. Those of a DO block are left alone: a condition may stand between them. */
function isDirectlyBehind(earlier: RuleStatement, later: RuleStatement): boolean {
  return earlier.whole === undefined && later.whole === undefined && later.index === earlier.index + 1;
}

/** Actions of a statement that is nothing but an ALTER TABLE of mergeable ones; none otherwise. */
function mergeable(statement: RuleStatement): readonly TableAction[] {
  const { operations } = statement.body;
  const [first] = operations;
  // Nearly all statements end here, at each keystroke.
  if (first === undefined || !isTableAction(first) || !MERGED.has(first.action.kind)) return NONE;
  if (operations.length === 1) return first.head === 'table' && first.certainty === undefined ? [first] : NONE;
  const actions = operations.filter(isTableAction);
  return actions.length === operations.length &&
    actions.every(
      (action) => action.head === 'table' && action.certainty === undefined && MERGED.has(action.action.kind),
    )
    ? actions
    : NONE;
}

const NONE: readonly TableAction[] = [];

function isOneTransaction(context: RuleContext, left: RuleStatement, right: RuleStatement): boolean {
  const one = transactionState(context, left);
  const other = transactionState(context, right);
  return one.isOpen && other.isOpen && one.transaction === other.transaction;
}

/** Whether merging would change what happens: two actions about one column or constraint, or a proof beside what it proves. */
function mustStayApart(run: Run, later: readonly TableAction[]): boolean {
  run.touched ??= {
    names: new Set(run.opening.flatMap(namesOf)),
    kinds: new Set(run.opening.map((action) => action.kind)),
  };
  const { names, kinds } = run.touched;
  const has = (kind: TableActionDetail['kind']): boolean => kinds.has(kind) || later.some((each) => each.kind === kind);
  // The drop of the CHECK goes first, and the column is read again.
  if (has('set-not-null') && has('drop-constraint')) return true;
  // ONLY and IF EXISTS are of the whole statement.
  return later.some(
    (each) =>
      each.only !== run.first.only ||
      each.ifExists !== run.first.ifExists ||
      namesOf(each).some((name) => names.has(name)),
  );
}

function namesOf({ action }: TableAction): readonly string[] {
  switch (action.kind) {
    case 'add-column':
      return [action.column.name];
    case 'add-constraint':
      return [
        ...action.constraint.columns,
        ...(action.constraint.name === undefined ? [] : [`constraint ${action.constraint.name}`]),
      ];
    case 'drop-constraint':
      return [`constraint ${action.constraint}`];
    default:
      return 'column' in action && typeof action.column === 'string' ? [action.column] : [];
  }
}
