import { joinMapped, sliceMapped, type MappedText } from '../../core/source-map.ts';
import type { EmbeddedCall } from '../embedded/embedded-call.ts';
import {
  argumentsOf,
  isOwnStatement,
  mayNotRun,
  nameAt,
  textAt,
  type Code,
  type FunctionBlock,
} from '../python/code.ts';
import type { Script } from './script.ts';

/** What gives something of the connection and changes nothing. */
const READING = /^op\.(?:get_context|f|inline_literal)$/;
const TEXT_CALLS: ReadonlySet<string> = new Set(['text', 'sa.text', 'sqlalchemy.text', 'sqlalchemy.sql.text']);
/** What SQLAlchemy takes for a parameter. Source: sqlalchemy/sql/elements.py, TextClause._bind_params_regex. */
const PARAMETER = /(?<![:\w\\]):(\w+)(?!:)/;

/** Everything that a half does with the database, in the order of the text. */
export function operationCalls(script: Script, block: FunctionBlock): readonly EmbeddedCall[] {
  const { code, functions } = script;
  const { tokens, said } = code;
  const calls: EmbeddedCall[] = [];
  /** Names that stand for a connection, or for a table that is changed in a batch. */
  const connections = new Set<string>();
  const batches = new Set<string>();
  const helpers = new Map(
    functions
      .filter((each) => each !== block && reaches(code, each))
      .map(({ name }) => [name, `what ${name} does is not in this half`]),
  );
  for (let index = block.start; index < block.end; index++) {
    if (tokens[index]?.kind !== 'word' || said(index - 1) === '.' || said(index - 1) === 'def') continue;
    const word = said(index);
    const { path, next } = nameAt(code, index);
    const isCall = said(next) === '(';
    const close = isCall ? code.endOf(next) : undefined;
    const helper = helpers.get(word);
    if (helper !== undefined && close !== undefined) {
      tell(index, close, undefined, helper);
      index = close;
      continue;
    }
    if (word !== 'op' && !connections.has(word) && !batches.has(word)) continue;
    // Something else is called by this name from here on.
    if (said(index + 1) === '=' && said(index + 2) !== '=') {
      connections.delete(word);
      batches.delete(word);
      continue;
    }
    if (word === 'op' && path.startsWith('op.get_bind') && close !== undefined) {
      const after = nameAt(code, close + 1 < block.end && said(close + 1) === '.' ? close + 2 : block.end);
      if (said(close + 1) === '.') {
        const end = said(after.next) === '(' ? code.endOf(after.next) : undefined;
        if (/^dialect\b|^engine\b/.test(after.path)) index = close;
        else {
          tell(index, end ?? after.next - 1, end === undefined ? undefined : sqlOf(after.next), sent(after.path));
          index = end ?? after.next;
        }
        continue;
      }
      // `conn = op.get_bind()`, with a type or without.
      const line = code.lineOf(index);
      if (said(index - 1) === '=' && line >= block.start) connections.add(said(line));
      else if (!isLookedAt(index))
        tell(index, close, undefined, 'what is done with the connection is not in this call');
      index = close;
      continue;
    }
    if (word === 'op' && READING.test(path) && close !== undefined) {
      index = close;
      continue;
    }
    if (word === 'op' && path === 'op.batch_alter_table' && close !== undefined) {
      if (said(close + 1) === 'as') batches.add(said(close + 2));
      // What is done in the batch is told call by call.
      index = said(close + 1) === 'as' ? close + 2 : close;
      continue;
    }
    const isConnection = connections.has(word);
    const method = path.slice(word.length + 1);
    if (isConnection && (/^(?:dialect|engine)\b/.test(method) || isLookedAt(index))) continue;
    const end = close ?? next - 1;
    const isSent = close !== undefined && /^(?:execute|exec_driver_sql|scalar|scalars)$/.test(method);
    const sql =
      isSent && (isConnection || method === 'execute') ? sqlOf(next, method === 'exec_driver_sql') : undefined;
    tell(index, end, sql, reasonOf(word, path, method, isSent));
    index = end;
  }
  return calls;

  /** Whether it is given to what only reads the schema. */
  function isLookedAt(index: number): boolean {
    return said(index - 1) === '(' && /^(?:inspect|Inspector|from_engine)$/.test(said(index - 2));
  }

  function tell(first: number, last: number, sql: MappedText | string | undefined, otherwise: string): void {
    const isRead = sql !== undefined && typeof sql !== 'string';
    calls.push({
      span: { start: tokens[first]?.start ?? 0, end: tokens[last]?.end ?? 0 },
      ...(isRead ? { sql } : { reason: typeof sql === 'string' ? sql : otherwise }),
      isConditional: mayNotRun(code, block, first, last),
      isAlone: isOwnStatement(code, first, last) && !isOnlyStatement(first, last),
    });
  }

  /** A block of Python without a statement is an error. */
  function isOnlyStatement(first: number, last: number): boolean {
    const indent = tokens[first]?.indent;
    if (indent === undefined) return true;
    const before = code.lineOf(first - 1);
    const isFirst = first <= block.start || (tokens[before]?.indent ?? 0) < indent;
    const after = tokens[last + 1]?.indent;
    const isLast = last + 1 >= block.end || after === undefined || after < indent;
    return isFirst && isLast;
  }

  /** The SQL of a call's first argument, or why it is not read as it stands. */
  function sqlOf(open: number, isDriver = false): MappedText | string | undefined {
    const [first, ...others] = argumentsOf(code, open);
    if (first === undefined || !(first.name === undefined || /^(?:sqltext|statement)$/.test(first.name)))
      return undefined;
    const name = nameAt(code, first.start);
    const inner = TEXT_CALLS.has(name.path) && said(name.next) === '(' ? name.next : undefined;
    const found = textAt(code, inner === undefined ? first.start : inner + 1);
    if (found === undefined) return undefined;
    const stop = inner === undefined ? found.next : found.next + 1;
    if ((inner !== undefined && said(found.next) !== ')') || !/^[,)]$/.test(said(stop))) return undefined;
    if (others.some((each) => each.name === undefined && each.start < (code.endOf(open) ?? 0)))
      return 'values are put into this text when it runs';
    if (isDriver) return found.value;
    const parameter = PARAMETER.exec(found.value.text)?.[0];
    return parameter === undefined
      ? withoutEscapes(found.value)
      : `SQLAlchemy takes ${parameter} in this text for a parameter`;
  }

  function sent(path: string): string {
    return /^(?:execute|exec_driver_sql|scalar|scalars)$/.test(path)
      ? 'the text of this statement is put together when it runs'
      : `what ${path} does is known when it runs`;
  }

  function reasonOf(word: string, path: string, method: string, isSent: boolean): string {
    if (isSent) return 'the text of this statement is put together when it runs';
    if (method === '') return `what is done with ${word} here is not in this call`;
    return connections.has(word)
      ? `what ${path} does is known when it runs`
      : `${path} is a call of Alembic, which makes its SQL when it runs`;
  }
}

/** Whether a function of the module uses the database. */
function reaches({ tokens, said }: Code, { start, end }: FunctionBlock): boolean {
  for (let at = start; at < end; at++)
    if (tokens[at]?.kind === 'word' && said(at) === 'op' && said(at + 1) === '.' && said(at - 1) !== '.') return true;
  return false;
}

/** A colon that SQLAlchemy is to leave alone stands behind a backslash, which it takes away. */
function withoutEscapes(value: MappedText): MappedText {
  if (!value.text.includes('\\:')) return value;
  const parts: MappedText[] = [];
  let at = 0;
  for (const { index } of value.text.matchAll(/\\:/g)) {
    parts.push(slice(at, index));
    at = index + 1;
  }
  return joinMapped([...parts, slice(at, value.text.length)]);

  function slice(start: number, end: number): MappedText {
    return sliceMapped(value, { text: value.text.slice(start, end), span: { start, end } });
  }
}
