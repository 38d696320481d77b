import { rebuildTable } from '../../engines/sqlite/rebuild.ts';
import { findRelation, indexesOf, relationKeyOf, sameName } from '../../model/lookup.ts';
import {
  isTableAction,
  type ConstraintDefinition,
  type TableAction,
  type TableActionDetail,
} from '../../model/operation.ts';
import type { Column, Relation } from '../../model/schema.ts';
import { changeIdOf, slugOf } from '../names.ts';
import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import { tableTarget, type TableTarget } from '../parts/table-target.ts';

/** What ALTER TABLE of SQLite, or of this version of it, cannot do: the table is copied into a new one that takes its place. */
export const rebuildWholeTable: Recipe = {
  name: 'rebuild-table',
  title: 'Rebuild the table',
  plans: {
    postgresql: 'No table needs to be made again here: ALTER TABLE changes it where it is.',
    sqlite: planRebuild,
  },
};

export function planRebuild({ operation }: ChangeRequest, context: PlanContext): PlanResult {
  if (!isTableAction(operation)) return { kind: 'refused', reason: 'This is not a change of a table.' };
  const { action } = operation;
  const table = tableTarget(context, operation.relation);
  const words = wordsOf(action);
  if (words === undefined)
    return {
      kind: 'refused',
      reason: `Rebuilding ${table.shown} for this change is not something that can be written here: write the new table by hand.`,
    };
  if (table.relation === undefined || !table.relation.columnsKnown)
    return {
      kind: 'refused',
      reason: `The definition of ${table.shown} is in no migration here: connect to the database, so that nothing of it is lost.`,
    };
  const { relation } = table;
  const obstacle =
    action.kind === 'alter-type'
      ? whyNotRetyped(context, table, relation, action)
      : action.kind === 'add-constraint'
        ? whyNotConstrained(context, table, relation, action.constraint)
        : undefined;
  if (obstacle !== undefined) return { kind: 'refused', reason: obstacle };
  const changed = changedTable(context, table, relation, operation);
  if (changed === undefined)
    return {
      kind: 'refused',
      reason: `This does not apply to ${table.shown} as the migrations leave it: correct the names in it first.`,
    };
  const up = rebuildTable(context.schema, relation, () => changed, { values: valuesOf(action) });
  if (up.kind === 'refused') return { kind: 'refused', reason: up.reason };
  const after = {
    ...context.schema,
    relations: context.schema.relations.set(relationKeyOf(context.schema, relation), changed),
  };
  const down = rebuildTable(after, relation, () => relation);
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf(table.name, ...words.slug),
      title: `${words.title} in ${table.shown}`,
      steps: [
        {
          phase: 'contract',
          title: `${words.title} in ${table.shown}`,
          slug: slugOf('rebuild', table.name, ...words.slug),
          up: up.script.join('\n'),
          ...(down.kind === 'refused' ? { irreversible: down.reason } : { down: down.script.join('\n') }),
          transaction: 'none',
          requires: [{ kind: 'deploy', description: words.deploy(table.shown) }],
          notes: [
            `${table.shown} is copied into a new table that takes its place, in one transaction: ALTER TABLE cannot do this.`,
            "It holds the database's write lock while the rows are copied; readers go on in WAL mode. It fails, and changes nothing, where a row breaks the new definition.",
            ...(words.notes ?? []),
          ],
        },
      ],
    },
  };
}

interface Words {
  readonly title: string;
  readonly slug: readonly string[];
  deploy(table: string): string;
  readonly notes?: readonly string[];
}

function wordsOf(action: TableActionDetail): Words | undefined {
  switch (action.kind) {
    case 'add-constraint':
      return constraintWords(action.constraint);
    case 'drop-constraint':
      return {
        title: `Drop ${action.constraint}`,
        slug: ['drop', action.constraint],
        deploy: (table) => `version that expects rows of ${table} that ${action.constraint} kept out`,
      };
    case 'drop-not-null':
      return {
        title: `Let ${action.column} be empty`,
        slug: [action.column, 'optional'],
        deploy: (table) => `version that expects ${table}.${action.column} to be empty`,
      };
    case 'alter-type':
      return {
        title: `Let ${action.column} be ${action.type.display}`,
        slug: [action.column, 'type'],
        deploy: (table) => `version that works with ${table}.${action.column} as it was and as ${action.type.display}`,
        notes: [
          `Values are stored as ${action.type.display} where that loses nothing, as SQLite stores what is written to such a column; one that does not fit stays as it is, but in a STRICT table, where the migration then fails.`,
          'Text such as 007 becomes the number 7 where the column takes numbers, and is 7 after the way back.',
        ],
      };
    case 'add-column':
      return action.column.constraints.some((constraint) => constraint.kind === 'primary-key')
        ? undefined
        : {
            title: `Add ${action.column.name}`,
            slug: [action.column.name],
            deploy: (table) => `version that can do with ${table}.${action.column.name}`,
          };
    default:
      return undefined;
  }
}

function constraintWords({ kind, name, columns }: ConstraintDefinition): Words | undefined {
  const shown = columns.join(', ');
  switch (kind) {
    case 'check':
      return {
        title: 'Add a check',
        slug: ['check', ...(name === undefined ? [] : [name])],
        deploy: (table) => `version that writes no row of ${table} that breaks the check`,
      };
    case 'foreign-key':
      return {
        title: `Add a foreign key over ${shown}`,
        slug: ['foreign_key', ...columns],
        deploy: (table) => `version that writes no ${table}.${shown} without its row in the other table`,
        notes: [
          'PRAGMA foreign_key_check is asked before and behind the copy: a row without the row that it points at makes the migration fail, and so do tables whose keys do not match.',
          'SQLite keeps to foreign keys only where PRAGMA foreign_keys = ON is set for the connection.',
        ],
      };
    case 'unique':
      return {
        title: `Let ${shown} be unique`,
        slug: ['unique', ...columns],
        deploy: (table) => `version that writes no two rows of ${table} with the same ${shown}`,
        notes: [
          'Two rows of one value make the migration fail. CREATE UNIQUE INDEX does the same without copying the table, where an index will do.',
        ],
      };
    default:
      return undefined;
  }
}

/** The table after the change; undefined where the change does not apply to it. */
function changedTable(
  context: PlanContext,
  table: TableTarget,
  relation: Relation,
  operation: TableAction,
): Relation | undefined {
  const { action } = operation;
  const is =
    (name: string) =>
    (column: Column): boolean =>
      sameName(context.engine.product, column.name, name);
  switch (action.kind) {
    case 'add-column':
      return withColumn(context, table, action);
    case 'add-constraint':
      return withConstraint(context, relation, action.constraint);
    case 'drop-not-null':
      return relation.columns.some(is(action.column))
        ? {
            ...relation,
            columns: relation.columns.map((column) =>
              is(action.column)(column) ? { ...column, notNull: false } : column,
            ),
          }
        : undefined;
    case 'alter-type':
      return {
        ...relation,
        columns: relation.columns.map((column) =>
          is(action.column)(column) ? { ...column, type: action.type } : column,
        ),
      };
    default: {
      const folded = findRelation(
        context.engine.fold(context.schema, [operation], { fileIndex: -1 }, context.target),
        operation.relation,
      );
      return folded === undefined || folded.constraints.length === relation.constraints.length
        ? undefined
        : { ...relation, columns: folded.columns, constraints: folded.constraints };
    }
  }
}

/** Type names that a column of a STRICT table may have. Source: sqlite.org/stricttables.html. */
const STRICT_TYPES = new Set(['int', 'integer', 'real', 'text', 'blob', 'any']);

/** Why a column cannot have the type; undefined where it can. */
function whyNotRetyped(
  { engine: { product } }: PlanContext,
  table: TableTarget,
  relation: Relation,
  action: Extract<TableActionDetail, { readonly kind: 'alter-type' }>,
): string | undefined {
  const column = relation.columns.find((candidate) => sameName(product, candidate.name, action.column));
  const { type } = action;
  if (column === undefined) return `${table.shown} has no column "${action.column}".`;
  if (column.type?.display.toLowerCase() === type.display.toLowerCase())
    return `${table.shown}."${column.name}" is ${type.display} already.`;
  if (relation.strict === true && (!STRICT_TYPES.has(type.name.toLowerCase()) || type.modifiers.length > 0))
    return `${table.shown} is STRICT, where a column is INT, INTEGER, REAL, TEXT, BLOB or ANY, and ${type.display} is none of them.`;
  const key = relation.constraints.find((constraint) => constraint.kind === 'primary-key');
  const isRowid =
    relation.withoutRowid !== true &&
    column.type?.name.toLowerCase() === 'integer' &&
    key?.columns.length === 1 &&
    sameName(product, key.columns[0] ?? '', column.name);
  return isRowid
    ? `"${column.name}" is the rowid of ${table.shown} as long as it is INTEGER PRIMARY KEY, and numbers new rows; as ${type.display} it would be empty in them: add a column of the new type instead.`
    : undefined;
}

/** Why the table cannot have the constraint; undefined where only its rows can tell. */
function whyNotConstrained(
  context: PlanContext,
  table: TableTarget,
  relation: Relation,
  definition: ConstraintDefinition,
): string | undefined {
  const missing = definition.columns.find(
    (name) => !relation.columns.some((column) => sameName(context.engine.product, column.name, name)),
  );
  if (missing !== undefined) return `${table.shown} has no column "${missing}".`;
  const isSame = (left: readonly string[], right: readonly string[]): boolean =>
    left.length === right.length &&
    left.every((name) => right.some((other) => sameName(context.engine.product, name, other)));
  const twice =
    definition.kind === 'unique'
      ? relation.constraints.find(
          (constraint) =>
            (constraint.kind === 'unique' || constraint.kind === 'primary-key') &&
            isSame(constraint.columns, definition.columns),
        )
      : undefined;
  if (twice !== undefined)
    return `${definition.columns.join(', ')} of ${table.shown} ${definition.columns.length === 1 ? 'is' : 'are'} unique already.`;
  const { references } = definition;
  if (definition.kind !== 'foreign-key' || references === undefined) return undefined;
  const parent = findRelation(context.schema, { schema: relation.schema, name: references.relation.name });
  if (parent === undefined || !parent.columnsKnown)
    return `The definition of "${references.relation.name}" is in no migration here: connect to the database, so that its key can be looked at.`;
  const isKey =
    parent.constraints.some(
      (constraint) =>
        (constraint.kind === 'primary-key' || constraint.kind === 'unique') &&
        isSame(constraint.columns, references.columns),
    ) ||
    indexesOf(context.schema, relationKeyOf(context.schema, parent)).some(
      (index) =>
        index.unique &&
        index.where === undefined &&
        isSame(
          index.elements.map((element) => element.column ?? ''),
          references.columns,
        ),
    );
  return isKey
    ? undefined
    : `${references.columns.join(', ')} of ${references.relation.name} is neither its primary key nor unique, and every write would fail with "foreign key mismatch": make it unique first.`;
}

/** The table with one more constraint, read as CREATE TABLE reads it. */
function withConstraint(
  context: PlanContext,
  relation: Relation,
  definition: ConstraintDefinition,
): Relation | undefined {
  const { engine, schema, statementText, target } = context;
  const text = statementText.slice(definition.span.start, definition.span.end);
  const shape = 'lockstep_shape';
  const made = findRelation(
    engine.fold(
      schema,
      engine.parse(
        `CREATE TABLE ${shape} (${relation.columns.map((column) => engine.quoteName(column.name)).join(', ')}, ${text})`,
      ).operations,
      { fileIndex: -1 },
      target,
    ),
    { name: shape },
  );
  const [constraint] = made?.constraints ?? [];
  if (
    constraint === undefined ||
    relation.constraints.some((other) => other.name !== '' && sameName(engine.product, other.name, constraint.name))
  )
    return undefined;
  const { index: _index, ...rest } = constraint;
  return { ...relation, constraints: [...relation.constraints, rest] };
}

/** The table with the new column behind the others, read as CREATE TABLE reads it: ALTER TABLE would not take it. */
function withColumn(
  context: PlanContext,
  table: TableTarget,
  action: Extract<TableActionDetail, { readonly kind: 'add-column' }>,
): Relation | undefined {
  const { relation } = table;
  if (
    relation === undefined ||
    relation.columns.some((column) => sameName(context.engine.product, column.name, action.column.name))
  )
    return undefined;
  const definition = context.statementText.slice(action.column.span.start, action.column.span.end);
  const { engine } = context;
  const made = findRelation(
    engine.fold(
      engine.emptySchema(true),
      engine.parse(`CREATE TABLE ${engine.quoteName(relation.name)} (${definition})`).operations,
      { fileIndex: -1 },
      context.target,
    ),
    { name: relation.name },
  );
  return made === undefined
    ? undefined
    : {
        ...relation,
        columns: [...relation.columns, ...made.columns],
        constraints: [...relation.constraints, ...made.constraints],
      };
}

/** A default that is worked out for each row must be named, for a new table takes it for new rows only. */
function valuesOf(action: TableActionDetail): Readonly<Record<string, string>> {
  if (action.kind !== 'add-column' || action.column.default === undefined || action.column.generated !== undefined)
    return {};
  return { [action.column.name]: action.column.default.text };
}
