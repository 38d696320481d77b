import { Edit, type Point } from 'web-tree-sitter';

/** A change that is longer than this is read from the start: little of the tree would be left. */
const LONGEST_CHANGE = 2_000;

/**
 * The one part in which two texts differ, as the parser is told it; undefined where they have too little in common.
 */
export function treeEdit(before: string, after: string): Edit | undefined {
  if (Math.abs(before.length - after.length) > LONGEST_CHANGE) return undefined;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start += 1;
  let tail = 0;
  while (
    tail < shorter - start &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  )
    tail += 1;
  const oldEndIndex = before.length - tail;
  const newEndIndex = after.length - tail;
  if (Math.max(oldEndIndex, newEndIndex) - start > LONGEST_CHANGE) return undefined;
  return new Edit({
    startIndex: start,
    oldEndIndex,
    newEndIndex,
    startPosition: pointAt(before, start),
    oldEndPosition: pointAt(before, oldEndIndex),
    newEndPosition: pointAt(after, newEndIndex),
  });
}

function pointAt(text: string, offset: number): Point {
  let row = 0;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    row += 1;
    lineStart = at + 1;
  }
  return { row, column: offset - lineStart };
}
