import type { Span } from '../../core/span.ts';
import type { TsqlName } from './statement.ts';
import type { Token } from './tokens.ts';

/** Pieces of a batch with a place among them. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get isDone(): boolean {
    return this.at >= this.#tokens.length;
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.at + ahead];
  }

  next(): Token | undefined {
    return this.#tokens[this.at++];
  }

  /** Whether the next pieces are these words or marks. */
  is(...words: readonly string[]): boolean {
    return words.every((word, index) => {
      const token = this.peek(index);
      return (token?.kind === 'word' || token?.kind === 'mark') && token.value === word;
    });
  }

  /** Passes over the words where they come next. */
  take(...words: readonly string[]): boolean {
    if (!this.is(...words)) return false;
    this.at += words.length;
    return true;
  }

  /** `[a].b..c`; undefined where no name comes next. */
  name(): TsqlName | undefined {
    const first = this.peek();
    if (first === undefined || !isName(first)) return undefined;
    const parts = [first.written];
    let end = first.end;
    this.at++;
    while (this.is('.')) {
      this.at++;
      while (this.is('.')) {
        parts.push('');
        this.at++;
      }
      const part = this.peek();
      if (part === undefined || !isName(part)) break;
      parts.push(part.written);
      end = part.end;
      this.at++;
    }
    return { parts, span: { start: first.start, end } };
  }

  /** Passes over what parentheses hold where they come next. */
  group(): readonly Token[] {
    if (!this.is('(')) return [];
    const from = this.at;
    for (let depth = 0; !this.isDone; this.at++) {
      if (this.is('(')) depth++;
      if (this.is(')') && --depth === 0) {
        this.at++;
        break;
      }
    }
    return this.#tokens.slice(from, this.at);
  }

  between(from: number): Span {
    const first = this.#tokens[from];
    const last = this.#tokens[Math.max(from, this.at - 1)];
    return { start: first?.start ?? 0, end: last?.end ?? first?.end ?? 0 };
  }

  slice(from: number): readonly Token[] {
    return this.#tokens.slice(from, this.at);
  }
}

function isName(token: Token): boolean {
  return token.kind === 'word' || token.kind === 'name' || token.kind === 'variable';
}
