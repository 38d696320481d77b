import type { Engine } from '../engines/engine.ts';

/** A name in double quotes, where one may begin, up to the end of the name. */
const QUOTED = /"(?:[^"]|"")*"(?=\s*(?:[.,]|$))/y;

/** A value such as `users.name` or `"Us.er"."first, last"` between its separators; those within double quotes are none. */
function piecesOf(value: string, separator: '.' | ','): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  let isStart = true;
  for (let index = 0; index < value.length; ) {
    QUOTED.lastIndex = index;
    const character = value.charAt(index);
    // A quote in the middle of a name that does not begin with one is a part of it.
    const text: string = (isStart ? QUOTED.exec(value)?.[0] : undefined) ?? character;
    index += text.length;
    isStart = text === '.' || text === ',' || (isStart && text.trim() === '');
    if (text === separator) {
      pieces.push(piece);
      piece = '';
    } else piece += text;
  }
  return [...pieces, piece];
}

/** The name itself: double quotes around it, and doubled ones in it, are those of SQL. */
function bare(piece: string): string {
  const trimmed = piece.trim();
  return /^"(?:[^"]|"")+"$/.test(trimmed) ? trimmed.slice(1, -1).replaceAll('""', '"') : trimmed;
}

/** A table, and a column of it or several. Names are those of the catalog, `table` is as it was written. */
export interface WrittenColumn {
  readonly table: string;
  readonly column: string;
  readonly columns: readonly string[];
}

/** `users.name`, `public.users.first,last`. */
export function writtenColumn(value: string | undefined): WrittenColumn {
  const pieces = piecesOf(value ?? '', '.');
  const last = pieces.at(-1) ?? '';
  return { table: pieces.slice(0, -1).join('.'), column: bare(last), columns: piecesOf(last, ',').map(bare) };
}

/** Whether a value is a column of a table, with or without its schema. */
export function isColumnOfTable(value: string): boolean {
  const pieces = piecesOf(value, '.');
  return (pieces.length === 2 || pieces.length === 3) && pieces.every((piece) => bare(piece) !== '');
}

/** A table's or type's name, its schema before it where one was written, as SQL. */
export function nameSql(value: string | undefined, engine: Engine): string {
  return piecesOf(value ?? '', '.')
    .map((piece) => engine.quoteName(bare(piece)))
    .join('.');
}

/** The name of a table without its schema. */
export function ownName(value: string): string {
  return bare(piecesOf(value, '.').at(-1) ?? '');
}

/** A table's or type's name as the catalog has it, with its schema where one was written. */
export function writtenName(value: string): { readonly schema?: string; readonly name: string } {
  const pieces = piecesOf(value, '.').map(bare);
  const schema = pieces.at(-2);
  return { name: pieces.at(-1) ?? '', ...(schema === undefined ? {} : { schema }) };
}
