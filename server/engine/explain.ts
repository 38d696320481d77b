import { LineIndex } from '../core/line-index.ts';
import { shiftSpan } from '../core/span.ts';
import { displayName, type ObjectName } from '../model/names.ts';
import type { Operation } from '../model/operation.ts';
import type { Effect } from '../model/effect.ts';
import { problemsOf, type AnalysedStatement } from './analyse.ts';
import type { ExplainedEffect, ExplainedStatement } from './report.ts';

/** What each statement does to a running system, given the schema before it. */
export function explainStatements(text: string, statements: readonly AnalysedStatement[]): readonly ExplainedStatement[] {
  const lines = new LineIndex(text);
  return statements.map((statement) => {
    const problem = problemsOf(statement)[0];
    const start = statement.source.span.start;
    return {
      range: lines.range(statement.source.span),
      text: statement.source.text,
      direction: statement.section.direction,
      analysed: problem === undefined,
      ...(problem === undefined ? {} : { reason: problem.message }),
      operations: statement.body.operations.map((operation) => ({
        kind: operation.kind, relation: relationOf(operation), range: lines.range(shiftSpan(operation.span, start)),
      })),
      effects: statement.effects.map(explainEffect),
    };
  });
}

/** An effect in the contract's form. */
export function explainEffect(effect: Effect): ExplainedEffect {
  return {
    relation: displayName({ schema: effect.schema, name: effect.relation }), relationKind: effect.relationKind, lock: effect.lock, blocks: effect.blocks,
    rewrite: effect.rewrite, scan: effect.scan, certainty: effect.certainty, why: effect.why, source: effect.source,
  };
}

/** The relation that an operation names first, for people; null where it names none. */
export function relationOf(operation: Operation): string | null {
  if ('relation' in operation && operation.relation !== undefined) return displayName(operation.relation);
  const named: readonly ObjectName[] = 'objects' in operation ? operation.objects : 'relations' in operation
    ? operation.relations.map((entry) => ('relation' in entry ? entry.relation : entry)) : [];
  const first = named[0];
  return first === undefined ? null : displayName(first);
}
