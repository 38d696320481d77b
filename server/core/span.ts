/** Half-open range `[start, end)` of UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The same range, moved by `by` code units. */
export function shiftSpan(span: Span, by: number): Span {
  return { start: span.start + by, end: span.end + by };
}

/** Whether `offset` lies in the range, its end included, as an editor's cursor does. */
export function spanTouches(span: Span, offset: number): boolean {
  return offset >= span.start && offset <= span.end;
}

/** Whether two half-open ranges share at least one code unit, or one is empty and lies within the other. */
export function spansOverlap(left: Span, right: Span): boolean {
  return (
    (left.start < right.end && right.start < left.end) ||
    (left.start === left.end && spanTouches(right, left.start)) ||
    (right.start === right.end && spanTouches(left, right.start))
  );
}
