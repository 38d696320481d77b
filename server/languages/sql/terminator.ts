/** White space and one comment; a comment that holds the beginning of another is read differently by each database. */
const SPACE_OR_COMMENT = /\s+|--[^\r\n]*|\/\*(?:(?!\*\/|\/\*)[\s\S])*\*\//y;

/** Behind the semicolon that ends a statement; undefined where something else than comments stands before it, or none. */
export function terminatorEnd(text: string, statementEnd: number): number | undefined {
  let position = statementEnd;
  for (;;) {
    if (text[position] === ';') return position + 1;
    SPACE_OR_COMMENT.lastIndex = position;
    const found = SPACE_OR_COMMENT.exec(text)?.[0].length ?? 0;
    if (found === 0) return undefined;
    position += found;
  }
}
