import type { TableAction, TsqlColumn, TsqlName } from './statement.ts';
import { StatementEnd } from './statement-end.ts';
import type { TokenReader } from './token-reader.ts';
import type { Token } from './tokens.ts';

/** What ALTER TABLE does, behind the table's name; to the end of the statement. */
export function alterTable(reader: TokenReader): readonly TableAction[] {
  const end = new StatementEnd('ALTER', 'TABLE');
  const from = reader.at;
  const check = reader.is('WITH', 'CHECK') ? 'CHECK' : reader.is('WITH', 'NOCHECK') ? 'NOCHECK' : undefined;
  if (check !== undefined) reader.at += 2;
  if (reader.take('ADD')) return elements(reader, end, check === 'NOCHECK');
  if (reader.is('ALTER', 'COLUMN')) {
    reader.at += 2;
    const start = reader.at;
    const name = reader.name();
    rest(reader, end);
    if (name === undefined) return [otherAction(reader, from)];
    const tokens = reader.slice(start).slice(tokensOfName(name));
    const isType = tokens[0]?.kind !== 'word' || !/^(?:ADD|DROP)$/.test(tokens[0].value);
    if (!isType) return [otherAction(reader, from)];
    return [
      {
        kind: 'alter-column',
        column: columnOf(name, tokens),
        isOnline: has(tokens, ['ONLINE', '=', 'ON'], true),
        span: reader.between(from),
      },
    ];
  }
  if (reader.take('DROP')) return drops(reader, end, from);
  if (reader.is('CHECK', 'CONSTRAINT') || reader.is('NOCHECK', 'CONSTRAINT')) {
    const isOn = reader.is('CHECK');
    rest(reader, end);
    return [{ kind: 'switch-constraint', isOn, isValidated: isOn && check === 'CHECK', span: reader.between(from) }];
  }
  rest(reader, end);
  return reader.at === from ? [] : [otherAction(reader, from)];
}

function otherAction(reader: TokenReader, from: number): TableAction {
  const words = reader
    .slice(from)
    .slice(0, 2)
    .map(({ value }) => value)
    .join(' ');
  return { kind: 'other', words, span: reader.between(from) };
}

function rest(reader: TokenReader, end: StatementEnd): void {
  while (!reader.isDone && !end.isHere(reader)) skip(reader);
}

function skip(reader: TokenReader): void {
  if (reader.is('(')) reader.group();
  else reader.next();
}

/** To the next comma outside of parentheses, or to the end of the statement. */
function element(reader: TokenReader, end: StatementEnd): boolean {
  while (!reader.isDone && !reader.is(',')) {
    if (end.isHere(reader)) return false;
    skip(reader);
  }
  return reader.is(',');
}

function elements(reader: TokenReader, end: StatementEnd, isUnchecked: boolean): readonly TableAction[] {
  const actions: TableAction[] = [];
  for (let goesOn = true; goesOn; ) {
    const from = reader.at;
    goesOn = element(reader, end);
    const to = reader.at;
    reader.at = from;
    if (to > from) actions.push(added(reader, to, isUnchecked));
    reader.at = to;
    if (goesOn) reader.next();
  }
  return actions;
}

function added(reader: TokenReader, to: number, isUnchecked: boolean): TableAction {
  const from = reader.at;
  const name = reader.take('CONSTRAINT') ? reader.name() : undefined;
  const word = reader.peek()?.kind === 'word' ? (reader.peek()?.value ?? '') : '';
  const kind = CONSTRAINTS[word];
  const isOther = /^(?:PERIOD|INDEX)$/.test(word);
  if (kind !== undefined || name !== undefined || isOther) {
    reader.at = to;
    const tokens = reader.slice(from);
    const span = reader.between(from);
    if (isOther && name === undefined) return { kind: 'other', words: `ADD ${word}`, span };
    return {
      kind: 'add-constraint',
      ...(name === undefined ? {} : { name }),
      constraint: kind ?? 'other',
      isUnchecked,
      isOnline: has(tokens, ['ONLINE', '=', 'ON'], true),
      span,
    };
  }
  const column = reader.name();
  const start = reader.at;
  reader.at = Math.max(to, start);
  if (column === undefined) return { kind: 'other', words: 'ADD', span: reader.between(from) };
  return { kind: 'add-column', column: columnOf(column, reader.slice(start)), span: reader.between(from) };
}

const CONSTRAINTS: Readonly<Record<string, Extract<TableAction, { kind: 'add-constraint' }>['constraint']>> = {
  PRIMARY: 'primary-key',
  UNIQUE: 'unique',
  FOREIGN: 'foreign-key',
  CHECK: 'check',
  DEFAULT: 'default',
};

/** DROP names constraints until it says COLUMN, and columns until it says CONSTRAINT. */
function drops(reader: TokenReader, end: StatementEnd, from: number): readonly TableAction[] {
  if (reader.is('PERIOD') || reader.is('INDEX')) {
    rest(reader, end);
    return [otherAction(reader, from)];
  }
  const actions: TableAction[] = [];
  let kind: 'drop-constraint' | 'drop-column' = 'drop-constraint';
  for (let goesOn = true; goesOn; ) {
    if (reader.take('COLUMN')) kind = 'drop-column';
    else if (reader.take('CONSTRAINT')) kind = 'drop-constraint';
    reader.take('IF', 'EXISTS');
    const name = end.isHere(reader) ? undefined : reader.name();
    if (name !== undefined) actions.push({ kind, name, span: name.span });
    goesOn = element(reader, end);
    if (goesOn) reader.next();
  }
  return actions;
}

/** A column by what stands behind its name. */
function columnOf(name: TsqlName, tokens: readonly Token[]): TsqlColumn {
  const isComputed = tokens[0]?.kind === 'word' && tokens[0].value === 'AS';
  const isNullable = has(tokens, ['NOT', 'NULL']) ? false : has(tokens, ['NULL']) ? true : undefined;
  return {
    name,
    ...(isComputed ? {} : { type: typeOf(tokens) }),
    ...(isNullable === undefined ? {} : { isNullable }),
    hasDefault: has(tokens, ['DEFAULT']),
    isDefaultByRow:
      has(tokens, ['DEFAULT']) &&
      [['NEWID'], ['NEWSEQUENTIALID'], ['NEXT', 'VALUE', 'FOR']].some((words) => has(tokens, words, true)),
    isIdentity: has(tokens, ['IDENTITY']),
    isComputed,
    isPersisted: has(tokens, ['PERSISTED']),
  };
}

/** `NVARCHAR(50)`, `DBO.NAME`; `DOUBLE PRECISION` is the one that has two words. */
function typeOf(tokens: readonly Token[]): string {
  let text = '';
  for (const [index, token] of tokens.entries()) {
    if (index > 0 && token.kind === 'mark' && token.value === '(') {
      const close = tokens.findIndex((other, at) => at > index && other.kind === 'mark' && other.value === ')');
      return `${text}${tokens
        .slice(index, close < 0 ? tokens.length : close + 1)
        .map(({ value }) => value.toUpperCase())
        .join('')}`;
    }
    const isPart = index === 0 || (token.kind === 'mark' && token.value === '.') || tokens[index - 1]?.value === '.';
    if (!isPart && !(text === 'DOUBLE' && token.value === 'PRECISION') && token.value !== 'VARYING') return text;
    text += `${token.value === 'PRECISION' || token.value === 'VARYING' ? ' ' : ''}${token.value.toUpperCase()}`;
  }
  return text;
}

/** Whether words follow one another, outside of parentheses unless `anywhere`. */
function has(tokens: readonly Token[], words: readonly string[], anywhere = false): boolean {
  let depth = 0;
  return tokens.some((token, at) => {
    if (token.kind === 'mark' && token.value === '(') depth++;
    if (token.kind === 'mark' && token.value === ')') depth--;
    return (
      (anywhere || depth === 0) &&
      words.every((word, index) => {
        const other = tokens[at + index];
        return (other?.kind === 'word' || other?.kind === 'mark') && other.value === word;
      })
    );
  });
}

/** Pieces that a name is made of. */
function tokensOfName({ parts }: TsqlName): number {
  return parts.length * 2 - 1;
}
