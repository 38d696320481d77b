import type { Engine } from '../engines/engine.ts';
import type { ObjectName } from '../model/names.ts';
import { type CreateTable, type TableAction, type TableActionDetail, tableActionOf } from '../model/operation.ts';

/** A part of CREATE TABLE that a table is to have: a column's name and new type, or a constraint. */
export interface TableDefinition {
  /** As written in SQL, quoted. */
  readonly table: string;
  readonly kind: 'type' | 'constraint';
  readonly text: string;
}

/** A column that the constraint's table has in the statement that is read, for a table without one is no SQL. */
const SOME_COLUMN = 'lockstep_column';

/**
 * The change of a table that ALTER TABLE of SQLite has no words for: CREATE TABLE has them, and is read in its stead.
 * Spans of the operation lie in `statementText`. A text says what the words are no definition of.
 */
export function definedAction(
  engine: Engine,
  definition: TableDefinition,
): { readonly operation: TableAction; readonly statementText: string } | string {
  const statementText = `CREATE TABLE ${definition.table} (${definition.kind === 'type' ? '' : `${SOME_COLUMN}, `}${definition.text})`;
  const wrong = `This is not one ${definition.kind === 'type' ? 'type' : 'constraint'}: ${definition.text}`;
  const [source, ...more] = engine.split(statementText, { start: 0, end: statementText.length });
  if (source === undefined || more.length > 0 || source.unterminated !== undefined || source.text !== statementText)
    return wrong;
  const { operations, problems } = engine.parse(statementText);
  const [create, second] = operations;
  if (create?.kind !== 'create-table' || second !== undefined || problems.length > 0)
    return problems[0] === undefined ? wrong : `${problems[0].message} It was read as: ${definition.text}`;
  const action = definition.kind === 'type' ? typeIn(create) : constraintIn(create);
  return action === undefined ? wrong : { operation: onTable(create.relation, create.span, action), statementText };
}

function onTable(relation: ObjectName, span: CreateTable['span'], action: TableActionDetail): TableAction {
  return tableActionOf({ span, relation, head: 'table', ifExists: false, only: false }, action);
}

function hasOptions({ withoutRowid, strict }: CreateTable): boolean {
  return withoutRowid === true || strict === true;
}

/** One column with a type and nothing else. */
function typeIn(create: CreateTable): TableActionDetail | undefined {
  const [column, more] = create.columns;
  const { type } = column ?? {};
  const isMore =
    column === undefined ||
    more !== undefined ||
    create.constraints.length > 0 ||
    hasOptions(create) ||
    column.constraints.length > 0 ||
    column.notNull !== undefined ||
    column.default !== undefined ||
    column.generated !== undefined ||
    column.collation !== undefined;
  return isMore || type === undefined
    ? undefined
    : { kind: 'alter-type', column: column.name, columnSpan: column.nameSpan, type };
}

/** One constraint and nothing else. */
function constraintIn(create: CreateTable): TableActionDetail | undefined {
  const [constraint, more] = create.constraints;
  const isMore =
    more !== undefined ||
    create.columns.length !== 1 ||
    (create.columns[0]?.constraints.length ?? 0) > 0 ||
    hasOptions(create);
  return isMore || constraint === undefined ? undefined : { kind: 'add-constraint', constraint };
}
