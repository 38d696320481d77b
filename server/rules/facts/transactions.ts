import type { Span } from '../../core/span.ts';
import type { Effect } from '../../model/effect.ts';
import type { Section } from '../../model/migration.ts';
import { objectKey } from '../../model/names.ts';
import type { Operation } from '../../model/operation.ts';
import type { HeldBefore, RuleContext, RuleStatement } from '../rule.ts';

/** A lock on a table in use that an earlier statement of the same transaction took, and that is kept until its end. */
export interface HeldLock {
  readonly statement: RuleStatement;
  readonly effect: Effect;
  /** Key of `Schema.relations`. */
  readonly key: string;
}

/** The same, or one that an earlier migration took in the same transaction. */
export type KeptLock = HeldLock | HeldBefore;

/** Where a lock was taken, for the end of a sentence; empty where that is in this migration. */
export function sinceWords(lock: KeptLock): string {
  return 'migration' in lock
    ? `, taken by ${lock.migration}, which is pending too and runs in the same transaction`
    : '';
}

/** The place where a lock was taken, as related information; none where that is in another migration. */
export function takenHere(
  lock: KeptLock,
  message: string,
): readonly { readonly statement: RuleStatement; readonly span: Span; readonly message: string }[] {
  return 'migration' in lock
    ? []
    : [{ statement: lock.statement, span: lock.statement.body.operations[0]?.span ?? { start: 0, end: 0 }, message }];
}

/** What a statement meets: whether a transaction is open, and what it holds. */
export interface TransactionState {
  readonly isOpen: boolean;
  /** Counts transactions of this direction; a statement outside one has a number of its own. */
  readonly transaction: number;
  /** Of the locks that keep writers out of tables in use: the first that keeps readers out too, else the first. */
  readonly held: KeptLock | undefined;
}

const worked = new WeakMap<readonly RuleStatement[], ReadonlyMap<RuleStatement, TransactionState>>();

/** Table-like relations: what queries name. Locks of indexes and sequences come with those of their tables. */
const TABLES: readonly Effect['relationKind'][] = ['table', 'partitioned-table', 'materialized-view', 'foreign-table'];

/** The transaction that each statement runs in; worked out once for all rules. */
export function transactionState(context: RuleContext, statement: RuleStatement): TransactionState {
  let states = worked.get(context.statements);
  if (states === undefined) {
    states = allStates(context);
    worked.set(context.statements, states);
  }
  return states.get(statement) ?? { isOpen: false, transaction: -1, held: undefined };
}

/** What the transaction held at a SAVEPOINT. */
interface Savepoint {
  readonly name: string | undefined;
  readonly held: KeptLock | undefined;
}

function allStates(context: RuleContext): ReadonlyMap<RuleStatement, TransactionState> {
  const states = new Map<RuleStatement, TransactionState>();
  let wrapped = false;
  let begun = false;
  let number = 0;
  let held: KeptLock | undefined;
  let savepoints: readonly Savepoint[] = [];
  let state: TransactionState = { isOpen: false, transaction: number, held };
  const end = (): void => {
    number++;
    held = undefined;
    savepoints = [];
  };
  let section: Section | undefined;
  for (const [index, statement] of context.statements.entries()) {
    if (statement.section !== section) {
      // What the tool runs next has a transaction of its own, or none; the one before was committed.
      if (section !== undefined) end();
      section = statement.section;
      begun = false;
      wrapped = isWrapped(context, statement);
      // Only what begins the migration goes on in the transaction of those before it.
      if (index === 0 && wrapped && section.direction === 'up') held = strongest(context.folder?.heldBefore?.() ?? []);
    }
    // A DO block is one transaction but for its own COMMITs, whatever stands around it.
    const isInBlock = statement.whole !== undefined;
    const goesOn = isInBlock && context.statements[index + 1]?.whole === statement.whole;
    const isOpen = wrapped || begun || isInBlock;
    if (state.isOpen !== isOpen || state.transaction !== number || state.held !== held)
      state = { isOpen, transaction: number, held };
    states.set(statement, state);
    const ends = statement.body.operations.some(endsTransaction);
    for (const operation of statement.body.operations) {
      if (operation.kind !== 'transaction-control') continue;
      // BEGIN inside the tool's transaction is a warning of the server and nothing else.
      if (operation.action === 'begin' && !wrapped) begun = true;
      else if (endsTransaction(operation)) wrapped = begun = false;
    }
    if (ends || !(wrapped || begun || goesOn)) {
      end();
      continue;
    }
    for (const operation of statement.body.operations) {
      if (operation.kind !== 'transaction-control') continue;
      const back = savepoints.findLastIndex((savepoint) => savepoint.name === operation.savepoint);
      if (operation.action === 'savepoint') savepoints = [...savepoints, { name: operation.savepoint, held }];
      // Locks taken since the savepoint are released, and it stands.
      else if (operation.action === 'rollback-to' && back >= 0) {
        held = savepoints[back]?.held;
        savepoints = savepoints.slice(0, back + 1);
      } else if (operation.action === 'release' && back >= 0) savepoints = savepoints.slice(0, back);
    }
    if (held?.effect.blocks.includes('reads') === true) continue;
    const locks = locksOf(context, statement);
    held = locks.find((lock) => lock.effect.blocks.includes('reads')) ?? held ?? locks[0];
  }
  return states;
}

/** Of some locks the first that keeps readers out, else the first. */
function strongest(locks: readonly KeptLock[]): KeptLock | undefined {
  return locks.find((lock) => lock.effect.blocks.includes('reads')) ?? locks[0];
}

/** Whether the tool, or sending several statements as one string, opens a transaction around the part of a statement. */
function isWrapped(context: RuleContext, { transaction, section, source }: RuleStatement): boolean {
  if (transaction !== 'implicit') return transaction === 'one';
  return context.statements.some((other) => other.section === section && other.source !== source);
}

function endsTransaction(operation: Operation): boolean {
  return (
    operation.kind === 'transaction-control' &&
    (operation.action === 'commit' || operation.action === 'rollback' || operation.action === 'prepare')
  );
}

/** Whether the transaction of a statement has a table to itself before it: an earlier one took it, and nothing gave it back. */
export function isTakenBefore(context: RuleContext, statement: RuleStatement, key: string): boolean {
  const own = transactionState(context, statement);
  if (!own.isOpen) return false;
  let isTaken = false;
  for (const earlier of context.statements) {
    if (earlier === statement) break;
    if (transactionState(context, earlier).transaction !== own.transaction || earlier.section !== statement.section)
      continue;
    if (earlier.body.operations.some(({ kind }) => kind === 'transaction-control')) isTaken = false;
    isTaken ||= locksOf(context, earlier).some(
      (lock) => lock.key === key && lock.effect.blocks.includes('reads') && lock.effect.certainty === 'certain',
    );
  }
  return isTaken;
}

const locksByStatement = new WeakMap<RuleStatement, readonly HeldLock[]>();

/** Locks on tables in use that keep others out, taken by one statement. */
export function locksOf(context: RuleContext, statement: RuleStatement): readonly HeldLock[] {
  const known = locksByStatement.get(statement);
  if (known !== undefined) return known;
  const locks = statement.effects.flatMap((effect) => {
    if (!effect.blocks.includes('writes') || !TABLES.includes(effect.relationKind)) return [];
    const key = objectKey(effect.schema, effect.relation);
    return context.isNew(key, statement) ? [] : [{ statement, effect, key }];
  });
  locksByStatement.set(statement, locks);
  return locks;
}
