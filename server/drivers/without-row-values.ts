/** `Key (lower(email))=(a value) is duplicated.`: the columns, and what is wrong; the values between them go. */
const KEY =
  /^Key \((.*?)\)=\(.*\) (is duplicated|already exists|is not present in table|is still referenced from table|conflicts with)\b(.*)$/s;
/** Quotes of the languages in which a server may speak; escaped, since one other character doubles what the whole bundle takes to load. */
const QUOTED = /(["\u00ab\u201e])([^"\u00ab\u00bb\u201e\u201c]*)(["\u00bb\u201c])/g;

/**
 * A server's words about rows without the values in them: a log, a message or the history must hold none.
 *
 * Only the detail of a violated constraint and a value that does not fit its type name values. What stands in the SQL itself
 * stays: whoever wrote it knows it.
 */
export function withoutRowValues(
  words: { readonly message: string; readonly detail?: string | undefined },
  sqlstate: string | undefined,
  sql = '',
): { readonly message: string; readonly detail: string | undefined } {
  const { message, detail } = words;
  switch (sqlstate?.slice(0, 2)) {
    case '23':
      return { message, detail: detail === undefined ? undefined : ofKey(detail) };
    case '22':
      // Bytes that are no text are told by the name of an encoding.
      return { message: sqlstate === '22021' ? message : unquoted(message, sql), detail: undefined };
    default:
      return { message, detail };
  }
}

/** Undefined where the detail is of another form, such as a whole row, or in another language. */
function ofKey(detail: string): string | undefined {
  const [, columns, what, rest = ''] = KEY.exec(detail) ?? [];
  if (columns === undefined || what === undefined) return undefined;
  return what === 'conflicts with'
    ? `Key (${columns}) conflicts with an existing key.`
    : `Key (${columns}) ${what}${rest}`;
}

function unquoted(message: string, sql: string): string {
  return message.replaceAll(QUOTED, (whole: string, open: string, value: string, close: string) =>
    isWritten(value, sql) ? whole : `${open}…${close}`,
  );
}

/** Whether the SQL has a text as a literal, or as a name: `invalid value for parameter "lock_timeout"`. */
function isWritten(value: string, sql: string): boolean {
  if (sql.includes(`'${value.replaceAll("'", "''")}'`)) return true;
  return /^[A-Za-z_]\w*$/.test(value) && new RegExp(`(?<!\\w)${value}(?!\\w)`).test(sql);
}
