import type { LockMode } from '../model/effect.ts';
import { creationSchema, findRelation, relationKeyOf } from '../model/lookup.ts';
import { displayName, type ObjectName } from '../model/names.ts';
import { isTableAction, type Operation, type TableAction, type TableActionDetail } from '../model/operation.ts';
import type { Relation } from '../model/schema.ts';
import type { RuleContext, RuleStatement } from './rule.ts';

/** The relation that a statement is about, as the rules need it. */
export interface Subject {
  /** Undefined where no migration and no catalog told of it. */
  readonly relation: Relation | undefined;
  /** `public.users`, for JSON. */
  readonly full: string;
  /** As written, for messages: `users`. */
  readonly shown: string;
  /** Whether rows may be in it and running code may use it. */
  readonly isInUse: boolean;
}

/** Finds the relation of a name as it is before the statement. */
export function subjectOf(context: RuleContext, statement: RuleStatement, name: ObjectName): Subject {
  const relation = findRelation(statement.before, name);
  const schema = relation?.schema ?? name.schema ?? creationSchema(statement.before) ?? (context.dialect.id === 'sqlite' ? 'main' : 'public');
  return {
    relation,
    full: displayName({ schema, name: relation?.name ?? name.name }),
    shown: displayName(name),
    isInUse: !context.isNew(relationKeyOf(statement.before, name), statement),
  };
}

/** Table actions of one kind in a statement. */
export function* actionsOf<Kind extends TableActionDetail['kind']>(statement: RuleStatement, kind: Kind): IterableIterator<{ readonly operation: TableAction; readonly action: Extract<TableActionDetail, { readonly kind: Kind }> }> {
  for (const operation of statement.body.operations) {
    // The kind of the action decides its type; TypeScript does not narrow by a type parameter.
    if (isTableAction(operation) && operation.action.kind === kind) yield { operation, action: operation.action as Extract<TableActionDetail, { readonly kind: Kind }> };
  }
}

/** `ACCESS EXCLUSIVE` for `AccessExclusiveLock`; the database's single writer for SQLite. */
export function lockTitle(lock: LockMode): string {
  if (lock === 'DatabaseWriteLock') return 'the database\'s write lock';
  return lock.replace(/Lock$/, '').replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toUpperCase();
}

/** `reads and writes`, `writes`: what a lock keeps out besides other schema changes. */
export function blockedTitle(blocks: readonly ('reads' | 'writes' | 'ddl')[]): string {
  const parts = blocks.filter((part) => part !== 'ddl');
  return parts.length === 0 ? 'other schema changes' : parts.join(' and ');
}

/** Whether the statement runs inside a transaction: the tool's, an implicit one, or one that the file opened. */
export function isInTransaction(context: RuleContext, statement: RuleStatement): boolean {
  let isOpen = statement.transaction === 'one' || (statement.transaction === 'implicit' && context.statements.length > 1);
  for (const earlier of context.statements) {
    if (earlier === statement) break;
    for (const operation of earlier.body.operations) {
      if (operation.kind !== 'transaction-control') continue;
      if (operation.action === 'begin') isOpen = true;
      else if (operation.action === 'commit' || operation.action === 'rollback') isOpen = false;
    }
  }
  return isOpen;
}

/** Whether this migration is the contract step of a change that has earlier steps. */
export function isContractStep(context: RuleContext): boolean {
  const { change } = context;
  return change?.phase === 'contract' && context.changeSteps.some((step) => step.changeId === change.id && step.isEarlier && step.phase !== 'contract');
}

/** Whether two operations of one statement are the same one. */
export function isSameOperation(left: Operation, right: Operation): boolean {
  return left.kind === right.kind && left.span.start === right.span.start;
}
