import { rebuildTable, type Rebuild } from '../../engines/sqlite/rebuild.ts';
import { sameName } from '../../model/lookup.ts';
import type { Schema } from '../../model/schema.ts';
import type { PlanContext } from '../plan.ts';
import type { Requirement, Step } from '../step.ts';
import { freeName, limitedName, slugOf } from '../names.ts';
import type { TableTarget } from './table-target.ts';
import { addedStep, checkedStep } from './late-constraint.ts';

/** First PostgreSQL major with NOT NULL constraints that may be NOT VALID. Source: PostgreSQL 18 release notes. */
const NOT_VALID_NOT_NULL_SINCE = 18;

/** Steps that make a filled column required without keeping anybody out while the rows are read. */
export function requireSteps(
  context: PlanContext,
  table: TableTarget,
  column: string,
  requires: readonly Requirement[],
): readonly Step[] {
  const quoted = context.engine.quoteName(column);
  if (!context.engine.product.capabilities.validatesLater) {
    return [
      {
        phase: 'contract',
        title: `Require ${table.shown}.${column}`,
        slug: slugOf('require', table.name, column),
        up: `${table.alter} ALTER COLUMN ${quoted} SET NOT NULL;`,
        down: `${table.alter} ALTER COLUMN ${quoted} DROP NOT NULL;`,
        transaction: 'one',
        requires,
        notes: ["Reads every row under the database's write lock; readers go on in WAL mode."],
      },
    ];
  }
  return context.target.version >= NOT_VALID_NOT_NULL_SINCE
    ? namedSteps(context, table, column, quoted, requires)
    : checkedSteps(context, table, column, quoted, requires);
}

/**
 * SQLite before 3.53, which cannot change a column: the table is rebuilt around the required column. `schema` has the column
 * already. A text says why the table cannot be rebuilt.
 */
export function rebuildSteps(
  table: TableTarget,
  column: string,
  schema: Schema,
  requires: readonly Requirement[] = [],
): readonly Step[] | string {
  const turn = (notNull: boolean): Rebuild =>
    rebuildTable(schema, table.relation ?? { name: table.name }, (old) => ({
      ...old,
      columns: old.columns.map((each) => (sameName(schema.product, each.name, column) ? { ...each, notNull } : each)),
    }));
  const up = turn(true);
  const down = turn(false);
  if (up.kind === 'refused') return up.reason;
  if (down.kind === 'refused') return down.reason;
  return [
    {
      phase: 'contract',
      title: `Require ${table.shown}.${column}`,
      slug: slugOf('require', table.name, column),
      up: up.script.join('\n'),
      down: down.script.join('\n'),
      transaction: 'none',
      requires,
      notes: [
        `SQLite before 3.53 cannot make a column required, so ${table.shown} is copied into a new table that takes its place, in one transaction.`,
        "It holds the database's write lock while the rows are copied; readers go on in WAL mode.",
      ],
    },
  ];
}

/** 18 and later: the not-null constraint itself is added NOT VALID under the name that SET NOT NULL would give it. */
function namedSteps(
  context: PlanContext,
  table: TableTarget,
  column: string,
  quoted: string,
  requires: readonly Requirement[],
): readonly Step[] {
  const name = context.engine.quoteName(freeName(limitedName([table.name, column], 'not_null'), takenNames(table)));
  const add = `${table.alter} ADD CONSTRAINT ${name} NOT NULL ${quoted} NOT VALID;`;
  return requiredThenChecked(table, column, name, add, requires);
}

/** Up to 17: a CHECK is validated first, so that SET NOT NULL need not read the table; it goes in a statement of its own, for in one ALTER the drop would come first. */
function checkedSteps(
  context: PlanContext,
  table: TableTarget,
  column: string,
  quoted: string,
  requires: readonly Requirement[],
): readonly Step[] {
  const name = context.engine.quoteName(freeName(limitedName([table.name, column], 'required'), takenNames(table)));
  const add = `${table.alter} ADD CONSTRAINT ${name} CHECK (${quoted} IS NOT NULL) NOT VALID;`;
  return [
    ...requiredThenChecked(table, column, name, add, requires),
    {
      phase: 'contract',
      title: `Make ${table.shown}.${column} NOT NULL`,
      slug: slugOf('not_null', table.name, column),
      // Nothing is read here but after the way back, which leaves the check NOT VALID: then before the lock is taken.
      up: `${table.alter} VALIDATE CONSTRAINT ${name};\n${table.alter} ALTER COLUMN ${quoted} SET NOT NULL;\n${table.alter} DROP CONSTRAINT ${name};`,
      down: `${add}\n${table.alter} ALTER COLUMN ${quoted} DROP NOT NULL;`,
      transaction: 'one',
      requires: [],
      notes: ['The validated check proves that no row is empty, so the table is not read again.'],
    },
  ];
}

/** Two steps: a constraint that holds for new rows, and the check of the old ones. `name` is quoted; `add` makes it NOT VALID. */
function requiredThenChecked(
  table: TableTarget,
  column: string,
  name: string,
  add: string,
  requires: readonly Requirement[],
): readonly Step[] {
  const late = { alter: table.alter, name, add };
  return [
    addedStep('contract', late, {
      title: `Require ${table.shown}.${column} of new rows`,
      slug: slugOf('require', table.name, column),
      requires,
      notes: ['From here on no row can be written without a value; old rows are checked by the next step.'],
    }),
    checkedStep('contract', late, {
      title: `Check old rows of ${table.shown}.${column}`,
      slug: slugOf('validate', table.name, column),
    }),
  ];
}

function takenNames(table: TableTarget): ReadonlySet<string> {
  return new Set(table.relation?.constraints.map((constraint) => constraint.name) ?? []);
}
