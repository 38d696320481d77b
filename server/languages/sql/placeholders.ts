import { mapSpans } from '../../core/map-spans.ts';
import type { Span } from '../../core/span.ts';
import type { Engine, StatementBody, StatementPlaceholder, StatementText } from '../../engines/engine.ts';

/** How templates write what they replace: `${x}`, `{{ .x }}`, `<%= x %>`, `$(x)`, `%x%`. */
const TEMPLATES = /\$\{[^{}\s'"]+\}|\{\{[^{}]*\}\}|<%=?[^%]*%>|\$\([A-Za-z_]\w*\)|%[A-Za-z_]\w*%/.source;

/** Those of them that no SQL can be. */
const UNLIKE_SQL = /^(?:\$\{|\{\{)/;
const IN_BODY = /\$(?:[A-Za-z_]\w*)?\$[\s\S]*(?:\$\{|\{\{)/;

/** `__SCHEMA__`, and `__schema__.` before a name: a name to the database, but none that anybody gives. */
const UNDERSCORED = /(?<![\w$])(?:__[A-Z][A-Z0-9_]*__(?![\w$])|__[A-Za-z]\w*__(?=\.))/.source;
const HAS_UNDERSCORED = /__(?:\.|\b)/;

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
  const { sql, at } = replace(text, placeholders);
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
): { readonly sql: string; readonly at: (offset: number) => number } {
  const quoted = [...text.matchAll(new RegExp(QUOTED, 'g'))].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
  const pieces: { readonly from: number; readonly length: number; readonly span: Span }[] = [];
  let sql = '';
  let end = 0;
  for (const placeholder of placeholders.toSorted((left, right) => left.span.start - right.span.start)) {
    const { span } = placeholder;
    if (span.start < end) continue;
    const isQuoted = quoted.some((range) => range.start < span.start && range.end >= span.end);
    const stand = placeholder.value ?? (isQuoted ? placeholder.text : nameFor(text, placeholder));
    sql += text.slice(end, span.start);
    pieces.push({ from: sql.length, length: stand.length, span });
    sql += stand;
    end = span.end;
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

/** What is read in a placeholder's place, a value or a name: itself in quotes, so that it is told as it is written. */
function nameFor(text: string, { span, text: written }: StatementPlaceholder): string {
  const variable = /^:(['"]\w+['"])$/.exec(written)?.[1];
  if (variable !== undefined) return variable;
  const [before, after] = [text.slice(0, span.start), text.slice(span.end)];
  if (VALUE_FOLLOWS.test(before) && !/^(?:[\w$]|\s*[.(])/.test(after)) return `'${written.replaceAll("'", '')}'`;
  const isPart = /[\w$]$/.test(before) || /^[\w$]/.test(after);
  return isPart ? `_${written.replaceAll(/\W/g, '')}_` : `"${written.replaceAll('"', '')}"`;
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
    if (template !== undefined) return [{ span, text: written }];
    return written.startsWith(':') && client !== undefined ? [{ span, text: written, client: client.name }] : [];
  });
}
