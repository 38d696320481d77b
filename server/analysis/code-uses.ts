import { LineIndex, type Range } from '../core/line-index.ts';
import type { Span } from '../core/span.ts';
import { isTableAction, type Operation } from '../model/operation.ts';

/** A table, or a column of one, that source code may name. */
export interface SoughtName {
  readonly table: string;
  readonly column?: string;
}

/** Where source code names it. */
export interface CodeUse {
  /** Relative to the workspace's root, with `/`. */
  readonly path: string;
  readonly range: Range;
}

/** What a look through the source files gave. */
export interface CodeUses {
  /** The first places; the rest are only counted. */
  readonly uses: readonly CodeUse[];
  readonly count: number;
  /** Source files that were looked at. */
  readonly files: number;
  /** False where there were too many files, or the time was up. */
  readonly isComplete: boolean;
}

/** Places of one name that are kept. */
export const MOST_USES = 20;

/** Key of a name in maps. */
export function soughtKey(name: SoughtName): string {
  return `${name.table}\u0000${name.column ?? ''}`;
}

/** What an operation takes away or calls by another name at a place of its statement: the names that code must have given up. */
export function soughtBy(operation: Operation, at: Span): readonly SoughtName[] {
  if (
    operation.kind === 'drop-table' ||
    operation.kind === 'drop-view' ||
    operation.kind === 'drop-materialized-view'
  ) {
    return operation.objects
      .filter((object) => object.span.start === at.start)
      .map((object) => ({ table: object.name }));
  }
  if (!isTableAction(operation)) return [];
  const table = operation.relation.name;
  switch (operation.action.kind) {
    case 'drop-column':
    case 'rename-column':
      return [{ table, column: operation.action.column }];
    case 'rename-table':
    case 'set-table-schema':
      return [{ table }];
    default:
      return [];
  }
}

const WORD = /[A-Za-z_$][A-Za-z0-9_$]*/g;

/** Several names, looked for in one pass over each file. */
export class UseFinder {
  readonly #names: readonly {
    readonly key: string;
    readonly name: SoughtName;
    readonly tableWords: ReadonlySet<string>;
  }[];
  readonly #byWord = new Map<string, number[]>();

  constructor(names: readonly SoughtName[]) {
    this.#names = names.map((name) => ({ key: soughtKey(name), name, tableWords: new Set(tableWords(name.table)) }));
    for (const [index, { name }] of this.#names.entries()) {
      for (const word of name.column === undefined ? tableWords(name.table) : columnWords(name.column))
        this.#byWord.set(word, [...(this.#byWord.get(word) ?? []), index]);
    }
  }

  /** Places in one file, by `soughtKey`. A column counts only in a file that names its table, or the class of its rows, too. */
  find(path: string, text: string): ReadonlyMap<string, readonly CodeUse[]> {
    const found = new Map<number, { readonly start: number; readonly end: number }[]>();
    const words = new Set<string>();
    for (const match of text.matchAll(WORD)) {
      const [word] = match;
      words.add(word);
      for (const index of this.#byWord.get(word) ?? []) {
        const spans = found.get(index);
        const span = { start: match.index, end: match.index + word.length };
        if (spans === undefined) found.set(index, [span]);
        else spans.push(span);
      }
    }
    const result = new Map<string, readonly CodeUse[]>();
    if (found.size === 0) return result;
    const lines = new LineIndex(text);
    for (const [index, spans] of found) {
      const sought = this.#names[index];
      if (
        sought === undefined ||
        (sought.name.column !== undefined && ![...sought.tableWords].some((word) => words.has(word)))
      )
        continue;
      result.set(
        sought.key,
        spans.map((span) => ({ path, range: lines.range(span) })),
      );
    }
    return result;
  }
}

/** How code spells a column: as it is, and as object mappers turn it: `full_name`, `fullName`, `FullName`. */
function columnWords(column: string): readonly string[] {
  const camel = camelCase(column);
  return [...new Set([column, camel, capital(camel)])];
}

/** How code spells a table: as it is, `orderItems`, `OrderItems`, and the class of one row, `OrderItem`. */
function tableWords(table: string): readonly string[] {
  const camel = camelCase(table);
  return [...new Set([table, camel, capital(camel), capital(singular(camel))])];
}

function camelCase(name: string): string {
  return name.replaceAll(/_+([A-Za-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

function singular(word: string): string {
  if (/ies$/.test(word)) return `${word.slice(0, -3)}y`;
  if (/(?:ss|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return /[^s]s$/.test(word) ? word.slice(0, -1) : word;
}

/** What the look gave, as a sentence behind a finding's message. */
export function usesSentence(names: readonly SoughtName[], uses: CodeUses): string {
  const what = names.map((name) => `"${name.column ?? name.table}"`).join(', ');
  const files = `${uses.files} source file${uses.files === 1 ? '' : 's'}`;
  if (uses.count > 0)
    return `Source code here still names ${what} in ${uses.count} place${uses.count === 1 ? '' : 's'}.`;
  return `No use of ${what} was found in ${files}${uses.isComplete ? '' : ', which are not all'}; names that are put together at run time, and other repositories, are not seen.`;
}
