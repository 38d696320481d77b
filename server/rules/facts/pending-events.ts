import type { Span } from '../../core/span.ts';
import { findRelation } from '../../model/lookup.ts';
import { objectKey } from '../../model/names.ts';
import { isTableAction, type Operation } from '../../model/operation.ts';
import type { RuleContext, RuleStatement } from '../rule.ts';
import { transactionState } from './transactions.ts';

/**
 * Tables with rows whose deferred foreign keys or constraint triggers wait for the end of the transaction: PostgreSQL changes none of them before.
 *
 * Only rows that are certain count: those of INSERT ... VALUES.
 */
export class PendingEvents {
  readonly #context: RuleContext;
  /** Keys of tables, with the constraint that waits. */
  #pending = new Map<string, string>();
  #transaction = -1;
  /** Whether SET CONSTRAINTS has said what waits: which constraints it names is not told apart. */
  #isSet = false;

  constructor(context: RuleContext) {
    this.#context = context;
  }

  /** Why a statement is refused for what waits; takes note of what it leaves waiting. Ask for each statement in order. */
  refusedBy(
    statement: RuleStatement,
  ): { readonly span: Span; readonly operation: Operation; readonly message: string } | undefined {
    const { operations } = statement.body;
    if (
      this.#pending.size === 0 &&
      !operations.some((operation) => operation.kind === 'insert-rows' || operation.kind === 'set-variable')
    )
      return undefined;
    const state = transactionState(this.#context, statement);
    if (!state.isOpen || state.transaction !== this.#transaction) {
      this.#pending = new Map();
      this.#isSet = false;
    }
    this.#transaction = state.transaction;
    if (!state.isOpen) return undefined;
    for (const operation of operations) {
      if (operation.certainty === 'may') continue;
      const refused = this.#waitingFor(operation, statement);
      if (refused !== undefined) return { span: operation.span, operation, message: refused };
      this.#note(operation, statement);
    }
    return undefined;
  }

  #waitingFor(operation: Operation, { before }: RuleStatement): string | undefined {
    if (this.#pending.size === 0) return undefined;
    const names =
      operation.kind === 'create-index'
        ? [operation.relation]
        : operation.kind === 'drop-table'
          ? operation.objects
          : operation.kind === 'truncate'
            ? operation.relations.map(({ relation }) => relation)
            : isTableAction(operation)
              ? [operation.relation]
              : [];
    for (const name of names) {
      const relation = findRelation(before, name);
      const constraint =
        relation === undefined ? undefined : this.#pending.get(objectKey(relation.schema, relation.name));
      if (relation !== undefined && constraint !== undefined)
        return `Rows of ${relation.name} wait for the end of the transaction to be checked against "${constraint}", and until then PostgreSQL changes nothing of the table: run SET CONSTRAINTS ALL IMMEDIATE first, or do this in a migration of its own.`;
    }
    return undefined;
  }

  #note(operation: Operation, { before }: RuleStatement): void {
    if (operation.kind === 'set-variable' && operation.name === 'constraints') {
      this.#pending = new Map();
      this.#isSet = true;
      return;
    }
    if (operation.kind === 'transaction-control') {
      this.#pending = new Map();
      return;
    }
    if (
      this.#isSet ||
      operation.kind !== 'insert-rows' ||
      operation.rowCount === undefined ||
      operation.onConflict !== undefined
    )
      return;
    const relation = findRelation(before, operation.relation);
    if (
      relation?.kind !== 'table' ||
      relation.rules.length > 0 ||
      relation.triggers.some(({ timing }) => timing === 'before')
    )
      return;
    const deferred = relation.constraints.find(
      (constraint) => constraint.kind === 'foreign-key' && constraint.initiallyDeferred && constraint.enforced,
    );
    const waiting =
      deferred ??
      relation.triggers.find(
        (trigger) =>
          trigger.initiallyDeferred === true &&
          trigger.enabled &&
          trigger.conditional !== true &&
          trigger.events.includes('insert'),
      );
    if (waiting !== undefined) this.#pending.set(objectKey(relation.schema, relation.name), waiting.name);
  }
}
