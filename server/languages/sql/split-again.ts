import type { Span } from '../../core/span.ts';
import type { StatementText } from '../../engines/engine.ts';
import type { SplitText } from '../language.ts';

type Split = (text: string, within: Span) => readonly StatementText[];

/** COPY data and the commands of psql and of sqlite3 go by lines, not by semicolons: where they may be, the whole text is split. */
const LINE_BOUND = /\bstdin\b|\\|^\s*\./i;

/**
 * What `split(text, within)` gives, with the work of a keystroke: only the statements around the change are split, those
 * before it are the previous ones and those behind it are moved.
 *
 * A statement begins anew behind a semicolon, whatever came before; so the result is the same as long as the change opens
 * nothing that reaches behind the statements around it. Where it may, everything is split.
 */
export function splitAgain(
  split: Split,
  text: string,
  within: Span,
  previous: SplitText | undefined,
): readonly StatementText[] {
  return (previous === undefined ? undefined : splitAround(split, text, within, previous)) ?? split(text, within);
}

function splitAround(
  split: Split,
  text: string,
  within: Span,
  previous: SplitText,
): readonly StatementText[] | undefined {
  const { statements } = previous;
  if (statements.length === 0 || statements.some((statement) => statement.unterminated !== undefined)) return undefined;
  const start = previous.within.start;
  if (within.start !== start || text.slice(0, start) !== previous.text.slice(0, start)) return undefined;
  const same = sameAtStart(previous.text, previous.within.end, text, within.end, start);
  const behind = sameAtEnd(previous.text, previous.within.end, text, within.end, same);
  const moved = within.end - previous.within.end;
  const oldEnd = previous.within.end - behind;

  // The first statement whose beginning may have changed; the one before it ends with a semicolon that has not.
  let first = statements.findIndex((statement) => statement.span.start > same);
  if (first < 0) first = statements.length;
  first = Math.max(0, first - 1);
  // The first that begins behind the change, with something unchanged before its first word.
  let last = statements.findIndex((statement) => statement.span.start > oldEnd);
  if (last < 0) last = statements.length;
  last = Math.max(last, first);

  const from = first === 0 ? start : (statements[first]?.span.start ?? start);
  const to = last === statements.length ? within.end : (statements[last]?.span.start ?? 0) + moved;
  const region = text.slice(from, to);
  const before = statements[first - 1]?.text ?? '';
  if (LINE_BOUND.test(region) || LINE_BOUND.test(before) || LINE_BOUND.test(previous.text.slice(from, to - moved)))
    return undefined;
  const between = split(text, { start: from, end: to });
  if (last < statements.length) {
    const rest = text.slice(between.at(-1)?.span.end ?? from, to);
    // An open end, a missing semicolon or a line comment would take in what follows.
    if (between.some((statement) => statement.unterminated !== undefined) || /--[^\r\n]*$/.test(rest)) return undefined;
    if (between.length > 0 && !rest.startsWith(';')) return undefined;
    if (between.length === 0 && first > 0 && !hasSemicolon(text, statements[first - 1]?.span.end ?? 0, to))
      return undefined;
  }
  return [
    ...statements.slice(0, first),
    ...between,
    ...(moved === 0
      ? statements.slice(last)
      : statements.slice(last).map((statement) => ({
          ...statement,
          span: { start: statement.span.start + moved, end: statement.span.end + moved },
        }))),
  ];
}

function hasSemicolon(text: string, from: number, to: number): boolean {
  return text.slice(from, to).trimStart().startsWith(';');
}

/** Where two texts begin to differ, from a place on. */
function sameAtStart(left: string, leftEnd: number, right: string, rightEnd: number, from: number): number {
  const most = Math.min(leftEnd, rightEnd) - from;
  return (
    from +
    longest(most, (known, count) => left.slice(from + known, from + count) === right.slice(from + known, from + count))
  );
}

/** How many characters two texts share at their ends, not before a place. */
function sameAtEnd(left: string, leftEnd: number, right: string, rightEnd: number, from: number): number {
  const most = Math.min(leftEnd, rightEnd) - from;
  return longest(
    most,
    (known, count) => left.slice(leftEnd - count, leftEnd - known) === right.slice(rightEnd - count, rightEnd - known),
  );
}

/**
 * The longest length up to `most` for which two texts are the same, found by halves: one comparison of many characters takes
 * no time, one character after the other does. `isSame` is told up to where they are known to be, and up to where to look.
 */
function longest(most: number, isSame: (known: number, count: number) => boolean): number {
  let known = 0;
  let differs = Math.max(most, 0) + 1;
  while (known + 1 < differs) {
    // All at first: a key changes one end of what is compared, or nothing of it.
    const count = differs === most + 1 ? most : (known + differs) >>> 1;
    if (isSame(known, count)) known = count;
    else differs = count;
  }
  return known;
}
