import type { EmbeddedCall } from '../embedded/embedded-call.ts';
import { saidBy } from '../javascript/text-value.ts';
import type { Token } from '../javascript/tokens.ts';
import { partners, type MigrationMethod } from './migration-class.ts';

/** Calls that change nothing. */
const READING = /^(?:has|get)[A-Z]\w*$/;

/** Everything that a half does with its query runner, in the order of the text. */
export function runnerCalls(text: string, { tokens, runner }: MigrationMethod): readonly EmbeddedCall[] {
  const said = (index: number): string => {
    const token = tokens[index];
    return token === undefined ? '' : text.slice(token.start, token.end);
  };
  const ends = partners(text, tokens);
  const begins = new Map([...ends].map(([begin, end]) => [end, begin]));
  const calls: EmbeddedCall[] = [];
  let depth = 0;
  let mayHaveEnded = false;
  for (let index = 0; index < tokens.length; index++) {
    const word = said(index);
    if (word === '{') depth++;
    else if (word === '}') depth--;
    else if ((word === 'return' || word === 'throw') && depth > 0) mayHaveEnded = true;
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
    if (path.length === 1 && close !== undefined && READING.test(path[0] ?? '')) {
      index = open;
      continue;
    }
    const end = close ?? at;
    const method = path.join('.');
    const isQuery = close !== undefined && /^(?:(?:manager|connection|dataSource)\.)?query$/.test(method);
    const texts = isQuery ? textsOf(open + 1, close) : undefined;
    calls.push({
      span: { start: tokens[first]?.start ?? 0, end: tokens[end]?.end ?? 0 },
      ...(texts === undefined ? { reason: reasonOf(method, isQuery, runner) } : { sql: saidBy(text, texts) }),
      isConditional: depth > 0 || mayHaveEnded || isGuarded(first),
      isAlone: isAlone(first, end),
    });
    index = end;
  }
  return calls;

  /** The texts of the first argument, where it is nothing but texts. */
  function textsOf(start: number, close: number): readonly Token[] | undefined {
    const found: Token[] = [];
    for (let at = start; at < close; at += 2) {
      const token = tokens[at];
      if (token?.kind !== 'text' || token.hasHoles === true) return undefined;
      found.push(token);
      if (at + 1 === close || said(at + 1) === ',') return found;
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
}

function reasonOf(method: string, isQuery: boolean, runner: string): string {
  if (isQuery) return 'the text of this query is put together when it runs';
  return method === ''
    ? `what is done with ${runner} here is not in this call`
    : `${runner}.${method} is a call of TypeORM, which makes its SQL when it runs`;
}
