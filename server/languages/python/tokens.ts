/** A word, a mark or a text of Python; comments and white space are none. */
export interface Token {
  readonly kind: 'word' | 'mark' | 'text';
  readonly start: number;
  readonly end: number;
  /** It begins a logical line that is indented by so many columns; absent elsewhere. */
  readonly indent?: number;
  /** Of a text. */
  readonly text?: TextForm;
}

/** How a text is written. */
export interface TextForm {
  /** What it says, without its prefix and quotes. */
  readonly inside: { readonly start: number; readonly end: number };
  /** Backslashes stand for themselves. */
  readonly isRaw: boolean;
  /** It is worked out when it runs (`f""`, `t""`), or it is bytes. */
  readonly isMade: boolean;
}

const WORD = /[\p{ID_Start}_][\p{ID_Continue}]*|\d[\w.]*/uy;
const TEXT = /([rbuft]{0,2})("""|'''|"|')/iy;
const TAB_COLUMNS = 8;

/**
 * The tokens of a document, whatever is wrong with it: what does not end goes to the end of the line, or of the text.
 * Source: https://docs.python.org/3/reference/lexical_analysis.html
 */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  let indent: number | undefined = 0;
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  const add = (token: Omit<Token, 'indent'>): void => {
    tokens.push(indent === undefined ? token : { ...token, indent });
    indent = undefined;
    at = token.end;
  };
  while (at < text.length) {
    const here = text[at] ?? '';
    if (here === '\n' || here === '\r') {
      at++;
      // Within brackets a line goes on, and an empty one begins nothing.
      if (depth > 0) continue;
      indent = 0;
    } else if (here === '\\' && /\r|\n/.test(text[at + 1] ?? '')) {
      at += text.startsWith('\r\n', at + 1) ? 3 : 2;
    } else if (here === ' ' || here === '\t' || here === '\f') {
      if (indent !== undefined) indent = here === '\t' ? indent + TAB_COLUMNS - (indent % TAB_COLUMNS) : indent + 1;
      at++;
    } else if (here === '#') {
      const end = text.slice(at).search(/[\r\n]/);
      at = end < 0 ? text.length : at + end;
    } else {
      TEXT.lastIndex = at;
      const quote = TEXT.exec(text);
      WORD.lastIndex = at;
      const word = WORD.exec(text)?.[0];
      if (quote !== null) add(textAt(text, at, quote[1] ?? '', quote[2] ?? ''));
      else if (word !== undefined) add({ kind: 'word', start: at, end: at + word.length });
      else {
        if ('([{'.includes(here)) depth++;
        else if (')]}'.includes(here)) depth = Math.max(0, depth - 1);
        add({ kind: 'mark', start: at, end: at + 1 });
      }
    }
  }
  return tokens;
}

function textAt(text: string, start: number, prefix: string, quote: string): Omit<Token, 'indent'> {
  const inside = start + prefix.length + quote.length;
  const isTriple = quote.length === 3;
  let at = inside;
  while (at < text.length && !text.startsWith(quote, at)) {
    if (!isTriple && (text[at] === '\n' || text[at] === '\r')) break;
    // A backslash keeps a quote from ending a text, also in a raw one.
    at += text[at] === '\\' ? (text.startsWith('\r\n', at + 1) ? 3 : 2) : 1;
  }
  const end = Math.min(at, text.length);
  return {
    kind: 'text',
    start,
    end: Math.min(text.length, text.startsWith(quote, end) ? end + quote.length : end),
    text: { inside: { start: inside, end }, isRaw: /r/i.test(prefix), isMade: /[fbt]/i.test(prefix) },
  };
}
