import type { Span } from '../../core/span.ts';
import type { Token } from './tokens.ts';

/** One half of a migration. */
export interface MigrationMethod {
  /** Between its braces. */
  readonly body: Span;
  /** Of the body alone. */
  readonly tokens: readonly Token[];
  /** What its first parameter is called: `queryRunner`. */
  readonly runner: string;
}

const OPENING = '([{';
const CLOSING = ')]}';

/** Index of the mark that ends what another one begins. */
export function partners(text: string, tokens: readonly Token[]): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  const open: number[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'mark') continue;
    const mark = text[token.start] ?? '';
    if (OPENING.includes(mark)) open.push(index);
    else if (CLOSING.includes(mark)) {
      const begin = open.pop();
      if (begin !== undefined) ends.set(begin, index);
    }
  }
  return ends;
}
