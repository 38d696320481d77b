import { isTableAction, type Operation, type TableAction, type TableActionDetail } from '../../model/operation.ts';
import type { RuleContext, RuleStatement } from '../rule.ts';

/** The operations that may be of a kind: some share one shape. */
type OperationOf<Kind extends Operation['kind']> = Operation extends infer One
  ? One extends Operation
    ? Kind extends One['kind']
      ? One
      : never
    : never
  : never;

/** The same of table actions. */
type ActionOf<Kind extends TableActionDetail['kind']> = TableActionDetail extends infer One
  ? One extends TableActionDetail
    ? Kind extends One['kind']
      ? One
      : never
    : never
  : never;

/** An operation of the migration with the statement that holds it. */
export interface LocatedOperation<Kind extends Operation['kind']> {
  readonly statement: RuleStatement;
  readonly operation: OperationOf<Kind>;
}

/** An action of an ALTER TABLE with the statement that holds it. */
export interface LocatedAction<Kind extends TableActionDetail['kind']> {
  readonly statement: RuleStatement;
  readonly operation: TableAction;
  readonly action: ActionOf<Kind>;
}

interface Located {
  readonly statement: RuleStatement;
  readonly operation: Operation;
}

interface Index {
  readonly operations: ReadonlyMap<Operation['kind'], readonly Located[]>;
  readonly actions: ReadonlyMap<
    TableActionDetail['kind'],
    readonly (Located & { readonly action: TableActionDetail })[]
  >;
}

/** One index a document and direction, shared by all rules: they would each walk through every statement otherwise. */
const indexes = new WeakMap<readonly RuleStatement[], Index>();

/** Operations of one kind in the whole migration, in order. */
export function operationsIn<Kind extends Operation['kind']>(
  context: RuleContext,
  kind: Kind,
): readonly LocatedOperation<Kind>[] {
  // Filed under their own kind, which decides the type.
  return (indexOf(context.statements).operations.get(kind) ?? []) as readonly LocatedOperation<Kind>[];
}

/** Table actions of one kind in the whole migration, in order. */
export function actionsIn<Kind extends TableActionDetail['kind']>(
  context: RuleContext,
  kind: Kind,
): readonly LocatedAction<Kind>[] {
  // Filed under their own kind, which decides the type.
  return (indexOf(context.statements).actions.get(kind) ?? []) as unknown as readonly LocatedAction<Kind>[];
}

const NONE: readonly RuleStatement[] = [];

/** Statements with an operation of one of the kinds, in order, each once. */
export function statementsWith(context: RuleContext, ...kinds: readonly Operation['kind'][]): readonly RuleStatement[] {
  const { operations } = indexOf(context.statements);
  // Most rules ask most files for what is not there, so that this is the way that has to be short.
  if (!kinds.some((kind) => operations.has(kind))) return NONE;
  const present = kinds.flatMap((kind) => operations.get(kind) ?? []);
  if (kinds.length > 1) present.sort((left, right) => left.statement.index - right.statement.index);
  const found: RuleStatement[] = [];
  for (const { statement } of present) if (found.at(-1) !== statement) found.push(statement);
  return found;
}

function indexOf(statements: readonly RuleStatement[]): Index {
  const known = indexes.get(statements);
  if (known !== undefined) return known;
  const operations = new Map<Operation['kind'], Located[]>();
  const actions = new Map<TableActionDetail['kind'], (Located & { readonly action: TableActionDetail })[]>();
  for (const statement of statements) {
    for (const operation of statement.body.operations) {
      file(operations, operation.kind, { statement, operation });
      if (isTableAction(operation))
        file(actions, operation.action.kind, { statement, operation, action: operation.action });
    }
  }
  const index = { operations, actions };
  indexes.set(statements, index);
  return index;
}

function file<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
