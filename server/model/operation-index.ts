import { isTableAction, type Operation, type TableAction, type TableActionDetail } from './operation.ts';

/** A statement as far as it is looked up by what it does. */
export interface WithOperations {
  /** In the order of the document. */
  readonly index: number;
  readonly body: { readonly operations: readonly Operation[] };
}

/** What statements do, by the kind of it, each list in the order of the document. */
export interface OperationIndex<Statement extends WithOperations> {
  readonly operations: ReadonlyMap<
    Operation['kind'],
    readonly { readonly statement: Statement; readonly operation: Operation }[]
  >;
  readonly actions: ReadonlyMap<
    TableActionDetail['kind'],
    readonly { readonly statement: Statement; readonly operation: TableAction; readonly action: TableActionDetail }[]
  >;
}

/** One index a list, shared by all who ask: each would walk through every statement otherwise. */
const indexes = new WeakMap<readonly WithOperations[], OperationIndex<WithOperations>>();

/** What the statements of a list do, by kind. */
export function operationIndex<Statement extends WithOperations>(
  statements: readonly Statement[],
): OperationIndex<Statement> {
  // Made of this very list below.
  const known = indexes.get(statements) as OperationIndex<Statement> | undefined;
  if (known !== undefined) return known;
  const operations = new Map<Operation['kind'], { readonly statement: Statement; readonly operation: Operation }[]>();
  const actions = new Map<
    TableActionDetail['kind'],
    { readonly statement: Statement; readonly operation: TableAction; readonly action: TableActionDetail }[]
  >();
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

/** Statements with an operation of one of the kinds, in order, each once. */
export function statementsOf<Statement extends WithOperations>(
  statements: readonly Statement[],
  kinds: readonly Operation['kind'][],
): readonly Statement[] {
  const { operations } = operationIndex(statements);
  // Most rules ask most files for what is not there, so that this is the way that has to be short.
  if (!kinds.some((kind) => operations.has(kind))) return [];
  const present = kinds.flatMap((kind) => operations.get(kind) ?? []);
  if (kinds.length > 1) present.sort((left, right) => left.statement.index - right.statement.index);
  const found: Statement[] = [];
  for (const { statement } of present) if (found.at(-1) !== statement) found.push(statement);
  return found;
}

function file<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
