/** A word, a mark, or a text of JavaScript or TypeScript; comments and white space are none. */
export interface Token {
  readonly kind: 'word' | 'mark' | 'text';
  readonly start: number;
  readonly end: number;
  /** A template in which something is worked out when it runs. */
  readonly hasHoles?: true;
}

const WORD = /[\p{ID_Start}$_][\p{ID_Continue}$]*|\d[\w.]*/uy;
/** What a slash behind it divides; behind everything else it begins a pattern. */
const OPERAND = /[\w$)\]}'"`]$/;
/** Words that a slash behind divides nothing of. */
const NO_OPERAND = /^(?:return|typeof|case|in|of|await|void)$/;

/** The tokens of a document, whatever is wrong with it: what does not end goes to the end of the line, or of the text. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const here = text[at] ?? '';
    if (/\s/.test(here)) at++;
    else if (text.startsWith('//', at)) at = endOr(text, '\n', at);
    else if (text.startsWith('/*', at)) at = endOr(text, '*/', at + 2) + 2;
    else if (here === "'" || here === '"') {
      const end = quotedEnd(text, at);
      tokens.push({ kind: 'text', start: at, end });
      at = end;
    } else if (here === '`') {
      const { end, hasHoles } = templateEnd(text, at);
      tokens.push({ kind: 'text', start: at, end, ...(hasHoles ? { hasHoles } : {}) });
      at = end;
    } else if (here === '/' && beginsPattern(text, tokens.at(-1))) {
      const end = patternEnd(text, at);
      tokens.push({ kind: 'mark', start: at, end });
      at = end;
    } else {
      WORD.lastIndex = at;
      const word = WORD.exec(text)?.[0];
      tokens.push({ kind: word === undefined ? 'mark' : 'word', start: at, end: at + (word ?? here).length });
      at += (word ?? here).length;
    }
  }
  return tokens;
}

function endOr(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found;
}

function beginsPattern(text: string, before: Token | undefined): boolean {
  if (before === undefined) return true;
  const said = text.slice(before.start, before.end);
  return before.kind === 'word' ? NO_OPERAND.test(said) : !OPERAND.test(said);
}

function patternEnd(text: string, start: number): number {
  const found = /^\/(?:[^\\/[\r\n]|\\.|\[(?:[^\]\\\r\n]|\\.)*\])+\/\w*/.exec(
    text.slice(start, endOr(text, '\n', start)),
  );
  return start + (found?.[0].length ?? 1);
}

function quotedEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === text[start]) return at + 1;
    else if (text[at] === '\n') return at;
  }
  return text.length;
}

function templateEnd(text: string, start: number): { readonly end: number; readonly hasHoles?: true } {
  let hasHoles: { readonly hasHoles?: true } = {};
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '`') return { end: at + 1, ...hasHoles };
    else if (text.startsWith('${', at)) {
      hasHoles = { hasHoles: true };
      at = holeEnd(text, at + 2);
    }
  }
  return { end: text.length, ...hasHoles };
}

/** Index of the brace that ends what stands in a template. */
function holeEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const here = text[at];
    if (here === "'" || here === '"') at = quotedEnd(text, at) - 1;
    else if (here === '`') at = templateEnd(text, at).end - 1;
    else if (here === '{') depth++;
    else if (here === '}' && depth-- === 0) return at;
  }
  return text.length;
}
