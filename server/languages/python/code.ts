import type { MappedText } from '../../core/source-map.ts';
import type { Span } from '../../core/span.ts';
import { saidBy } from './text-value.ts';
import { tokensOf, type Token } from './tokens.ts';

/** A document of Python as tokens, with what is asked of them. */
export interface Code {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** Words of a token; empty outside. */
  said(index: number): string;
  /** Index of the bracket that ends what another one begins; undefined where nothing does. */
  endOf(index: number): number | undefined;
  /** First token of the logical line that a token stands in. */
  lineOf(index: number): number;
}

export function codeOf(text: string): Code {
  const tokens = tokensOf(text);
  const ends = new Map<number, number>();
  const lines: number[] = [];
  const open: number[] = [];
  for (const [index, token] of tokens.entries()) {
    lines.push(token.indent === undefined ? (lines.at(-1) ?? 0) : index);
    if (token.kind !== 'mark') continue;
    const mark = text[token.start] ?? '';
    if ('([{'.includes(mark)) open.push(index);
    else if (')]}'.includes(mark)) {
      const begin = open.pop();
      if (begin !== undefined) ends.set(begin, index);
    }
  }
  return {
    text,
    tokens,
    said: (index) => {
      const token = tokens[index];
      return token === undefined ? '' : text.slice(token.start, token.end);
    },
    endOf: (index) => ends.get(index),
    lineOf: (index) => lines[index] ?? 0,
  };
}

/** A function at the left edge of a module. */
export interface FunctionBlock {
  readonly name: string;
  /** Tokens of its body: `[start, end)`. */
  readonly start: number;
  readonly end: number;
  /** Of the body in the document: its whole lines, where it has lines of its own. */
  readonly body: Span;
}

/** The functions of a module in the order of the text. */
export function functionsOf(code: Code): readonly FunctionBlock[] {
  const { tokens, said, text } = code;
  const found: FunctionBlock[] = [];
  for (let index = 0; index < tokens.length; index++) {
    if (tokens[index]?.indent !== 0 || said(index) !== 'def') continue;
    const close = said(index + 2) === '(' ? code.endOf(index + 2) : undefined;
    if (close === undefined) continue;
    // What it gives may stand before the colon: `-> None:`.
    let colon = close + 1;
    while (colon < tokens.length && said(colon) !== ':' && tokens[colon]?.indent === undefined) colon++;
    if (said(colon) !== ':') continue;
    let end = colon + 1;
    while (end < tokens.length && tokens[end]?.indent !== 0) end++;
    const after = tokens[colon]?.end ?? 0;
    const stop = tokens[end - 1]?.end ?? after;
    // Comments below the last statement, as far as they are indented, are the body's own.
    const tail = /^[^\n]*(?:\n(?:[ \t]*|[ \t]+#[^\n]*)(?=\n|$))*/.exec(text.slice(stop))?.[0] ?? '';
    found.push({
      name: said(index + 1),
      start: colon + 1,
      end,
      body: { start: after, end: Math.max(after, stop + tail.trimEnd().length) },
    });
    index = end - 1;
  }
  return found;
}

/** Calls that only take white space out of a text, which means nothing in SQL. */
const TRANSPARENT: ReadonlySet<string> = new Set(['textwrap.dedent', 'dedent', 'inspect.cleandoc', 'cleandoc']);

/**
 * The text that an argument is, from a token on: texts one behind the other, in brackets or not, or the name of a constant of
 * the module that is such a text. `next` is the token behind it. Undefined where it is anything else.
 */
export function textAt(code: Code, start: number): { readonly value: MappedText; readonly next: number } | undefined {
  const { text, tokens, said } = code;
  const first = tokens[start];
  if (first === undefined) return undefined;
  if (first.kind === 'word' || said(start) === '(') {
    const name = first.kind === 'word' ? nameAt(code, start) : { path: '', next: start };
    const close = said(name.next) === '(' ? code.endOf(name.next) : undefined;
    if (close !== undefined && (name.path === '' || TRANSPARENT.has(name.path))) {
      const inner = textAt(code, name.next + 1);
      return inner?.next === close ? { value: inner.value, next: close + 1 } : undefined;
    }
    const value = name.path === '' || name.path.includes('.') ? undefined : constantOf(code, name.path);
    return value === undefined ? undefined : { value: madeAt(value, first), next: name.next };
  }
  const texts: Token[] = [];
  let at = start;
  for (;;) {
    const token = tokens[at];
    if (token?.text === undefined || token.text.isMade) return undefined;
    texts.push(token);
    at++;
    if (said(at) === '+') at++;
    else if (tokens[at]?.kind !== 'text' || tokens[at]?.indent !== undefined) break;
  }
  // What is done with a text makes another one of it.
  return /^[.%*[]$/.test(said(at)) ? undefined : { value: saidBy(text, texts), next: at };
}

/** A name with what follows it by dots: `op.get_bind`. */
export function nameAt({ said, tokens }: Code, start: number): { readonly path: string; readonly next: number } {
  let path = said(start);
  let at = start + 1;
  while (said(at) === '.' && tokens[at + 1]?.kind === 'word') {
    path += `.${said(at + 1)}`;
    at += 2;
  }
  return { path, next: at };
}

/** The text that a name at the left edge of the module stands for, where it is given once and is nothing but a text. */
function constantOf(code: Code, name: string): string | undefined {
  const given = code.tokens.filter((_, index) => code.said(index) === name && code.said(index + 1) === '=');
  const start = given.length === 1 ? assignmentOf(code, name) : undefined;
  if (start === undefined || code.tokens[start]?.kind === 'word') return undefined;
  const found = textAt(code, start);
  const isWhole =
    found !== undefined && (code.tokens[found.next] === undefined || code.tokens[found.next]?.indent === 0);
  return isWhole ? found.value.text : undefined;
}

function madeAt(text: string, { start, end }: Token): MappedText {
  const source = { start, end };
  return { text, span: source, map: [{ kind: 'made', text: { start: 0, end: text.length }, source }] };
}

/** Arguments of a call by the token that each begins with; named ones by their name too. */
export function argumentsOf(
  { said, endOf }: Code,
  open: number,
): readonly { readonly name?: string; readonly start: number }[] {
  const close = endOf(open) ?? open;
  const found: { readonly name?: string; readonly start: number }[] = [];
  let at = open + 1;
  while (at < close) {
    found.push(said(at + 1) === '=' && said(at + 2) !== '=' ? { name: said(at), start: at + 2 } : { start: at });
    while (at < close && said(at) !== ',') at = (endOf(at) ?? at) + 1;
    at++;
  }
  return found;
}

const BRANCHES = /^(?:if|elif|else|for|while|try|except|match|case|def|class|async|lambda)$/;
const BRANCHES_IN_LINE = /^(?:if|else|for|and|or|lambda|suppress)$/;

/** Whether what stands in the tokens `[first, last]` of a function may not run, or more than once. */
export function mayNotRun(code: Code, block: FunctionBlock, first: number, last: number): boolean {
  const { tokens, said, lineOf } = code;
  const bodyIndent = tokens[block.start]?.indent;
  const isBranch = (line: number): boolean =>
    BRANCHES.test(said(line)) || (said(line) === 'with' && said(nameAt(code, line + 1).next - 1) === 'suppress');
  const line = lineOf(first);
  if (line >= block.start) {
    if (isBranch(line)) return true;
    let columns = tokens[line]?.indent ?? 0;
    for (let at = line - 1; at >= block.start && columns > (bodyIndent ?? 0); at--) {
      const indent = tokens[at]?.indent;
      if (indent === undefined || indent >= columns) continue;
      if (isBranch(at)) return true;
      columns = indent;
    }
  }
  for (let at = Math.max(line, block.start); at < block.end && (at <= last || tokens[at]?.indent === undefined); at++)
    if ((at < first || at > last) && tokens[at]?.kind === 'word' && BRANCHES_IN_LINE.test(said(at))) return true;
  // What stands deeper than the body may have ended it before.
  for (let at = block.start; at < first; at++)
    if ((said(at) === 'return' || said(at) === 'raise') && tokens[at]?.indent !== bodyIndent) return true;
  return false;
}

/** Whether the tokens `[first, last]` are a statement of their own. */
export function isOwnStatement({ tokens, said }: Code, first: number, last: number): boolean {
  const starts = tokens[first]?.indent !== undefined || said(first - 1) === ';';
  return starts && (tokens[last + 1] === undefined || tokens[last + 1]?.indent !== undefined);
}

/** Value of an assignment at the left edge of a module, `NAME = ...` or `NAME: type = ...`: index of its first token. */
export function assignmentOf({ tokens, said }: Code, name: string): number | undefined {
  for (const [index, token] of tokens.entries()) {
    if (token.indent !== 0 || said(index) !== name) continue;
    let at = index + 1;
    while (at < tokens.length && said(at) !== '=' && tokens[at]?.indent === undefined) at++;
    if (said(at) === '=') return at + 1;
  }
  return undefined;
}
