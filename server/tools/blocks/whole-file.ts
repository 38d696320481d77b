import type { Span } from '../../core/span.ts';
import { byEngine, type EngineId } from '../../model/engine-id.ts';
import type { DocumentLayout, Placeholder, TransactionRule } from '../../model/migration.ts';

/** What wraps one half, and the marker that says so. */
export interface WrapRule {
  readonly transaction: TransactionRule;
  readonly markerSpan?: Span;
}

/** A document that is one half of a migration. A BOM lies before its section. */
export function wholeFile(
  text: string,
  direction: 'up' | 'down',
  wrap: WrapRule,
  more: { readonly pieces?: readonly Span[]; readonly placeholders?: readonly Placeholder[] } = {},
): DocumentLayout {
  const start = text.startsWith('\uFEFF') ? 1 : 0;
  return { sections: [{ direction, span: { start, end: text.length }, ...wrap, ...more }], problems: [] };
}

/**
 * Without its transaction a tool that sends a file as one string still has one on PostgreSQL, where several statements of
 * one string are an implicit transaction.
 */
export function oneString(dialect: EngineId): TransactionRule {
  return byEngine(dialect, { postgresql: 'implicit', sqlite: 'none' });
}

/** `rule` where the pattern is in the text, with the place of it; else the other one. */
export function markedRule(text: string, marker: RegExp, rule: TransactionRule, otherwise: TransactionRule): WrapRule {
  const match = marker.exec(text);
  return match === null
    ? { transaction: otherwise }
    : { transaction: rule, markerSpan: { start: match.index, end: match.index + match[0].trimEnd().length } };
}
