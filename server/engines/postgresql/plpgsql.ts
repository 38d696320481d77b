import { mapSpans } from '../../core/map-spans.ts';
import type { GuardedObject, Operation } from '../../model/operation.ts';
import type { TypeName } from '../../model/type-name.ts';
import { analyseStatement, analyseStatements, maybe, opaqueIn } from './body.ts';
import { absenceAskedBy, droppedIfThere, passesOverDuplicates, unlessThere } from './guards.ts';
import { directRegion, joinRegions, type Region, stringRegion } from './region.ts';
import { Source } from './source.ts';
import {
  declaredIn,
  type DeclaredNames,
  placeholderMismatch,
  type RoutineShape,
  undeclared,
  wrongReturn,
} from './plpgsql-words.ts';
import { type Variable, withAssigned, withVariables } from './plpgsql-variables.ts';

/** Words that end a list of statements. */
const LIST_ENDS = new Set(['end', 'else', 'elsif', 'elseif', 'exception', 'when']);

/** Words of statements that touch nothing but variables and control. */
const QUIET = new Set(['null', 'get', 'raise', 'assert', 'fetch', 'move', 'close']);

/** Words that a statement of SQL begins with, and of PL/pgSQL those that have no place of their own here. */
const SQL_WORDS: ReadonlySet<string> = new Set(
  `abort alter analyse analyze begin call checkpoint close cluster comment commit copy create deallocate declare delete discard do
  drop end execute explain fetch foreach grant import insert listen load lock merge move notify perform prepare reassign refresh
  reindex release reset return revoke rollback savepoint security select set show start table truncate unlisten update vacuum
  values with`.split(/\s+/),
);

const NO_DESTINATION =
  'A SELECT in a block says where its rows go, or PostgreSQL refuses it: PERFORM throws them away, INTO keeps them.';

/** Loops and blocks in each other that are followed. */
const MAX_NESTING = 200;

/** Statements of one list and what they mean for those behind it. */
interface Progress {
  readonly operations: Operation[];
  /** Index of the token behind the list. */
  next: number;
  /** Whether a RETURN or an EXIT to a label may have left for good. */
  mayLeave: boolean;
  /** Whether an EXIT or CONTINUE may have left the innermost loop's round. */
  mayExit: boolean;
}

/**
 * Operations of a PL/pgSQL block: the SQL that it runs as written, in order.
 *
 * What a condition, loop or exception handler decides on says `may`. Spans are relative to the source's start. Source of
 * the grammar: PostgreSQL manual, "PL/pgSQL".
 */
export function analysePlpgsql(source: Source, region: Region, shape: RoutineShape): readonly Operation[] {
  const body = new Source(region.text, source.frontend, (location) => location ?? 0, source.depth + 1);
  const walker = new Walker(body, shape);
  const operations = walker.block(0);
  return operations.map((operation) => mapSpans(operation, region.at));
}

class Walker {
  readonly #source: Source;
  #nesting = 0;
  /** The variables that can be seen: those of inner blocks hide those of outer ones. */
  #variables: ReadonlyMap<string, Variable> = new Map();
  /** Number of the last branch. */
  #branches = 0;
  /** How many loops are around the statement at hand. */
  #loops = 0;
  /** What is wrong with a target of the INTO that was read last. */
  #unknownTarget: string | undefined;
  readonly #shape: RoutineShape;
  /** Names that may be assigned to anywhere in the body; undefined where not all are known. */
  readonly #names: DeclaredNames | undefined;

  constructor(source: Source, shape: RoutineShape) {
    this.#source = source;
    this.#shape = shape;
    this.#names = declaredIn(source, shape);
  }

  /** The whole body. */
  block(from: number): readonly Operation[] {
    const progress: Progress = { operations: [], next: from, mayLeave: false, mayExit: false };
    this.#block(progress, this.#afterLabel(from));
    return progress.operations;
  }

  /** [DECLARE ...] BEGIN ... [EXCEPTION ...] END [label] [;] */
  #block(progress: Progress, from: number): void {
    const source = this.#source;
    let index = from;
    const outer = this.#variables;
    const declared = index + 1;
    if (source.isWord(index, 'declare')) {
      // A column may have the name.
      while (index < source.tokens.length && (!source.isWord(index, 'begin') || source.isSymbol(index - 1, '.')))
        index++;
      this.#declared(progress, declared, index);
      if (index > declared && source.isWord(index, 'begin') && !source.isSymbol(index - 1, ';'))
        progress.operations.push(
          this.#refused(index - 1, index, 'The last declaration before BEGIN has no semicolon.'),
        );
    }
    if (!source.isWord(index, 'begin') || this.#nesting >= MAX_NESTING) {
      progress.operations.push(this.#opaque(index, source.tokens.length, 'this PL/pgSQL block could not be read'));
      progress.next = source.tokens.length;
      return;
    }
    this.#nesting++;
    const begin = index;
    const inner = this.#statements(index + 1);
    index = inner.next;
    if (index >= source.tokens.length)
      progress.operations.push(this.#refused(begin, begin + 1, 'This BEGIN has no END.'));
    const handles = source.isWord(index, 'exception');
    // With a handler an error takes back what the block has done, and the transaction goes on.
    const handlers: Operation[] = [];
    let passesOver = handles && !inner.mayLeave && !inner.mayExit;
    if (handles) {
      index++;
      while (source.isWord(index, 'when')) {
        const then = source.findWord(index, source.tokens.length, 'then');
        passesOver &&= passesOverDuplicates(source, index + 1, then);
        const handler = this.#statements(then + 1);
        handlers.push(...this.#branched(handler.operations));
        index = handler.next;
      }
    }
    const guarded = passesOver && handlers.length === 0 ? unlessThere(inner.operations) : undefined;
    progress.operations.push(...(handles ? this.#branched(inner.operations, guarded) : inner.operations), ...handlers);
    progress.mayLeave ||= inner.mayLeave;
    progress.mayExit ||= inner.mayExit;
    progress.next = this.#semicolon(index) + 1;
    this.#nesting--;
    this.#variables = outer;
  }

  /** Values that variables begin with: `name [CONSTANT] type [NOT NULL] { DEFAULT | := | = } expression;`. */
  #declared(progress: Progress, from: number, to: number): void {
    const source = this.#source;
    for (let index = from, end = from; index < to; index = end + 1) {
      end = Math.min(this.#semicolon(index), to);
      // The query of a cursor runs when it is opened.
      if (source.findWord(index, end, 'cursor') < end) continue;
      const type = source.skip(index + 1, 'constant');
      const sign = source.find(
        type,
        end,
        (token) =>
          (token.kind === 'word' && token.value === 'default') ||
          (token.kind === 'symbol' && /^[:=]$/.test(token.value)),
      );
      const name = source.tokens[index]?.value;
      const variable = this.#variable(type, source.findWord(type, Math.min(sign, end), 'not', 'collate'));
      if (name !== undefined) this.#variables = new Map(this.#variables).set(name, variable);
      // The column has to be there as soon as the block is read.
      if (variable.kind === 'scalar' && variable.type.name.endsWith('%TYPE') && sign >= end)
        progress.operations.push(...this.#assign(this.#region(index, end), 'NULL', variable.type));
      if (sign >= end) continue;
      const value = source.isSymbol(sign, ':') ? sign + 2 : sign + 1;
      this.#assignment(progress, value, end, variable.kind === 'scalar' ? variable.type : undefined);
    }
  }

  /** What a declaration makes of a name. */
  #variable(from: number, to: number): Variable {
    const source = this.#source;
    const path = (end: number): readonly string[] =>
      source.tokens.slice(from, end).flatMap(({ kind, value }) => (kind === 'symbol' ? [] : [value]));
    const sign = source.find(from, to, (token) => token.kind === 'symbol' && token.value === '%');
    if (sign < to && source.isWord(sign + 1, 'rowtype')) return { kind: 'row', relation: path(sign) };
    if (sign < to && source.isWord(sign + 1, 'type'))
      return { kind: 'scalar', type: typeOfColumn(path(sign)), path: undefined };
    const outcome = this.#assign({ text: '', at: (offset) => offset }, `CAST(NULL AS ${this.#region(from, to).text})`);
    const [first] = outcome;
    const tree = first !== undefined && 'query' in first ? first.query?.tree?.targets[0]?.value : undefined;
    return tree?.kind === 'cast'
      ? { kind: 'scalar', type: tree.type, path: source.nameEnd(from) >= to ? path(to) : undefined }
      : { kind: 'unknown' };
  }

  /** `SELECT value`, which becomes one of a type; nothing where the value cannot be read. */
  #assign(region: Region, value: string, type?: TypeName): readonly Operation[] {
    const query: Region = { text: `SELECT ${value}`, at: (offset) => region.at(Math.min(region.text.length, offset)) };
    if (this.#source.frontend.parser.parse(query.text).kind !== 'parsed') return [];
    const operations = analyseStatement(this.#source, query);
    return type === undefined ? operations : operations.map((operation) => withAssigned(operation, [type]));
  }

  /** What a variable gets: a text becomes one of its type. */
  #assignment(progress: Progress, from: number, to: number, type: TypeName | undefined): void {
    const region = this.#region(from, to);
    const isPlain = to === from + 1 && this.#source.tokens[from]?.kind === 'string';
    if (isPlain && type !== undefined) progress.operations.push(...this.#assign(region, region.text, type));
    else this.#expression(progress, from, to);
  }

  /** The type of what stands on the left of an assignment, or behind INTO; undefined where it is not known. */
  #typeOf(from: number, to: number): TypeName | undefined {
    const tokens = this.#source.tokens.slice(from, to);
    const variable = this.#variables.get(tokens[0]?.value ?? '');
    const [, dot, field] = tokens;
    if (tokens.length === 1) return variable?.kind === 'scalar' ? variable.type : undefined;
    if (tokens.length !== 3 || dot?.value !== '.' || field === undefined) return undefined;
    const relation =
      variable?.kind === 'row' ? variable.relation : variable?.kind === 'scalar' ? variable.path : undefined;
    return relation === undefined ? undefined : typeOfColumn([...relation, field.value]);
  }

  /** Operations that all run, in order, or none of them. */
  #branched(operations: readonly Operation[], unless?: GuardedObject): readonly Operation[] {
    const branch = ++this.#branches;
    return maybe(operations).map((operation, index) => ({
      ...operation,
      branch: [branch, ...(operation.branch ?? [])],
      ...(unless === undefined || operations[index]?.certainty === 'may' ? {} : { unless }),
    }));
  }

  #statements(from: number): Progress {
    const progress: Progress = { operations: [], next: from, mayLeave: false, mayExit: false };
    const source = this.#source;
    while (progress.next < source.tokens.length) {
      const token = source.tokens[progress.next];
      if (token?.kind === 'word' && LIST_ENDS.has(token.value)) break;
      const before = progress.operations.length;
      const mightHaveLeft = progress.mayLeave || progress.mayExit;
      const start = progress.next;
      this.#statement(progress, start);
      if (progress.next <= start) progress.next = start + 1;
      if (mightHaveLeft) progress.operations.push(...maybe(progress.operations.splice(before)));
    }
    return progress;
  }

  #statement(progress: Progress, labelled: number): void {
    const source = this.#source;
    const from = this.#afterLabel(labelled);
    const token = source.tokens[from];
    if (token === undefined) {
      progress.next = source.tokens.length;
      return;
    }
    const word = token.kind === 'word' ? token.value : '';
    const end = this.#semicolon(from);
    progress.next = end + 1;
    if (source.isSymbol(from, ';')) return;
    const against = this.#wrongWords(from, end, word);
    if (against !== undefined) progress.operations.push(this.#refused(from, end, against));
    if (this.#isAssignment(from, end)) {
      const value = this.#assigned(from, end);
      const sign = source.isSymbol(value - 2, ':') ? value - 2 : value - 1;
      const type = this.#typeOf(from, sign);
      const isPlain = end === value + 1 && source.tokens[value]?.kind === 'string';
      // The row has to have the field, whatever it gets.
      if (!isPlain && sign === from + 3 && type !== undefined)
        progress.operations.push(...this.#assign(this.#region(from, end), 'NULL', type));
      this.#assignment(progress, value, end, type);
      return;
    }
    switch (word) {
      case 'declare':
      case 'begin':
        return this.#block(progress, from);
      case 'if':
        return this.#if(progress, from);
      case 'case':
        return this.#case(progress, from);
      case 'loop':
        return this.#loop(progress, from);
      case 'while': {
        const loop = source.findWord(from, source.tokens.length, 'loop');
        this.#expression(progress, from + 1, loop);
        return this.#loop(progress, loop);
      }
      case 'for':
      case 'foreach':
        return this.#for(progress, from);
      case 'exit':
      case 'continue':
        // A label may be that of a block outside the loop.
        if (end > from + 1 && !source.isWord(from + 1, 'when')) progress.mayLeave = true;
        else progress.mayExit = true;
        return;
      case 'return':
        return this.#return(progress, from, end);
      case 'execute':
        return this.#execute(progress, from, end);
      case 'perform':
        return this.#perform(progress, from, end);
      case 'open':
        return this.#open(progress, from, end);
      default:
        if (QUIET.has(word)) return;
        if (token.kind === 'word' && !SQL_WORDS.has(word)) {
          const region = this.#region(from, end);
          progress.operations.push({
            ...opaqueIn(region, `no statement begins with ${word.toUpperCase()}`),
            neverTaken: `No statement of PL/pgSQL begins with ${word.toUpperCase()}.`,
          });
          return;
        }
        if (word === 'select' && source.findWord(from, end, 'into') >= end)
          progress.operations.push(...this.#read(from, end).map((each) => ({ ...each, failsWhenRun: NO_DESTINATION })));
        else this.#sql(progress, from, end);
    }
  }

  /** What the server says of a statement's words as soon as it reads the block. */
  #wrongWords(from: number, end: number, word: string): string | undefined {
    const source = this.#source;
    if (this.#isAssignment(from, end)) return undeclared(source, from, this.#names);
    switch (word) {
      case 'exit':
      case 'continue': {
        const isLabelled = end > from + 1 && !source.isWord(from + 1, 'when');
        return !isLabelled && this.#loops === 0
          ? `${word.toUpperCase()} stands in a loop, unless it names the label of a block.`
          : undefined;
      }
      case 'return':
        return wrongReturn(source, from, end, this.#shape);
      case 'raise':
        return placeholderMismatch(source, from, end);
      case 'for':
      case 'foreach': {
        const query = source.findWord(from, source.tokens.length, 'in') + 1;
        return query === from + 3 && (word === 'foreach' || source.isWord(query, 'execute') || this.#beginsQuery(query))
          ? undeclared(source, from + 1, this.#names)
          : undefined;
      }
      default:
        return undefined;
    }
  }

  #refused(from: number, end: number, why: string): Operation {
    return { ...this.#opaque(from, end, 'the server takes no such words'), neverTaken: why };
  }

  #if(progress: Progress, from: number): void {
    const source = this.#source;
    let index = from;
    let isFirst = true;
    while (source.isWord(index, 'if') || source.isWord(index, 'elsif') || source.isWord(index, 'elseif')) {
      const then = this.#then(index);
      if (then >= source.tokens.length)
        progress.operations.push(this.#refused(index, index + 1, 'This condition has no THEN.'));
      this.#expression(progress, index + 1, then);
      const before = progress.operations.length;
      // What stands behind ELSIF depends on the conditions before it too.
      index = this.#branch(
        progress,
        then + 1,
        index === from ? (operations) => absenceAskedBy(source, from + 1, then, operations) : undefined,
      );
      if (
        before === progress.operations.length - 1 &&
        source.isWord(then + 1, 'alter') &&
        source.isWord(index, 'end')
      ) {
        const dropped = droppedIfThere(source, from + 1, then, progress.operations[before]);
        if (dropped !== undefined && isFirst) progress.operations[before] = dropped;
      }
      isFirst = false;
    }
    if (source.isWord(index, 'else')) index = this.#branch(progress, index + 1);
    progress.next = this.#semicolon(index) + 1;
  }

  #case(progress: Progress, from: number): void {
    const source = this.#source;
    let index = source.findWord(from, source.tokens.length, 'when');
    while (source.isWord(index, 'when')) index = this.#branch(progress, this.#then(index) + 1);
    if (source.isWord(index, 'else')) index = this.#branch(progress, index + 1);
    progress.next = this.#semicolon(index) + 1;
  }

  /** Index of the THEN that belongs to the statement, not to a CASE in its condition. */
  #then(from: number): number {
    const source = this.#source;
    let cases = 0;
    for (let index = from; index < source.tokens.length; index++) {
      // A column may have the name.
      if (source.isSymbol(index - 1, '.')) continue;
      if (source.isWord(index, 'case')) cases++;
      else if (source.isWord(index, 'end')) cases--;
      else if (cases <= 0 && source.isWord(index, 'then')) return index;
    }
    return source.tokens.length;
  }

  #branch(
    progress: Progress,
    from: number,
    guardOf?: (operations: readonly Operation[]) => GuardedObject | undefined,
  ): number {
    if (this.#nesting >= MAX_NESTING) {
      progress.operations.push(this.#opaque(from, this.#source.tokens.length, 'nested too deeply to analyse'));
      return this.#source.tokens.length;
    }
    this.#nesting++;
    const inner = this.#statements(from);
    this.#nesting--;
    progress.operations.push(...this.#branched(inner.operations, guardOf?.(inner.operations)));
    progress.mayLeave ||= inner.mayLeave;
    progress.mayExit ||= inner.mayExit;
    return inner.next;
  }

  #loop(progress: Progress, loop: number): void {
    const mightHaveExited = progress.mayExit;
    this.#loops++;
    progress.next = this.#semicolon(this.#branch(progress, loop + 1)) + 1;
    this.#loops--;
    progress.mayExit = mightHaveExited;
  }

  /** FOR i IN 1..2, FOR r IN query, FOR r IN EXECUTE text, FOREACH. */
  #for(progress: Progress, from: number): void {
    const source = this.#source;
    const loop = source.findWord(from, source.tokens.length, 'loop');
    const query = source.findWord(from, loop, 'in') + 1;
    if (source.isWord(query, 'execute')) this.#execute(progress, query, loop);
    else if (this.#beginsQuery(query)) progress.operations.push(...this.#read(query, loop));
    this.#loop(progress, loop);
  }

  #return(progress: Progress, from: number, end: number): void {
    const source = this.#source;
    if (source.isWord(from + 1, 'query')) {
      if (source.isWord(from + 2, 'execute')) this.#execute(progress, from + 2, end);
      else progress.operations.push(...this.#read(from + 2, end));
      return;
    }
    this.#expression(progress, source.skip(from + 1, 'next'), end);
    if (!source.isWord(from + 1, 'next')) progress.mayLeave = true;
  }

  #open(progress: Progress, from: number, end: number): void {
    const source = this.#source;
    const query = source.findWord(from, end, 'for') + 1;
    if (query > end) return;
    if (source.isWord(query, 'execute')) this.#execute(progress, query, end);
    else progress.operations.push(...this.#read(query, end));
  }

  /** EXECUTE of a constant is the statement itself; anything else is known at run time only. */
  #execute(progress: Progress, from: number, end: number): void {
    const constant = this.#constant(from + 1, this.#source.findWord(from + 1, end, 'into', 'using'));
    progress.operations.push(
      ...(constant === undefined
        ? [this.#opaque(from, end, 'dynamic SQL: the text given to EXECUTE is only known when it runs')]
        : analyseStatements(this.#source, constant)),
    );
  }

  /** Strings with nothing but `||` between them, or `format` of one without placeholders. */
  #constant(from: number, to: number): Region | undefined {
    const source = this.#source;
    if (source.isWord(from, 'format') && source.isSymbol(from + 1, '(') && source.closing(from + 1) === to - 1) {
      const inner = this.#constant(from + 2, to - 1);
      return inner?.text.includes('%') === true ? undefined : inner;
    }
    if (source.isSymbol(from, '(') && source.closing(from) === to - 1) return this.#constant(from + 1, to - 1);
    const regions: Region[] = [];
    for (let index = from; index < to; index++) {
      const token = source.tokens[index];
      const region = token === undefined ? undefined : stringRegion(source.text, token);
      if (region === undefined) return undefined;
      regions.push(region);
      const joined = source.isSymbol(index + 1, '|') && source.isSymbol(index + 2, '|');
      if (joined && index + 3 < to) index += 2;
      else if (joined) return undefined;
    }
    return regions.length === 0 ? undefined : joinRegions(regions);
  }

  /** PERFORM query is SELECT query, and as long. */
  #perform(progress: Progress, from: number, end: number): void {
    const region = this.#region(from, end);
    progress.operations.push(
      ...analyseStatement(this.#source, { text: `SELECT ${region.text.slice('perform'.length)}`, at: region.at }),
    );
  }

  /** An SQL statement as written, the targets of its INTO blanked out: they are variables. */
  #sql(progress: Progress, from: number, end: number): void {
    progress.operations.push(...this.#read(from, end));
  }

  #read(from: number, end: number): readonly Operation[] {
    const region = this.#region(from, end);
    const types: (TypeName | undefined)[] = [];
    const text = this.#withoutInto(from, end, region.text, types);
    const operations = analyseStatement(this.#source, { text, at: region.at });
    const unknown = this.#unknownTarget;
    this.#unknownTarget = undefined;
    if (unknown !== undefined) return [...operations, this.#refused(from, end, unknown)];
    return types.some((type) => type !== undefined)
      ? operations.map((operation) => withAssigned(operation, types))
      : operations;
  }

  #withoutInto(from: number, end: number, text: string, types: (TypeName | undefined)[]): string {
    const source = this.#source;
    const first = source.tokens[from]?.value;
    if (
      first !== 'select' &&
      first !== 'with' &&
      first !== 'insert' &&
      first !== 'update' &&
      first !== 'delete' &&
      first !== 'merge' &&
      first !== 'values'
    )
      return text;
    for (let into = source.findWord(from, end, 'into'); into < end; into = source.findWord(into + 1, end, 'into')) {
      if (source.isWord(into - 1, 'insert') || source.isWord(into - 1, 'merge')) continue;
      let last = source.skip(into + 1, 'strict');
      for (;;) {
        const target = last;
        last = source.nameEnd(last);
        this.#unknownTarget ??= last === target + 1 ? undeclared(source, target, this.#names) : undefined;
        types.push(this.#typeOf(target, last));
        while (source.isSymbol(last, '[')) last = source.closing(last) + 1;
        if (!source.isSymbol(last, ',')) break;
        last++;
      }
      const span = source.spanOf(into, Math.min(last, end));
      const base = source.tokens[from]?.start ?? 0;
      const blank = text.slice(span.start - base, span.end - base).replace(/[^\r\n]/g, ' ');
      return text.slice(0, span.start - base) + blank + text.slice(span.end - base);
    }
    return text;
  }

  /** Value of a condition, an assignment or a RETURN: only calls and subqueries can touch anything. */
  #expression(progress: Progress, from: number, to: number): void {
    const source = this.#source;
    let touches = false;
    for (let index = from; index < to; index++) {
      const token = source.tokens[index];
      touches ||=
        source.isWord(index, 'select') ||
        (source.isSymbol(index + 1, '(') && token?.kind === 'quoted') ||
        (source.isSymbol(index + 1, '(') &&
          token?.kind === 'word' &&
          !['and', 'or', 'not', 'in', 'any', 'all', 'exists', 'values'].includes(token.value));
    }
    // A text beside a variable is one of its type.
    const isCompared =
      source.tokens.slice(from, to).some((token) => token.kind === 'string') &&
      source.tokens.slice(from, to).some((token) => token.kind === 'word' && this.#variables.has(token.value));
    if ((!touches && !isCompared) || to <= from) return;
    const region = this.#region(from, to);
    const prefix = 'SELECT ';
    const query: Region = {
      text: prefix + region.text,
      at: (offset) => region.at(Math.max(0, offset - prefix.length)),
    };
    // An expression that PL/pgSQL reads otherwise (a row, a query without SELECT) is not a statement, so it says nothing.
    if (source.frontend.parser.parse(query.text).kind === 'parsed')
      progress.operations.push(
        ...analyseStatement(source, query).map((operation) => withVariables(operation, this.#variables)),
      );
  }

  #beginsQuery(index: number): boolean {
    const source = this.#source;
    return (
      ['select', 'with', 'values', 'insert', 'update', 'delete', 'merge', 'table', 'show', 'explain'].some((word) =>
        source.isWord(index, word),
      ) ||
      (source.isSymbol(index, '(') && source.isWord(index + 1, 'select'))
    );
  }

  #isAssignment(from: number, end: number): boolean {
    return this.#assigned(from, end) > from;
  }

  /** Index behind `:=` or `=` of an assignment; `from` where the statement is none. */
  #assigned(from: number, end: number): number {
    const source = this.#source;
    const first = source.tokens[from];
    if (first?.kind !== 'word' && first?.kind !== 'quoted') return from;
    let index = source.nameEnd(from);
    while (source.isSymbol(index, '[') || source.isSymbol(index, '.'))
      index = source.isSymbol(index, '[') ? source.closing(index) + 1 : index + 2;
    if (index >= end) return from;
    if (source.isSymbol(index, ':') && source.isSymbol(index + 1, '=')) return index + 2;
    return source.isSymbol(index, '=') ? index + 1 : from;
  }

  #afterLabel(from: number): number {
    const source = this.#source;
    let index = from;
    while (source.isSymbol(index, '#')) index += 3;
    while (source.isSymbol(index, '<') && source.isSymbol(index + 1, '<')) index += 5;
    return index;
  }

  /** Index of the next semicolon outside parentheses. */
  #semicolon(from: number): number {
    const source = this.#source;
    return source.find(from, source.tokens.length, (token) => token.kind === 'symbol' && token.value === ';');
  }

  #region(from: number, to: number): Region {
    const span = this.#source.spanOf(from, to);
    return directRegion(this.#source.text, span.start, span.end);
  }

  #opaque(from: number, to: number, reason: string): Operation {
    return opaqueIn(this.#region(from, to), reason);
  }
}

/** What `%TYPE` of a column stands for, as `lowerType` writes it. */
function typeOfColumn(path: readonly string[]): TypeName {
  const name = `${path.join('.')}%TYPE`;
  return { name, modifiers: [], arrayDimensions: 0, display: name };
}
