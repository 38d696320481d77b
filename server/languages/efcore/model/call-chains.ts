/** An argument of a call in a Designer. */
export interface ChainArgument {
  /** The words of the expression; empty for a block. */
  readonly source: string;
  /** What a plain string says; absent for anything else. */
  readonly text?: string;
  /** Statements of `b => { ... }`. */
  readonly block?: readonly Chain[];
}

/** One call of a chain. */
export interface ChainCall {
  readonly name: string;
  readonly generic?: string;
  readonly arguments: readonly ChainArgument[];
}

/** A statement of a Designer: `b.Property<int>("Id").HasColumnName("id");`. */
export interface Chain {
  readonly root: string;
  readonly calls: readonly ChainCall[];
}

/** Words of C#, of which white space, comments and lines of the preprocessor are passed over. */
const TOKEN =
  /(?<skip>(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|#[^\n]*)+)|(?<raw>"{3,})|(?<verbatim>\$?@\$?"(?:[^"]|"")*")|(?<text>\$?"(?:\\[\s\S]|[^"\\\n])*")|(?<char>'(?:\\.|[^'\\\n])+')|(?<word>@?[\p{L}_][\p{L}\p{N}_]*)|(?<number>\d[\w.]*)|(?<arrow>=>)|(?<mark>[\s\S])/uy;

type Kind = 'text' | 'char' | 'word' | 'number' | 'arrow' | 'mark' | 'end';

/**
 * Statements of generated C# as chains of calls; what is no chain is passed over, and `isWhole` is then false.
 *
 * A Designer is machine-written and may be large, so that it does not go through the C# parser.
 */
export function readChains(text: string): { readonly chains: readonly Chain[]; readonly isWhole: boolean } {
  const reader = new ChainReader(text);
  const chains = reader.block();
  return { chains, isWhole: reader.isWhole };
}

class ChainReader {
  readonly #text: string;
  readonly #pattern = new RegExp(TOKEN);
  #kind: Kind = 'end';
  #start = 0;
  #end = 0;
  isWhole = true;

  constructor(text: string) {
    this.#text = text;
    this.#next();
  }

  /** Statements up to the brace that closes them, or the end. */
  block(): readonly Chain[] {
    const chains: Chain[] = [];
    while (this.#kind !== 'end' && !this.#is('}')) {
      const chain = this.#chain();
      if (chain !== undefined) chains.push(chain);
    }
    return chains;
  }

  #chain(): Chain | undefined {
    if (this.#is(';')) {
      this.#next();
      return undefined;
    }
    if (this.#kind !== 'word') return this.#passOver();
    const root = this.#value();
    const calls: ChainCall[] = [];
    this.#next();
    while (this.#is('.')) {
      this.#next();
      if (this.#kind !== 'word') return this.#passOver();
      const name = this.#value();
      this.#next();
      const generic = this.#is('<') ? this.#generic() : undefined;
      if (!this.#is('(')) continue;
      calls.push({ name, ...(generic === undefined ? {} : { generic }), arguments: this.#arguments() });
    }
    if (!this.#is(';')) return this.#passOver();
    this.#next();
    return { root, calls };
  }

  /** To the end of a statement that is no chain. */
  #passOver(): undefined {
    this.isWhole = false;
    for (let depth = 0; this.#kind !== 'end'; this.#next()) {
      if (this.#is('(') || this.#is('{') || this.#is('[')) depth++;
      if (this.#is(')') || this.#is('}') || this.#is(']')) {
        if (depth === 0 && this.#is('}')) return undefined;
        depth--;
      }
      if (depth <= 0 && this.#is(';')) {
        this.#next();
        return undefined;
      }
    }
    return undefined;
  }

  #generic(): string {
    const start = this.#end;
    for (let depth = 0; this.#kind !== 'end'; this.#next()) {
      if (this.#is('<')) depth++;
      if (this.#is('>') && --depth === 0) break;
    }
    const found = this.#text.slice(start, this.#start);
    this.#next();
    return found;
  }

  #arguments(): readonly ChainArgument[] {
    const found: ChainArgument[] = [];
    this.#next();
    while (this.#kind !== 'end' && !this.#is(')')) {
      found.push(this.#argument());
      if (this.#is(',')) this.#next();
    }
    this.#next();
    return found;
  }

  #argument(): ChainArgument {
    const start = this.#start;
    let end = start;
    let texts = 0;
    let words = 0;
    let value: string | undefined;
    let isLambda = false;
    for (let depth = 0; this.#kind !== 'end'; this.#next()) {
      if (depth === 0 && (this.#is(',') || this.#is(')'))) break;
      if (depth === 0 && this.#is('{') && isLambda) {
        this.#next();
        const block = this.block();
        this.#next();
        return { source: '', block };
      }
      if (this.#kind === 'arrow') isLambda = true;
      if (this.#is('(') || this.#is('{') || this.#is('[')) depth++;
      if (this.#is(')') || this.#is('}') || this.#is(']')) depth--;
      words++;
      if (this.#kind === 'text') {
        texts++;
        value = plainText(this.#value());
      }
      end = this.#end;
    }
    const source = this.#text.slice(start, end);
    return texts === 1 && words === 1 && value !== undefined ? { source, text: value } : { source };
  }

  #is(mark: string): boolean {
    return this.#kind === 'mark' && this.#text[this.#start] === mark;
  }

  #value(): string {
    return this.#text.slice(this.#start, this.#end);
  }

  #next(): void {
    for (;;) {
      this.#pattern.lastIndex = this.#end;
      this.#start = this.#end;
      const groups = this.#pattern.exec(this.#text)?.groups;
      if (groups === undefined) {
        this.#kind = 'end';
        return;
      }
      this.#end = this.#pattern.lastIndex;
      if (groups['skip'] !== undefined) continue;
      if (groups['raw'] !== undefined) {
        const close = this.#text.indexOf(groups['raw'], this.#end);
        this.#end = close < 0 ? this.#text.length : close + groups['raw'].length;
        while (this.#text[this.#end] === '"') this.#end++;
        this.#kind = 'text';
        return;
      }
      this.#kind =
        groups['text'] !== undefined || groups['verbatim'] !== undefined
          ? 'text'
          : groups['word'] !== undefined
            ? 'word'
            : groups['mark'] !== undefined
              ? 'mark'
              : groups['arrow'] !== undefined
                ? 'arrow'
                : groups['number'] !== undefined
                  ? 'number'
                  : 'char';
      return;
    }
  }
}

/** Names in `"A", "B"` and `new[] { "A", "B" }`. */
export function namesIn(given: readonly ChainArgument[]): readonly string[] {
  const [first] = given;
  if (first !== undefined && first.text === undefined)
    return [...first.source.matchAll(/"([^"]*)"/g)].flatMap((match) => match[1] ?? []);
  return given.flatMap(({ text }) => text ?? []);
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '0': '\0',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  '"': '"',
  "'": "'",
  '\\': '\\',
};

/** What a string without holes says; undefined for one with holes, or in a form that no Designer is written with. */
export function plainText(source: string): string | undefined {
  if (source.startsWith('$')) return undefined;
  if (source.startsWith('@')) return source.slice(2, -1).replaceAll('""', '"');
  if (source.startsWith('"""')) return source.includes('\n') ? undefined : source.replace(/^"+|"+$/g, '');
  let isKnown = true;
  const text = source
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{1,4})|([\s\S]))/g, (_, u, long, x, letter) => {
      const code: string | undefined = u ?? long ?? x;
      if (code !== undefined) return String.fromCodePoint(Math.min(Number.parseInt(code, 16), 0x10ffff));
      const escaped = ESCAPES[letter];
      if (escaped === undefined) isKnown = false;
      return escaped ?? '';
    });
  return isKnown ? text : undefined;
}
