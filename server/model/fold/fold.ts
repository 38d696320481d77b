import { PersistentMap } from '../../core/persistent-map.ts';
import { isTableAction, type Operation } from '../operation.ts';
import type { Product } from '../product.ts';
import { DEFAULT_PRIVILEGES, type Origin, type Schema } from '../schema.ts';
import { commentOn, grantOn } from './annotations.ts';
import { createTable, createTableAs } from './create-table.ts';
import { Draft, type FoldRules } from './draft.ts';
import { dropObjects } from './drop.ts';
import { attachIndexPartition, createIndex } from './indexes.ts';
import { createExtension } from './drop-extensions.ts';
import {
  alterSequence,
  alterRoutine,
  createFunction,
  createPolicy,
  createRule,
  createSchema,
  createSequence,
  createTrigger,
  createStatistics,
} from './objects.ts';
import { noteUses } from './other-uses.ts';
import { inPassOrder } from './passes.ts';
import { definePublication } from './publications.ts';
import { renameObject, setObjectSchema } from './rename.ts';
import { controlTransaction, newSession, readSetConfig, setPragma, setVariable, startFile } from './session.ts';
import { foldTableAction } from './table-action.ts';
import { alterTypeDefinition, createType } from './types.ts';
import { doubt, foldUncertain } from './uncertain.ts';
import { createView } from './views.ts';

/** Schema of an empty database, or, where not complete, of one of which nothing is known. */
export function emptySchema(product: Product, isComplete: boolean): Schema {
  return {
    product,
    isComplete,
    relations: PersistentMap.empty(),
    indexes: PersistentMap.empty(),
    sequences: PersistentMap.empty(),
    types: PersistentMap.empty(),
    functions: PersistentMap.empty(),
    dropped: PersistentMap.empty(),
    session: newSession(product),
    schemas: PersistentMap.from(
      product.firstSchemas.map((name) => [name, { name, origin: { fileIndex: -1 } }] as const),
    ),
  };
}

/**
 * The schema after one statement; `version` is that of `Target`.
 *
 * A statement that the database would refuse, or that changes nothing, gives back the very schema that it got. `like` is
 * what the same statement gave for another schema: objects that are equal to its own are shared with it.
 */
export function foldStatement(
  rules: FoldRules,
  schema: Schema,
  operations: readonly Operation[],
  origin: Origin,
  version: number,
  like?: Schema,
): Schema {
  const draft = new Draft(rules, schema, origin, version, like);
  return foldInto(draft, schema, operations) === undefined ? draft.finish() : schema;
}

/** Why a statement fails on a database of this schema, and at which of its operations. */
export interface FoldRefusal {
  readonly operation: Operation;
  /** One sentence. */
  readonly why: string;
}

/** What of a statement `foldStatement` does not carry out, in words; undefined where it carries out all, or has no words. */
export function foldRefusal(
  rules: FoldRules,
  schema: Schema,
  operations: readonly Operation[],
  origin: Origin,
  version: number,
): FoldRefusal | undefined {
  const draft = new Draft(rules, schema, origin, version);
  const operation = foldInto(draft, schema, operations);
  return operation === undefined || draft.refusal === undefined ? undefined : { operation, why: draft.refusal };
}

/** Carries out the operations of a statement in the draft; gives the one that is refused, if one is. */
function foldInto(draft: Draft, schema: Schema, operations: readonly Operation[]): Operation | undefined {
  startFile(draft);
  const outer = draft.session;
  const [first] = operations;
  for (const operation of schema.product.capabilities.ordersActions ? inPassOrder(operations) : operations) {
    // Elements of CREATE SCHEMA, which lie within it, find their names in that schema first.
    const isElement = first?.kind === 'create-schema' && operation !== first && operation.span.start < first.span.end;
    if (isElement) draft.session = { ...outer, searchPath: [first.name, ...outer.searchPath] };
    if (operation.certainty === 'may') foldUncertain(draft, operation);
    else foldOperation(draft, operation);
    if (draft.isRefused) return operation;
    if (isElement) draft.session = outer;
  }
  return undefined;
}

function foldOperation(draft: Draft, operation: Operation): void {
  if (isTableAction(operation)) return foldTableAction(draft, operation);
  switch (operation.kind) {
    case 'create-table':
      return createTable(draft, operation);
    case 'create-table-as':
      return createTableAs(draft, operation);
    case 'create-index':
      return createIndex(draft, operation);
    case 'attach-index-partition':
      return attachIndexPartition(draft, operation);
    case 'create-view':
    case 'create-materialized-view':
      return createView(draft, operation);
    case 'create-type':
      return createType(draft, operation);
    case 'alter-type-definition':
      return alterTypeDefinition(draft, operation);
    case 'create-sequence':
      return createSequence(draft, operation);
    case 'alter-sequence':
      return alterSequence(draft, operation);
    case 'create-function':
      return createFunction(draft, operation);
    case 'create-trigger':
      return createTrigger(draft, operation);
    case 'create-policy':
    case 'alter-policy':
      return createPolicy(draft, operation);
    case 'create-rule':
      return createRule(draft, operation);
    case 'create-statistics':
      return createStatistics(draft, operation);
    case 'create-schema':
      return createSchema(draft, operation);
    case 'rename-object':
      return renameObject(draft, operation);
    case 'set-object-schema':
      return setObjectSchema(draft, operation);
    case 'set-variable':
      return setVariable(draft, operation);
    case 'discard':
      return setVariable(draft, {
        kind: 'set-variable',
        span: operation.span,
        name: '*',
        values: [],
        scope: 'session',
        toDefault: true,
      });
    case 'transaction-control':
      return controlTransaction(draft, operation);
    case 'comment':
      return commentOn(draft, operation);
    case 'grant':
    case 'revoke':
      return grantOn(draft, operation);
    case 'pragma':
      return setPragma(draft, operation);
    case 'select-rows':
      return readSetConfig(draft, operation.query);
    case 'create-object':
      if (operation.objectKind === 'extension') createExtension(draft, operation);
      if (operation.objectKind === 'publication') definePublication(draft, operation);
      draft.others = new Set([...draft.others, `${operation.objectKind} ${operation.object?.name ?? ''}`]);
      noteUses(draft, operation);
      return;
    case 'alter-object':
      if (operation.objectKind === 'publication') definePublication(draft, operation);
      alterRoutine(draft, operation);
      if (operation.description.toLowerCase().startsWith('alter default'))
        draft.others = new Set([...draft.others, DEFAULT_PRIVILEGES]);
      return;
    case 'opaque':
      if (operation.keepsSchema !== true) draft.isComplete = false;
      for (const name of operation.doubts ?? []) doubt(draft, name, true);
      return;
    case 'call':
      // Anything may have been made or dropped.
      draft.isComplete = false;
      return;
    case 'drop-table':
    case 'drop-index':
    case 'drop-view':
    case 'drop-materialized-view':
    case 'drop-sequence':
    case 'drop-type':
    case 'drop-function':
    case 'drop-trigger':
    case 'drop-policy':
    case 'drop-rule':
    case 'drop-schema':
    case 'drop-statistics':
    case 'drop-object':
      return dropObjects(draft, operation);
    default:
      return;
  }
}
