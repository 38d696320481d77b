import type { Effect, LockMode } from '../../model/effect.ts';
import { creationSchema, findRelation, relationKeyOf } from '../../model/lookup.ts';
import { displayName, objectKey, type ObjectName } from '../../model/names.ts';
import { isTableAction, type Operation, type TableAction, type TableActionDetail } from '../../model/operation.ts';
import type { Relation, Schema } from '../../model/schema.ts';
import type { RelationPlace, RuleContext, RuleStatement } from '../rule.ts';
import { transactionState } from './transactions.ts';

/** The relation that a statement is about, as the rules need it. */
export interface Subject {
  /** Undefined where no migration and no catalog told of it. */
  readonly relation: Relation | undefined;
  /** Where it is, for JSON. */
  readonly place: RelationPlace;
  /** `public.users`, for messages that hold SQL. */
  readonly full: string;
  /** As written, for messages: `users`. */
  readonly shown: string;
  /** Whether rows may be in it and running code may use it. */
  readonly isInUse: boolean;
}

/** Facts of a name in a schema. */
interface Resolved {
  /** The last one that it was found in. */
  schema: Schema;
  readonly key: string;
  readonly relation: Relation | undefined;
  readonly place: RelationPlace;
  readonly full: string;
  readonly shown: string;
}

/** What each name meant in the schema that it was last looked up in: rules ask again and again, also at the next keystroke. */
const resolvedNames = new WeakMap<ObjectName, Resolved>();

function resolve(schema: Schema, name: ObjectName): Resolved {
  const known = resolvedNames.get(name);
  if (known?.schema === schema) return known;
  const relation = findRelation(schema, name);
  if (known !== undefined && relation !== undefined && known.relation === relation) {
    known.schema = schema;
    return known;
  }
  const home = relation?.schema ?? name.schema ?? creationSchema(schema) ?? schema.product.searchPath[0];
  const place: RelationPlace = { schema: home, name: relation?.name ?? name.name };
  const resolved = {
    schema,
    key: relationKeyOf(schema, name),
    relation,
    place,
    full: displayName(place),
    shown: displayName(name),
  };
  resolvedNames.set(name, resolved);
  return resolved;
}

/** Finds the relation of a name as it is before the statement. */
export function subjectOf(context: RuleContext, statement: RuleStatement, name: ObjectName): Subject {
  const { relation, key, place, full, shown } = resolve(statement.before, name);
  return { relation, place, full, shown, isInUse: !context.isNew(key, statement) };
}

/** An action with the operation that it is. */
interface StatementAction<Kind extends TableActionDetail['kind']> {
  readonly operation: TableAction;
  readonly action: Extract<TableActionDetail, { readonly kind: Kind }>;
}

const NO_ACTIONS: readonly never[] = [];

/** Table actions of one kind in a statement. */
export function actionsOf<Kind extends TableActionDetail['kind']>(
  statement: RuleStatement,
  kind: Kind,
): readonly StatementAction<Kind>[] {
  let found: StatementAction<Kind>[] | undefined;
  for (const operation of statement.body.operations) {
    if (!isTableAction(operation) || operation.action.kind !== kind) continue;
    found ??= [];
    // The kind of the action decides its type; TypeScript does not narrow by a type parameter.
    found.push({ operation, action: operation.action as Extract<TableActionDetail, { readonly kind: Kind }> });
  }
  // Nearly always nothing, for each statement and rule at each keystroke: no new list for that.
  return found ?? NO_ACTIONS;
}

/** `ACCESS EXCLUSIVE` for `AccessExclusiveLock`; the database's single writer for SQLite. */
export function lockTitle(lock: LockMode): string {
  if (lock === 'DatabaseWriteLock') return "the database's write lock";
  return lock
    .replace(/Lock$/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase();
}

/** `reads and writes`, `writes`: what a lock keeps out besides other schema changes. */
export function blockedTitle(blocks: readonly ('reads' | 'writes' | 'ddl')[]): string {
  const parts = blocks.filter((part) => part !== 'ddl');
  return parts.length === 0 ? 'other schema changes' : parts.join(' and ');
}

/** Whether the statement runs inside a transaction: the tool's, an implicit one, or one that the file opened. */
export function isInTransaction(context: RuleContext, statement: RuleStatement): boolean {
  return transactionState(context, statement).isOpen;
}

/**
 * Whether this migration is a contract step behind something that the running version has taken part in: an expand or
 * migrate step of its change, or a deploy that it, or an earlier step of its change, waits for.
 */
export function isContractStep(context: RuleContext): boolean {
  const { change } = context;
  if (change?.phase !== 'contract') return false;
  return (
    change.requiresDeploy === true ||
    context.changeSteps.some(
      (step) =>
        step.changeId === change.id && step.isEarlier && (step.phase !== 'contract' || step.requiresDeploy === true),
    )
  );
}

/** Whether two operations of one statement are the same one. */
export function isSameOperation(left: Operation, right: Operation): boolean {
  return left.kind === right.kind && left.span.start === right.span.start;
}

/** Who waits for a statement besides those whom its own lock keeps out: readers of a table that the transaction holds to itself. Empty where nobody does. */
export function keptOutToo(context: RuleContext, statement: RuleStatement, effect: Effect): string {
  const { held } = transactionState(context, statement);
  if (held === undefined || !held.effect.blocks.includes('reads') || effect.blocks.includes('reads')) return '';
  const isSame = held.key === objectKey(effect.schema, effect.relation);
  return isSame
    ? `, and reads too: the transaction holds ${lockTitle(held.effect.lock)} on it`
    : `; reads of ${held.effect.relation} wait as long, for the transaction holds ${lockTitle(held.effect.lock)} on it`;
}
