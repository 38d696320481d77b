import type { Span } from './span.ts';

/** Replacement of one range of a document; ranges of one list never overlap. */
export interface TextEdit {
  readonly span: Span;
  readonly newText: string;
}

/**
 * The text after all edits, in whatever order they are given.
 *
 * Errors: throws when two edits overlap, because the result would depend on their order.
 */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const ordered = [...edits].sort(
    (left, right) => left.span.start - right.span.start || left.span.end - right.span.end,
  );
  let result = '';
  let position = 0;
  for (const edit of ordered) {
    if (edit.span.start < position) throw new Error('edits overlap');
    result += text.slice(position, edit.span.start) + edit.newText;
    position = edit.span.end;
  }
  return result + text.slice(position);
}
