/** Quoted text, dollar-quoted text, comments and white space of SQL; block comments without others in them. */
const PARTS =
  /(?<![\w$])([eE])'((?:[^'\\]|''|\\[\s\S])*)'|'((?:[^']|'')*)'|"(?:[^"]|"")*"|\$([A-Za-z_]\w*)?\$([\s\S]*?)\$\4\$|--[^\r\n]*|\/\*[\s\S]*?\*\/|\s+/g;

/**
 * The same PostgreSQL expression in one line, for a place that has no more: comments go, and a line break in a string is
 * written as an escape.
 *
 * Assumes standard_conforming_strings: a backslash in a plain string stands for itself.
 */
export function inOneLine(sql: string): string {
  if (!/[\r\n]|--/.test(sql)) return sql;
  return sql
    .replaceAll(
      PARTS,
      (
        whole: string,
        _escape: string | undefined,
        escaped: string | undefined,
        plain: string | undefined,
        _tag: string | undefined,
        dollar: string | undefined,
      ) => {
        if (whole.startsWith('"')) return whole;
        const quoted =
          escaped ?? plain?.replaceAll('\\', '\\\\') ?? dollar?.replaceAll('\\', '\\\\').replaceAll("'", "''");
        if (quoted === undefined) return ' ';
        return /[\r\n]/.test(quoted) ? `E'${breaksEscaped(quoted)}'` : whole;
      },
    )
    .trim();
}

function breaksEscaped(text: string): string {
  return text.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}
