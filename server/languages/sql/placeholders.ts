import { mapSpans } from '../../core/map-spans.ts';
import type { Span } from '../../core/span.ts';
import type { Engine, StatementBody, StatementPlaceholder, StatementText } from '../../engines/engine.ts';

/** How templates write what they replace: `${x}`, `{{ .x }}`, `<%= x %>`, `$(x)`, `%x%`. */
const TEMPLATES = /\$\{[^{}\s'"]+\}|\{\{[^{}]*\}\}|<%=?[^%]*%>|\$\([A-Za-z_]\w*\)|%[A-Za-z_]\w*%/.source;

/** Those of them that no SQL can be. */
const UNLIKE_SQL = /^(?:\$\{|\{\{)/;
const IN_BODY = /\$(?:[A-Za-z_]\w*)?\$[\s\S]*(?:\$\{|\{\{)/;

/** `__SCHEMA__` and `__schema__`: a name to the database, but in most places none that anybody gives. */
const UNDERSCORED = /(?<![\w$])(?:__[A-Za-z]\w*__(?![\w$])|__[A-Za-z]+(?:_[A-Za-z]+)*__(?=[A-Za-z]))/.source;

/** What stands before a role, a schema, a database or a tablespace, which no migration calls so. */
const FOREIGN_NAME_FOLLOWS =
  /(?:\b(?:schema|role|user|owner|authorization|database|tablespace)\s+(?:if\s+(?:not\s+)?exists\s+)?|\bowner\s+to\s+|\bsearch_path\s*(?:=|to)\s*(?:[\w"$]+\s*,\s*)*|\bgrant\b[^;]*\bto\s+|\brevoke\b[^;]*\bfrom\s+)$/i;

/** What stands for the beginning of a name says so itself: `__prefix__users`, `__TABLE_PREFIX__users`. */
const NAMES_A_BEGINNING = /^__(?:\w+_)?(?:prefix|schema|database|db|tenant|namespace)__$/i;

/** Whether such a name is one that is replaced: in capitals, in front of another name, or where a name of others stands. */
function isReplaced(name: string, before: string, after: string): boolean {
  if (/^[A-Za-z]/.test(after)) return NAMES_A_BEGINNING.test(name);
  return name === name.toUpperCase() || after.startsWith('.') || FOREIGN_NAME_FOLLOWS.test(before);
}
const HAS_UNDERSCORED = /__(?:\.|\b)|\b__[A-Za-z]+__[A-Za-z]|\b__[A-Za-z]+_[A-Za-z_]*__[A-Za-z]/;

/** Strings, quoted names and comments: what looks like a placeholder there is text. */
const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\r\n]*|\/\*[\s\S]*?\*\//.source;

/**
 * Reads a statement in which something is replaced before it is sent: with the values that are known, and with a name in
 * the place of each that is not. All places are those of the statement as it is written.
 *
 * Where nothing says that anything is replaced, this is tried for what the engine refuses and looks like a template.
 */
export function readWithPlaceholders(engine: Engine, statement: StatementText): StatementBody {
  const { text, placeholders } = statement;
  if (placeholders !== undefined) return readReplaced(engine, text, placeholders);
  const body = engine.parse(text);
  if (!body.problems.some((problem) => problem.kind === 'syntax')) {
    // The body of a function is a string to the parser, which is read later.
    const inBody = IN_BODY.test(text) ? lookalikes(engine, text).filter(({ text: each }) => UNLIKE_SQL.test(each)) : [];
    const names = HAS_UNDERSCORED.test(text)
      ? lookalikes(engine, text).filter(({ text: each }) => each.startsWith('__'))
      : [];
    const found = [...inBody, ...names];
    const replaced = found.length === 0 ? body : readReplaced(engine, text, found);
    return replaced.placeholders === undefined ? body : replaced;
  }
  const found = lookalikes(engine, text);
  if (found.length === 0) return body;
  const replaced = readReplaced(engine, text, found);
  // Where it is not read so either, only what surely is a template is told as one.
  return replaced.placeholders !== undefined || found.some(({ client }) => client === undefined) ? replaced : body;
}

function readReplaced(engine: Engine, text: string, placeholders: readonly StatementPlaceholder[]): StatementBody {
  const { sql, at } = replace(text, placeholders, engine.product);
  const body = engine.parse(sql);
  const unknown = placeholders.filter((placeholder) => placeholder.value === undefined);
  const [first] = unknown;
  if (first !== undefined && body.problems.some((problem) => problem.kind === 'syntax')) return notKnown(text, first);
  const read = mapSpans({ operations: body.operations, problems: body.problems }, at);
  return unknown.length === 0 ? read : { ...read, placeholders: unknown };
}

function notKnown(text: string, { span, text: written }: StatementPlaceholder): StatementBody {
  const reason = `what stands for ${written} is not known`;
  return {
    operations: [{ kind: 'opaque', span: { start: 0, end: text.length }, reason }],
    problems: [{ kind: 'not-analysed', message: `Not analysed: ${reason}.`, span }],
  };
}

/** The text to be read, and the way back from its offsets. */
function replace(
  text: string,
  placeholders: readonly StatementPlaceholder[],
  product: Engine['product'],
): { readonly sql: string; readonly at: (offset: number) => number } {
  const quoted = [...text.matchAll(new RegExp(QUOTED, 'g'))].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
  const pieces: { readonly from: number; readonly length: number; readonly span: Span }[] = [];
  let sql = '';
  let end = 0;
  const inOrder = placeholders.toSorted((left, right) => left.span.start - right.span.start);
  for (const placeholder of inOrder) {
    if (placeholder.span.start < end) continue;
    const isQuoted = quoted.some((range) => range.start < placeholder.span.start && range.end >= placeholder.span.end);
    const stand = placeholder.value ?? (isQuoted ? placeholder.text : valueFor(text, placeholder));
    const read =
      stand === undefined
        ? nameAround(text, placeholder, inOrder, end, product.ignoresCase)
        : { text: stand, span: placeholder.span };
    sql += text.slice(end, read.span.start);
    pieces.push({ from: sql.length, length: read.text.length, span: read.span });
    sql += read.text;
    end = read.span.end;
  }
  sql += text.slice(end);
  return {
    sql,
    at: (offset) => {
      const piece = pieces.findLast(({ from }) => from <= offset);
      if (piece === undefined) return offset;
      const behind = offset - piece.from - piece.length;
      if (behind >= 0) return piece.span.end + behind;
      return offset === piece.from ? piece.span.start : piece.span.end;
    },
  };
}

/** What stands before a value. */
const VALUE_FOLLOWS = /(?:[=<>]|\b(?:limit|offset|default|like|ilike|interval))\s*$/i;

/** What is read in the place of a placeholder that stands for a value, or that psql quotes by itself; undefined where it is a name. */
function valueFor(text: string, { span, text: written }: StatementPlaceholder): string | undefined {
  const variable = /^:(['"]\w+['"])$/.exec(written)?.[1];
  if (variable !== undefined) return variable;
  return VALUE_FOLLOWS.test(text.slice(0, span.start)) && !/^(?:[\w$]|\s*[.(])/.test(text.slice(span.end))
    ? `'${written.replaceAll("'", '')}'`
    : undefined;
}

/**
 * The name that a placeholder is or is a part of, as it is written but in quotes, so that it is told as it is written: what
 * stands around it is read as of an unquoted name, from `least` on.
 */
function nameAround(
  text: string,
  { span, text: written }: StatementPlaceholder,
  inOrder: readonly StatementPlaceholder[],
  least: number,
  ignoresCase: boolean,
): { readonly text: string; readonly span: Span } {
  const fold = (part: string): string => (ignoresCase ? part : part.toLowerCase());
  const start = span.start - (/[\w$]*$/.exec(text.slice(least, span.start))?.[0].length ?? 0);
  let name = fold(text.slice(start, span.start)) + written;
  let { end } = span;
  for (;;) {
    const following = inOrder.find((other) => other.span.start >= end);
    const part = /^[\w$]*/.exec(text.slice(end, following?.span.start))?.[0] ?? '';
    name += fold(part);
    end += part.length;
    const next = following?.span.start === end ? following : undefined;
    // A value that is known is in the text without quotes.
    if (next?.value !== undefined || inOrder.some((other) => other.value !== undefined && other.span.end === start))
      return { text: `_${written.replaceAll(/\W/g, '')}_`, span };
    if (next === undefined) return { text: `"${name.replaceAll('"', '')}"`, span: { start, end } };
    name += next.text;
    end = next.span.end;
  }
}

/** What looks like a placeholder outside of strings, quoted names and comments. */
function lookalikes(engine: Engine, text: string): readonly StatementPlaceholder[] {
  const { client } = engine.product;
  const variable = client?.variable;
  const pattern = new RegExp(
    [QUOTED, `(${TEMPLATES}|${UNDERSCORED})`, ...(variable === undefined ? [] : [`(?:${variable.source})`])].join('|'),
    'g',
  );
  return [...text.matchAll(pattern)].flatMap((match): readonly StatementPlaceholder[] => {
    const [written, template] = match;
    const span = { start: match.index, end: match.index + written.length };
    if (template !== undefined)
      return written.startsWith('__') && !isReplaced(written, text.slice(0, span.start), text.slice(span.end))
        ? []
        : [{ span, text: written }];
    return written.startsWith(':') && client !== undefined ? [{ span, text: written, client: client.name }] : [];
  });
}
