import { mapSpans } from '../../core/map-spans.ts';
import type { Opaque, Operation } from '../../model/operation.ts';
import type { Region } from './region.ts';
import { Source } from './source.ts';
import { splitStatements } from './splitter.ts';

/** Bodies in bodies that are followed: a DO block that makes a function with a DO block, and so on. */
const MAX_DEPTH = 6;

/**
 * Operations of the statements in a text that lies in the source's own: a function's body, a constant given to EXECUTE.
 *
 * Spans are relative to the source's start. Text that cannot be read becomes `opaque`.
 */
export function analyseStatements(source: Source, region: Region): readonly Operation[] {
  if (source.depth >= MAX_DEPTH) return [opaqueIn(region, 'nested too deeply to analyse')];
  return splitStatements(region.text, { start: 0, end: region.text.length }).flatMap((statement) => {
    const inner: Region = { text: statement.text, at: (offset) => region.at(statement.span.start + offset) };
    return analyseStatement(source, inner);
  });
}

/** Operations of one statement without its semicolon. */
export function analyseStatement(source: Source, region: Region): readonly Operation[] {
  if (source.depth >= MAX_DEPTH) return [opaqueIn(region, 'nested too deeply to analyse')];
  const outcome = source.frontend.parser.parse(region.text);
  if (outcome.kind === 'exhausted') return [opaqueIn(region, 'nested too deeply to analyse')];
  if (outcome.kind === 'refused')
    return [opaqueIn(region, `this statement in a body could not be read: ${outcome.message}`)];
  const inner = new Source(region.text, source.frontend, outcome.offsets, source.depth + 1);
  const operations = outcome.nodes.flatMap((node) => source.frontend.lower(inner, node));
  const within = { start: 0, end: region.text.length };
  // The innermost statement counts.
  return operations.map((operation) =>
    mapSpans(operation.within === undefined ? { ...operation, within } : operation, region.at),
  );
}

/** An operation that says why a text is not known. */
export function opaqueIn(region: Region, reason: string): Opaque {
  return { kind: 'opaque', span: { start: region.at(0), end: region.at(region.text.length) }, reason };
}

/** The same operations, which a condition decides on. */
export function maybe(operations: readonly Operation[]): readonly Operation[] {
  return operations.map((operation) => {
    const { unless: _, ...rest } = operation;
    // Without its guard it is the same operation, of which less is known.
    return { ...rest, certainty: 'may' } as Operation;
  });
}
