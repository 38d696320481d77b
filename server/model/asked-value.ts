/** A value for the rows that exist, which nothing in a migration tells and nobody but a person knows. */
export interface AskedValue {
  /** The column with its table, as people read it: `users.status`. */
  readonly name: string;
  /** As people read it: `character varying(20)`; empty where it is not known. */
  readonly type: string;
  /** SQL of a value that the type has, for a person to take or replace; absent where none can be told. */
  readonly suggestion?: string;
}

/** A function that no database has: a statement with it is refused before it changes a row, whoever sends it. */
const PLACE = 'lockstep_value';
/** A cheap test: nearly all texts have none. */
const HAS_PLACE = new RegExp(PLACE, 'iu');

/** SQL that stands where a value is to be written. */
export function valuePlace(name: string): string {
  return `${PLACE}('${name.replaceAll("'", "''")}')`;
}

/** Where a text still has a value to be written, comments left out: offsets, and the name of what the value is for. */
export function openValues(
  text: string,
): readonly { readonly start: number; readonly end: number; readonly name: string }[] {
  if (!HAS_PLACE.test(text)) return [];
  return [...text.matchAll(/--[^\n]*|\/\*[\s\S]*?\*\/|\blockstep_value\s*\(\s*'((?:[^']|'')*)'\s*\)/giu)].flatMap(
    (match) =>
      match[1] === undefined
        ? []
        : [{ start: match.index, end: match.index + match[0].length, name: match[1].replaceAll("''", "'") }],
  );
}
