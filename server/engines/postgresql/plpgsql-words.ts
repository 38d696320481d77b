import type { Source } from './source.ts';

/** What a body of PL/pgSQL stands in, as far as it decides which words the server takes in it. */
export interface RoutineShape {
  /**
   * What it gives back: nothing (DO, a procedure, a function of void), one value, rows (SETOF, TABLE), or what its OUT
   * arguments hold at the end.
   */
  readonly gives: 'nothing' | 'value' | 'rows' | 'outputs';
  /** Names of its arguments; undefined where they are not known. */
  readonly names: readonly string[] | undefined;
}

/** What every body can name, or a trigger's. */
const GIVEN: ReadonlySet<string> = new Set(['found', 'new', 'old', 'sqlstate', 'sqlerrm']);

const LEVELS = ['debug', 'log', 'info', 'notice', 'warning', 'exception'];

/** Names that may be given a value in a body. */
export interface DeclaredNames {
  readonly variables: ReadonlySet<string>;
  /** Those of loops over numbers, which are there by standing in the loop. */
  readonly counters: ReadonlySet<string>;
}

/** Every name that a body declares anywhere, with those of its arguments; undefined where not all are known. */
export function declaredIn(source: Source, { names }: RoutineShape): DeclaredNames | undefined {
  if (names === undefined) return undefined;
  const variables = new Set(names);
  const counters = new Set<string>();
  let isDeclaring = false;
  for (const [index, token] of source.tokens.entries()) {
    if (token.kind === 'word' && token.value === 'declare') isDeclaring = true;
    else if (source.isWord(index, 'begin') && !source.isSymbol(index - 1, '.')) isDeclaring = false;
    if (isDeclaring && (source.isWord(index - 1, 'declare') || source.isSymbol(index - 1, ';')))
      variables.add(token.value);
    if (source.isWord(index - 1, 'for')) counters.add(token.value);
  }
  return { variables, counters };
}

/** A name that gets a value, or the rows of a loop, and is no variable. */
export function undeclared(source: Source, from: number, names: DeclaredNames | undefined): string | undefined {
  const token = source.tokens[from];
  if (names === undefined || token?.kind !== 'word' || source.isSymbol(from + 1, '.')) return undefined;
  const isTarget = source.isWord(from - 1, 'for') || source.isWord(from - 1, 'foreach');
  const isKnown = names.variables.has(token.value) || (!isTarget && names.counters.has(token.value));
  return isKnown || GIVEN.has(token.value) || token.value.startsWith('tg_')
    ? undefined
    : `The block declares no variable "${token.value}".`;
}

/** RETURN with a value where there is none to give, or without one where there is. */
export function wrongReturn(source: Source, from: number, end: number, { gives }: RoutineShape): string | undefined {
  const isRow = source.isWord(from + 1, 'next') || source.isWord(from + 1, 'query');
  if (isRow)
    return gives === 'rows' ? undefined : 'RETURN NEXT and RETURN QUERY are for functions that give a set of rows.';
  const hasValue = end > from + 1;
  switch (gives) {
    case 'nothing':
      return hasValue ? 'There is no value to RETURN here: the block gives nothing.' : undefined;
    case 'value':
      return hasValue ? undefined : 'RETURN has no value here, and the function gives one.';
    case 'rows':
      return hasValue ? 'A function that gives a set of rows has RETURN NEXT or RETURN QUERY for them.' : undefined;
    default:
      return hasValue ? 'What the OUT arguments hold is what the function gives: RETURN takes no value.' : undefined;
  }
}

/** RAISE with more or fewer values than its format has places. */
export function placeholderMismatch(source: Source, from: number, end: number): string | undefined {
  const format = LEVELS.some((level) => source.isWord(from + 1, level)) ? from + 2 : from + 1;
  const token = source.tokens[format];
  if (token === undefined || format >= end || (token.kind !== 'string' && token.kind !== 'dollar')) return undefined;
  const text = source.text.slice(token.start, token.end);
  const places = text.replaceAll('%%', '').split('%').length - 1;
  const last = source.findWord(format + 1, end, 'using');
  // Two texts behind each other are one.
  if (last > format + 1 && !source.isSymbol(format + 1, ',')) return undefined;
  const values = last > format + 1 ? source.items(format + 2, last).length : 0;
  return places === values
    ? undefined
    : `The format of RAISE has ${places} ${places === 1 ? 'place' : 'places'} for a value, and ${values} ${values === 1 ? 'stands' : 'stand'} behind it.`;
}
