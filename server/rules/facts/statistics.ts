import type { Span } from '../../core/span.ts';
import { operationsIn } from './operation-index.ts';
import type { RuleContext, RuleFix, RuleStatement } from '../rule.ts';

/** Whether a statement behind this one gathers the statistics of a table. */
export function isAnalysed(context: RuleContext, statement: RuleStatement, table: string): boolean {
  const names = (relations: readonly { readonly name: string }[]): boolean =>
    relations.length === 0 || relations.some((relation) => relation.name === table);
  return (
    operationsIn(context, 'analyze').some(
      (later) => later.statement.index > statement.index && names(later.operation.relations),
    ) ||
    operationsIn(context, 'vacuum').some(
      (later) =>
        later.statement.index > statement.index &&
        names(later.operation.relations) &&
        /\banaly[sz]e\b/i.test(later.statement.source.text),
    )
  );
}

/** ANALYZE of a statement's table behind it, the table written as there. */
export function addAnalyze({ source }: RuleStatement, { span }: { readonly span: Span }): RuleFix {
  const end = source.text.length;
  return {
    kind: 'edit',
    title: 'Add ANALYZE',
    safety: 'review',
    edits: [{ span: { start: end, end }, newText: `;\nANALYZE ${source.text.slice(span.start, span.end)}` }],
  };
}
