import type { EmbeddedCall } from '../embedded/embedded-call.ts';
import { partners, type MigrationMethod } from './migration-method.ts';
import { saidBy } from './text-value.ts';
import type { Token } from './tokens.ts';

/** What a tool gives its migrations to change the database by. */
export interface Runner {
  /** Calls that change nothing. Of the path behind the runner, as the next one. */
  readonly reading: RegExp;
  /** Calls that send the text of their first argument. */
  readonly query: RegExp;
  /** Calls that run the function they are given, once, such as a transaction's. */
  readonly around?: RegExp;
  /** What marks a text as SQL, which its `execute` sends. */
  readonly tag?: string;
  /** Why the SQL of such a call is none that can be read, by its text and by what else it is given; undefined where it can. */
  readonly unread?: (sql: string, otherArguments: string) => string | undefined;
  /** What such a call is, where its SQL is not read. */
  readonly other: (call: string) => string;
}

const AFTERWARDS = /^(?:then|catch|finally)$/;

/** Everything that a half does with its query runner, in the order of the text. */
export function runnerCalls(text: string, { tokens, runner }: MigrationMethod, form: Runner): readonly EmbeddedCall[] {
  const said = (index: number): string => {
    const token = tokens[index];
    return token === undefined ? '' : text.slice(token.start, token.end);
  };
  const ends = partners(text, tokens);
  const begins = new Map([...ends].map(([begin, end]) => [end, begin]));
  const calls: EmbeddedCall[] = [];
  /** Braces of functions that run whatever happens. */
  const plain = new Set<number>();
  let depth = 0;
  let mayHaveEnded = false;
  for (let index = 0; index < tokens.length; index++) {
    const word = said(index);
    if (word === '{') depth += plain.has(index) ? 0 : 1;
    else if (word === '}') depth -= plain.has(begins.get(index) ?? -1) ? 0 : 1;
    else if ((word === 'return' || word === 'throw') && depth > 0) mayHaveEnded = true;
    if (word === form.tag && said(index - 1) !== '.') {
      const sent = taggedAt(index);
      if (sent !== undefined) index = sent;
      continue;
    }
    if (tokens[index]?.kind !== 'word' || word !== runner || said(index - 1) === '.') continue;
    const first = said(index - 1) === 'await' ? index - 1 : index;
    let at = index;
    const path: string[] = [];
    while (said(at + 1) === '.' || said(at + 1) === '?') {
      if (said(at + 1) === '.') path.push(said(at + 2));
      at += said(at + 1) === '.' ? 2 : 1;
    }
    const open = at + 1;
    const close = said(open) === '(' ? ends.get(open) : undefined;
    const method = path.join('.');
    if (close !== undefined && form.reading.test(method)) {
      index = open;
      continue;
    }
    if (close !== undefined && form.around?.test(method) === true) {
      for (let inner = open; inner < close; inner++)
        if (said(inner) === '{' && /^[>)]$/.test(said(inner - 1))) {
          plain.add(inner);
          break;
        }
      index = open;
      continue;
    }
    const isQuery = close !== undefined && form.query.test(method);
    let end = close ?? at;
    // What is built on what a call gives belongs to it; what is done when it has ended does not.
    while (close !== undefined && !isQuery && said(end + 1) === '.' && !AFTERWARDS.test(said(end + 2))) {
      const last = said(end + 3) === '(' ? ends.get(end + 3) : undefined;
      end = last ?? end + 2;
    }
    const read = isQuery ? readQuery(open + 1, close) : undefined;
    add(first, end, read ?? { reason: reasonOf(method, isQuery, close !== undefined) });
    index = end;
  }
  return calls;

  function add(first: number, end: number, said: Pick<EmbeddedCall, 'sql' | 'reason'>): void {
    calls.push({
      span: { start: tokens[first]?.start ?? 0, end: tokens[end]?.end ?? 0 },
      ...said,
      isConditional: depth > 0 || mayHaveEnded || isGuarded(first),
      isAlone: isAlone(first, end),
    });
  }

  /** Takes down a marked text that is sent from here; index of its end, undefined where nothing sends it. */
  function taggedAt(index: number): number | undefined {
    let at = index + 1;
    // The type of its rows.
    if (said(at) === '<') while (at < tokens.length && tokens[at]?.kind !== 'text' && said(at) !== '(') at++;
    let read: Pick<EmbeddedCall, 'sql' | 'reason'> | undefined;
    if (tokens[at]?.kind === 'text') {
      const token = tokens[at];
      if (token?.hasHoles !== true) read = { sql: saidBy(text, token === undefined ? [] : [token]) };
    } else if (said(at) === '.' && said(at + 1) === 'raw' && said(at + 2) === '(') {
      const close = ends.get(at + 2);
      if (close === undefined) return undefined;
      read = readQuery(at + 3, close);
      at = close;
    } else return undefined;
    const end = said(at + 1) === '.' && said(at + 2) === 'execute' ? ends.get(at + 3) : undefined;
    if (end === undefined) return undefined;
    add(said(index - 1) === 'await' ? index - 1 : index, end, read ?? { reason: reasonOf('', true, true) });
    return end;
  }

  /** What a call sends, where its first argument is nothing but texts. */
  function readQuery(start: number, close: number): Pick<EmbeddedCall, 'sql' | 'reason'> | undefined {
    const found = textsOf(start, close);
    if (found === undefined) return undefined;
    const sql = saidBy(text, found.texts);
    const rest = text.slice(tokens[found.end]?.start ?? 0, tokens[close]?.start ?? 0);
    const reason = form.unread?.(sql.text, rest);
    return reason === undefined ? { sql } : { reason };
  }

  /** The texts of the first argument, and the index of what ends it. */
  function textsOf(
    start: number,
    close: number,
  ): { readonly texts: readonly Token[]; readonly end: number } | undefined {
    const found: Token[] = [];
    for (let at = start; at < close; at += 2) {
      const token = tokens[at];
      if (token?.kind !== 'text' || token.hasHoles === true) return undefined;
      found.push(token);
      if (at + 1 === close || said(at + 1) === ',') return { texts: found, end: at + 1 };
      if (said(at + 1) !== '+') return undefined;
    }
    return undefined;
  }

  /** Whether what stands before a call decides whether it runs. */
  function isGuarded(first: number): boolean {
    const before = said(first - 1);
    if (/^(?:\?|:|&|\||else|do)$/.test(before)) return true;
    if (before !== ')') return false;
    const begin = begins.get(first - 1);
    return begin !== undefined && /^(?:if|for|while|with|await)$/.test(said(begin - 1));
  }

  function isAlone(first: number, end: number): boolean {
    const before = first === 0 ? '' : said(first - 1);
    return (before === '' || /^[;{}]$/.test(before)) && (said(end + 1) === ';' || end + 1 >= tokens.length);
  }

  function reasonOf(method: string, isQuery: boolean, isCall: boolean): string {
    if (isQuery) return 'the text of this query is put together when it runs';
    if (method !== '') return form.other(`${runner}.${method}`);
    return isCall ? form.other(runner) : `what is done with ${runner} here is not in this call`;
  }
}
