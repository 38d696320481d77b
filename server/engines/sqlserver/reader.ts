import type { Span } from '../../core/span.ts';
import { alterTable } from './alter-table.ts';
import { batchesOf } from './batches.ts';
import type { TsqlName, TsqlStatement } from './statement.ts';
import { withRowCount } from './row-count.ts';
import { passOver } from './statement-end.ts';
import { TokenReader } from './token-reader.ts';
import { type Token, tokensOf } from './tokens.ts';

/** A statement before it has its place. */
type Bare<Statement = TsqlStatement> = Statement extends TsqlStatement ? Omit<Statement, 'span' | 'certainty'> : never;
type Certainty = TsqlStatement['certainty'];

/** Statements of a block in another one that are still followed. */
const MOST_NESTED = 200;

/**
 * The statements of a T-SQL script in their order, those of blocks inside these. Never throws: what is not known is `other`,
 * what runs a text is `dynamic`, and the bodies of modules are passed over whole.
 *
 * What it says of kinds, ends and names is compared with Microsoft's ScriptDom by test/engines/sqlserver.
 */
export function readTsql(text: string): readonly TsqlStatement[] {
  const statements = batchesOf(text).flatMap((batch) =>
    statementsIn(new TokenReader(tokensOf(text, batch.start, batch.end)), 'certain', 0, () => false),
  );
  return withRowCount(text, statements);
}

function statementsIn(
  reader: TokenReader,
  certainty: Certainty,
  depth: number,
  isEnd: () => boolean,
): readonly TsqlStatement[] {
  const found: TsqlStatement[] = [];
  while (!reader.isDone && !isEnd()) {
    if (reader.take(';')) continue;
    found.push(statement(reader, certainty, depth));
  }
  return found;
}

function statement(reader: TokenReader, certainty: Certainty, depth: number): TsqlStatement {
  const from = reader.at;
  const bare = read(reader, certainty, depth);
  // Whatever was met, one piece at least is passed over.
  if (reader.at === from) reader.next();
  const span = reader.between(from);
  reader.take(';');
  return { ...bare, span, certainty };
}

function read(reader: TokenReader, certainty: Certainty, depth: number): Bare {
  const first = reader.peek();
  if (depth > MOST_NESTED) return other(reader);
  switch (first?.kind === 'word' ? first.value : '') {
    case 'IF':
      return ifElse(reader, depth);
    case 'WHILE': {
      reader.next();
      passOver(reader, 'WHILE');
      return { kind: 'while', body: [statement(reader, 'may', depth + 1)] };
    }
    case 'BEGIN':
      return begin(reader, certainty, depth);
    case 'ALTER':
      return alter(reader);
    case 'CREATE':
      return create(reader);
    case 'DROP':
      return drop(reader);
    case 'TRUNCATE': {
      if (!reader.is('TRUNCATE', 'TABLE')) return other(reader);
      reader.at += 2;
      return named(reader, 'truncate-table');
    }
    case 'WITH':
      return commonTable(reader);
    case 'UPDATE':
    case 'DELETE':
    case 'INSERT':
    case 'MERGE':
      return change(reader);
    case 'SELECT':
      return select(reader);
    case 'EXEC':
    case 'EXECUTE':
      return execute(reader, certainty);
    case 'COMMIT':
    case 'ROLLBACK':
    case 'SAVE':
      return plain(reader, { kind: 'transaction' });
    case 'DECLARE':
      return reader.peek(1)?.kind === 'variable' ? plain(reader, { kind: 'variable' }) : other(reader);
    case 'SET':
      return plain(reader, reader.peek(1)?.kind === 'variable' ? { kind: 'variable' } : { kind: 'session' });
    case 'PRINT':
    case 'RAISERROR':
    case 'THROW':
    case 'WAITFOR':
    case 'USE':
    case 'RETURN':
    case 'BREAK':
    case 'CONTINUE':
    case 'GOTO':
      return plain(reader, { kind: 'session' });
    default:
      if (reader.peek(1)?.value === ':') {
        reader.at += 2;
        return { kind: 'session' };
      }
      // A batch may call a procedure by its name alone.
      if (
        reader.at === 0 &&
        first !== undefined &&
        (first.kind === 'name' || first.kind === 'word') &&
        !isStart(first.value)
      )
        return execute(reader, certainty);
      return other(reader);
  }
}

/** Words that begin a statement which is told by its first words alone. */
const STARTS: ReadonlySet<string> = new Set(
  'GRANT REVOKE DENY DBCC BACKUP RESTORE OPEN CLOSE FETCH DEALLOCATE BULK CHECKPOINT KILL ENABLE DISABLE REVERT RECONFIGURE SHUTDOWN ADD WRITETEXT UPDATETEXT READTEXT SEND RECEIVE MOVE GET END ELSE'.split(
    ' ',
  ),
);

function isStart(word: string): boolean {
  return STARTS.has(word);
}

function plain(reader: TokenReader, bare: Bare): Bare {
  const first = reader.next();
  passOver(reader, first?.kind === 'word' ? first.value : '', reader.peek()?.value);
  return bare;
}

function select(reader: TokenReader): Bare {
  const from = reader.at;
  const bare = plain(reader, { kind: 'select' });
  const end = reader.at;
  reader.at = placeOf(reader, from, 'INTO') + 1;
  const into = reader.at > 0 && reader.at < end ? reader.name() : undefined;
  reader.at = end;
  return into === undefined ? bare : { kind: 'select', into };
}

/** Where a word stands in a statement outside of parentheses; -1 where it does not. */
function placeOf(reader: TokenReader, from: number, word: string): number {
  let depth = 0;
  const index = reader.slice(from).findIndex(({ kind, value }) => {
    if (kind === 'mark' && value === '(') depth++;
    if (kind === 'mark' && value === ')') depth--;
    return depth === 0 && kind === 'word' && value === word;
  });
  return index < 0 ? -1 : from + index;
}

function other(reader: TokenReader): Bare {
  const from = reader.at;
  plain(reader, { kind: 'session' });
  const words = reader
    .slice(from)
    .slice(0, 2)
    .map(({ value }) => value)
    .join(' ');
  return { kind: 'other', words };
}

/** A statement about one object, of which nothing more is told. */
function named(reader: TokenReader, kind: 'create-table' | 'drop-table' | 'truncate-table'): Bare {
  const name = reader.name();
  passOver(reader, kind.replace(/-.*/, '').toUpperCase(), 'TABLE');
  return name === undefined ? { kind: 'other', words: kind.toUpperCase().replace('-', ' ') } : { kind, name };
}

function ifElse(reader: TokenReader, depth: number): Bare {
  reader.next();
  passOver(reader, 'IF');
  const body = [statement(reader, 'may', depth + 1)];
  if (reader.take('ELSE')) body.push(statement(reader, 'may', depth + 1));
  return { kind: 'if', body };
}

function begin(reader: TokenReader, certainty: Certainty, depth: number): Bare {
  const word = reader.peek(1)?.value ?? '';
  if (/^TRAN(?:SACTION)?$/.test(word) || word === 'DISTRIBUTED') return plain(reader, { kind: 'transaction' });
  if (word === 'DIALOG' || word === 'CONVERSATION') return other(reader);
  reader.next();
  if (reader.take('TRY')) {
    const body = [...statementsIn(reader, certainty, depth + 1, () => reader.is('END', 'TRY'))];
    reader.take('END', 'TRY');
    reader.take(';');
    if (reader.take('BEGIN', 'CATCH')) {
      body.push(...statementsIn(reader, 'may', depth + 1, () => reader.is('END', 'CATCH')));
      reader.take('END', 'CATCH');
    }
    return { kind: 'try', body };
  }
  const body = statementsIn(reader, certainty, depth + 1, () => reader.is('END'));
  reader.take('END');
  return { kind: 'block', body };
}

const MODULE = /^(?:PROC|PROCEDURE|FUNCTION|TRIGGER|VIEW)$/;

/** The rest of the batch: a module is alone in its batch. */
function module(reader: TokenReader, words: number): Bare {
  const what = (reader.peek(words - 1)?.value ?? '').replace(/^PROC$/, 'PROCEDURE');
  reader.at += words;
  const name = reader.name();
  while (!reader.isDone) reader.next();
  return name === undefined ? { kind: 'other', words: `CREATE ${what}` } : { kind: 'module', name, what };
}

function alter(reader: TokenReader): Bare {
  const word = reader.peek(1)?.value ?? '';
  if (MODULE.test(word)) return module(reader, 2);
  if (word === 'INDEX') {
    reader.at += 2;
    const name = reader.name();
    const table = reader.take('ON') ? reader.name() : undefined;
    passOver(reader, 'ALTER', 'INDEX');
    return name === undefined
      ? { kind: 'other', words: 'ALTER INDEX' }
      : { kind: 'alter-index', name, ...(table === undefined ? {} : { table }) };
  }
  if (word !== 'TABLE') return other(reader);
  reader.at += 2;
  const name = reader.name();
  if (name === undefined) return { kind: 'other', words: 'ALTER TABLE' };
  return { kind: 'alter-table', name, actions: alterTable(reader) };
}

function create(reader: TokenReader): Bare {
  if (reader.is('CREATE', 'OR', 'ALTER') && MODULE.test(reader.peek(3)?.value ?? '')) return module(reader, 4);
  if (MODULE.test(reader.peek(1)?.value ?? '')) return module(reader, 2);
  if (reader.is('CREATE', 'TABLE')) {
    reader.at += 2;
    return named(reader, 'create-table');
  }
  const from = reader.at;
  reader.next();
  const isUnique = reader.take('UNIQUE');
  const isClustered = reader.take('CLUSTERED');
  if (!isClustered) reader.take('NONCLUSTERED');
  reader.take('COLUMNSTORE');
  if (!reader.take('INDEX')) {
    reader.at = from;
    return other(reader);
  }
  const name = reader.name();
  const table = reader.take('ON') ? reader.name() : undefined;
  const rest = reader.at;
  passOver(reader, 'CREATE', 'INDEX');
  const option = (words: readonly string[]): boolean => hasOption(reader, rest, words);
  if (name === undefined || table === undefined) return { kind: 'other', words: 'CREATE INDEX' };
  return {
    kind: 'create-index',
    name,
    table,
    isUnique,
    isClustered,
    isOnline: option(['ONLINE', '=', 'ON']),
    replaces: option(['DROP_EXISTING', '=', 'ON']),
  };
}

function hasOption(reader: TokenReader, from: number, words: readonly string[]): boolean {
  const values = reader.slice(from).map((token) => (token.kind === 'word' || token.kind === 'mark' ? token.value : ''));
  return values.some((_, at) => words.every((word, index) => values[at + index] === word));
}

function drop(reader: TokenReader): Bare {
  const word = reader.peek(1)?.value;
  if (word !== 'TABLE' && word !== 'INDEX') return other(reader);
  reader.at += 2;
  reader.take('IF', 'EXISTS');
  if (word === 'TABLE') return named(reader, 'drop-table');
  const name = reader.name();
  const table = reader.take('ON') ? reader.name() : undefined;
  passOver(reader, 'DROP', 'INDEX');
  if (name === undefined) return { kind: 'other', words: 'DROP INDEX' };
  return { kind: 'drop-index', name, ...(table === undefined ? {} : { table }) };
}

/** WITH names queries for the statement that follows. */
function commonTable(reader: TokenReader): Bare {
  if (reader.is('WITH', 'XMLNAMESPACES')) {
    reader.at += 2;
    reader.group();
    reader.take(',');
  } else reader.next();
  const queries: string[] = [];
  for (let query = reader.name(); query !== undefined; query = reader.name()) {
    queries.push(query.parts.join('.').toLowerCase());
    reader.group();
    reader.take('AS');
    reader.group();
    if (!reader.take(',')) break;
  }
  if (reader.is('SELECT') || reader.is('(')) return plain(reader, { kind: 'select' });
  return /^(?:UPDATE|DELETE|INSERT|MERGE)$/.test(reader.peek()?.value ?? '') ? change(reader, queries) : other(reader);
}

/** `queries` are names of queries that stand for parts of tables. */
function change(reader: TokenReader, queries: readonly string[] = []): Bare {
  if (reader.is('UPDATE', 'STATISTICS')) return other(reader);
  const from = reader.at;
  const word = reader.next()?.value;
  const kind = word === 'UPDATE' ? 'update' : word === 'DELETE' ? 'delete' : word === 'MERGE' ? 'merge' : 'insert';
  const isLimited = reader.take('TOP');
  if (isLimited) {
    if (reader.is('(')) reader.group();
    else reader.next();
    reader.take('PERCENT');
  }
  if (kind === 'delete') reader.take('FROM');
  if (kind === 'insert' || kind === 'merge') reader.take('INTO');
  const name = reader.name();
  passOver(reader, kind.toUpperCase());
  const where = placeOf(reader, from, 'WHERE');
  const whereNull = where < 0 ? undefined : nullColumn(reader.slice(where + 1));
  const sources = kind === 'update' || kind === 'delete' ? sourcesOf(reader, from) : [];
  // A name may stand for a table that is named behind FROM.
  const source = sources.find(({ alias }) => name?.parts.length === 1 && alias === name.parts[0]?.toLowerCase());
  const isOfQuery = name !== undefined && queries.includes(name.parts.join('.').toLowerCase());
  return {
    kind,
    ...(name === undefined ? {} : { name }),
    ...(source === undefined ? {} : { table: source.name }),
    // What other tables say picks rows as a condition does.
    hasWhere: where >= 0 || sources.length > 1 || isOfQuery,
    ...(whereNull === undefined || sources.length > 1 || isOfQuery ? {} : { whereNull }),
    isLimited,
  };
}

/** The tables behind the FROM of an UPDATE or DELETE with the names that they go by there. */
function sourcesOf(
  reader: TokenReader,
  from: number,
): readonly { readonly name: TsqlName; readonly alias: string | undefined }[] {
  const end = reader.at;
  const found: { name: TsqlName; alias: string | undefined }[] = [];
  const first = placeOf(reader, from, 'FROM');
  // DELETE FROM t FROM u: the first is that of the statement itself.
  reader.at = first === from + 1 ? placeOf(reader, first + 1, 'FROM') : first;
  for (let depth = 0; reader.at >= from && reader.at < end; ) {
    const token = reader.next();
    if (token?.value === '(' && token.kind === 'mark') depth++;
    if (token?.value === ')' && token.kind === 'mark') depth--;
    const isBefore =
      (token?.kind === 'word' && /^(?:FROM|JOIN|APPLY)$/.test(token.value)) ||
      (token?.kind === 'mark' && token.value === ',' && found.length > 0);
    if (depth > 0 || !isBefore) continue;
    const name = reader.at < end ? reader.name() : undefined;
    if (name === undefined) {
      // A query in parentheses.
      found.push({ name: { parts: [''], span: { start: 0, end: 0 } }, alias: undefined });
      continue;
    }
    reader.take('AS');
    const alias = reader.peek();
    const isAlias =
      reader.at < end &&
      (alias?.kind === 'name' ||
        (alias?.kind === 'word' &&
          !/^(?:WHERE|JOIN|INNER|LEFT|RIGHT|FULL|CROSS|OUTER|WITH|OPTION)$/.test(alias.value)));
    found.push({ name, alias: isAlias ? alias?.written.toLowerCase() : undefined });
  }
  reader.at = end;
  return found;
}

/** The column of `[t].[c] IS NULL`, where a condition is nothing else. */
function nullColumn(tokens: readonly Token[]): string | undefined {
  const inner = tokens.filter(({ kind, value }) => !(kind === 'mark' && (value === '(' || value === ')')));
  const [is, none] = inner.slice(-2);
  if (is?.kind !== 'word' || is.value !== 'IS' || none?.kind !== 'word' || none.value !== 'NULL') return undefined;
  const name = inner.slice(0, -2);
  const isName = name.every((token, at) =>
    at % 2 === 0 ? token.kind === 'name' || token.kind === 'word' : token.value === '.',
  );
  return isName && name.length % 2 === 1 ? name.at(-1)?.written : undefined;
}

function execute(reader: TokenReader, certainty: Certainty): Bare {
  if (reader.is('EXEC') || reader.is('EXECUTE')) reader.next();
  if (reader.is('AS')) {
    passOver(reader, 'EXECUTE', 'AS');
    return { kind: 'session' };
  }
  if (reader.is('(')) {
    const start = reader.at;
    passOver(reader, 'EXECUTE');
    const [open, text, close, ...more] = reader.slice(start);
    // AT sends it to another server.
    return open !== undefined && text?.kind === 'text' && close?.value === ')' && more.length === 0
      ? { kind: 'text', body: withinText(text, certainty) }
      : { kind: 'dynamic' };
  }
  if (reader.peek()?.kind === 'variable' && reader.peek(1)?.value === '=') reader.at += 2;
  const isHeld = reader.peek()?.kind === 'variable';
  const name = reader.name();
  const from = reader.at;
  passOver(reader, 'EXECUTE');
  const last = name?.parts.at(-1)?.toLowerCase();
  // Which procedure a variable names is only known when it runs.
  if (isHeld) return { kind: 'dynamic' };
  if (last === 'sp_executesql') {
    const given = reader.slice(from);
    const [text, next] = given[0]?.kind === 'variable' && given[1]?.value === '=' ? given.slice(2) : given;
    return text?.kind === 'text' && (next === undefined || (next.kind === 'mark' && next.value === ','))
      ? { kind: 'text', body: withinText(text, certainty) }
      : { kind: 'dynamic' };
  }
  if (last === 'sp_rename') {
    const renamed = renaming(reader, from);
    if (renamed !== undefined) return renamed;
  }
  return { kind: 'execute', ...(name === undefined ? {} : { name }) };
}

/** The statements of a text that is written out, with their places in what it stands in. */
function withinText(text: Token, certainty: Certainty): readonly TsqlStatement[] {
  const places: number[] = [];
  for (let at = text.start + text.opening, index = 0; index <= text.value.length; index++, at++) {
    places.push(at);
    // A quote is written twice.
    if (text.value[index] === "'") at++;
  }
  const place = (offset: number): number => Math.min(places[offset] ?? text.end, text.end);
  const moved = JSON.stringify(readTsql(text.value), (key, value: unknown) => {
    if (key === 'certainty' && certainty === 'may') return certainty;
    if (key !== 'span') return value;
    // Every `span` of a statement is one.
    const { start, end } = value as Span;
    return { start: place(start), end: end > start ? place(end - 1) + 1 : place(end) };
  });
  // The same statements with other numbers.
  return JSON.parse(moved) as readonly TsqlStatement[];
}

/** The arguments of sp_rename, by place or by name; undefined where one is missing. */
function renaming(reader: TokenReader, from: number): Bare | undefined {
  const texts = new Map<string, { readonly value: string; readonly name: TsqlName }>();
  const places = ['@objname', '@newname', '@objtype'];
  let place = 0;
  let at = '';
  for (const [index, token] of reader.slice(from).entries()) {
    if (token.kind === 'mark' && token.value === ',') {
      place++;
      at = '';
    } else if (token.kind === 'variable' && reader.slice(from)[index + 1]?.value === '=')
      at = token.value.toLowerCase();
    else if (token.kind === 'text' || token.kind === 'name' || token.kind === 'word')
      texts.set(at === '' ? (places[place] ?? '') : at, {
        value: token.kind === 'word' ? token.written : token.value,
        name: { parts: partsOf(token.value), span: { start: token.start, end: token.end } },
      });
    else if (token.kind === 'variable') return { kind: 'dynamic' };
  }
  const object = texts.get('@objname');
  const to = texts.get('@newname');
  const what = texts.get('@objtype')?.value.toUpperCase();
  if (object === undefined || to === undefined) return undefined;
  return { kind: 'rename', name: object.name, to: to.value, ...(what === undefined ? {} : { what }) };
}

/** A name that stands in a text. */
function partsOf(text: string): readonly string[] {
  const reader = new TokenReader(tokensOf(text));
  return reader.name()?.parts ?? [text];
}
