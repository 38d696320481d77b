import type { Engine, Target } from '../engines/engine.ts';
import { LineIndex } from '../core/line-index.ts';
import { inDocument } from '../core/source-map.ts';
import { findIndex, findRelation, findSequence, relationKeyOf } from '../model/lookup.ts';
import { displayName, type ObjectName } from '../model/names.ts';
import type { Operation } from '../model/operation.ts';
import type { LockHolder } from '../model/activity.ts';
import type { Effect } from '../model/effect.ts';
import type { Schema } from '../model/schema.ts';
import { effectiveTarget, problemsOf, type AnalysedStatement } from './analyse.ts';
import { holderWords, liveEffect } from './estimate.ts';
import type { ExplainedEffect, ExplainedStatement } from './report.ts';
import type { Settings } from './settings.ts';

/** Whose facts an explanation rests on. */
export interface ExplainFacts {
  readonly engine: Engine;
  readonly target: Target;
  readonly settings: Pick<Settings, 'estimates'>;
  /** Locks that long transactions of the connected database held when it was read. */
  readonly holders: readonly LockHolder[];
}

/** What each statement does to a running system, given the schema before it. */
export function explainStatements(
  facts: ExplainFacts,
  text: string,
  statements: readonly AnalysedStatement[],
): readonly ExplainedStatement[] {
  const lines = new LineIndex(text);
  return statements.map((statement) => explainStatement(facts, lines, statement));
}

/** What one statement does, as a whole and action by action. `lines` are those of its document. */
export function explainStatement(
  facts: ExplainFacts,
  lines: LineIndex,
  statement: AnalysedStatement,
): ExplainedStatement {
  const reason = problemsOf(statement)[0]?.message.replace(/^Not analysed: /, '') ?? untold(statement.body.operations);
  const explain = (effect: Effect): ExplainedEffect => explainEffect(facts, effect, statement.before);
  const effects = statement.effects.map(explain);
  // The operation that says that nothing is known of a CALL goes where something is.
  const operations =
    statement.resolved === undefined
      ? statement.body.operations
      : statement.body.operations.filter((operation) => statement.resolved?.operations.includes(operation));
  const apart = operations.length < 2 ? undefined : effectsByAction(facts, statement);
  return {
    range: lines.range(statement.source.span),
    text: statement.source.text,
    direction: statement.section.direction,
    analysed: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
    operations: operations.map((operation) => ({
      kind: operation.kind,
      relation: relationOf(operation, statement.before),
      range: lines.range(inDocument(statement.source, operation.span)),
      effects: apart === undefined ? effects : (apart.get(operation) ?? []).map(explain),
    })),
    effects,
  };
}

/** Why nothing of a statement is known, where another one of the document says so as a problem. */
function untold(operations: readonly Operation[]): string | undefined {
  const [first] = operations;
  return first?.kind === 'opaque' && first.isToldElsewhere === true ? `${first.reason}.` : undefined;
}

/** What each operation of a statement adds to the statement's effects, read together with its other operations. */
export function effectsByAction(
  { engine, target }: Pick<ExplainFacts, 'engine' | 'target'>,
  statement: Pick<AnalysedStatement, 'body' | 'before' | 'resolved'>,
): ReadonlyMap<Operation, readonly Effect[]> {
  const { operations } = statement.resolved ?? statement.body;
  const apart = engine.effectsApart(operations, statement.before, effectiveTarget(target, statement.before));
  if (statement.resolved === undefined) return apart;
  // What a function does counts as done by the operation that calls it, which stands before.
  const own = new Set(statement.body.operations);
  const byCaller = new Map<Operation, readonly Effect[]>();
  let caller = operations[0];
  for (const operation of operations) {
    if (own.has(operation)) caller = operation;
    if (caller !== undefined) byCaller.set(caller, [...(byCaller.get(caller) ?? []), ...(apart.get(operation) ?? [])]);
  }
  return byCaller;
}

/** An effect in the contract's form, with what the connected database says of its relation. */
function explainEffect(facts: ExplainFacts, effect: Effect, before: Schema): ExplainedEffect {
  const { size, estimate, waitsFor } = liveEffect(effect, before, facts.settings, facts.holders);
  return {
    relation: displayName({ schema: effect.schema, name: effect.relation }),
    relationKind: effect.relationKind,
    lock: effect.lock,
    blocks: effect.blocks,
    rewrite: effect.rewrite,
    scan: effect.scan,
    certainty: effect.scanCertainty ?? effect.certainty,
    ...(effect.scanCertainty === undefined ? {} : { scanCertainty: effect.scanCertainty }),
    why: effect.why,
    source: effect.source,
    ...(size === undefined ? {} : { size }),
    ...(estimate === undefined ? {} : { estimate }),
    ...(waitsFor.length === 0
      ? {}
      : {
          waitsFor: waitsFor.map((holder) => ({
            processId: holder.processId,
            lock: holder.lock,
            ageSeconds: holder.ageSeconds,
            text: holderWords(holder),
          })),
        }),
  };
}

/** Kinds of objects that have a schema and a name of their own like a table's. */
const RELATION_KINDS: ReadonlySet<string> = new Set([
  'table',
  'foreign-table',
  'view',
  'materialized-view',
  'sequence',
  'index',
]);

/** The relation that an operation names first, with its schema as the statement finds it; null where it names none. */
export function relationOf(operation: Operation, before: Schema): string | null {
  if ('relation' in operation && operation.relation !== undefined) return qualified(operation.relation, before);
  if ('objects' in operation) {
    const [first] = operation.objects;
    return first === undefined
      ? null
      : 'objectKind' in operation && RELATION_KINDS.has(operation.objectKind)
        ? qualified(first, before)
        : displayName(first);
  }
  const [first] =
    'relations' in operation ? operation.relations.map((entry) => ('relation' in entry ? entry.relation : entry)) : [];
  return first === undefined ? null : qualified(first, before);
}

function qualified(name: ObjectName, before: Schema): string {
  const found = findRelation(before, name) ?? findSequence(before, name) ?? findIndex(before, name);
  const [schema] = relationKeyOf(before, name).split('\u0000');
  return displayName(found ?? { schema, name: name.name });
}
