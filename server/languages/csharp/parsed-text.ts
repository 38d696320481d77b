/** A letter that the grammar takes for content of a string wherever it stands there. */
const PLAIN = '_';

/**
 * The text as the grammar reads it right, letter for letter at the same places: it takes `"""` at either end of `$@"..."` for
 * a quote of its own, and does not find a hole behind more braces than a raw string's hole begins with.
 *
 * Source: tree-sitter-c-sharp 0.23.5; what C# says is in its specification, "Lexical structure".
 */
export function parsedText(text: string): string {
  if (!/\$@"|@\$"|\$\$"""/.test(text)) return text;
  const { plain } = readStrings(text);
  if (plain.size === 0) return text;
  let parsed = '';
  let at = 0;
  for (const place of [...plain].sort((left, right) => left - right)) {
    parsed += text.slice(at, place) + PLAIN;
    at = place + 1;
  }
  return parsed + text.slice(at);
}

/** What would close the strings, brackets and braces that are open at the end of a text, such as one that is being typed. */
export function closingText(text: string): string {
  const { open } = readStrings(text);
  const closers = open.reverse().join('');
  const isStatement = /[^\s;{}]\s*$/.test(text) || /^["')\]]/.test(closers);
  return isStatement ? closers.replace('}', ';}') : closers;
}

/** What reading the strings of a text has found. */
interface Read {
  /** Offsets of letters that are content of a string and nothing else. */
  readonly plain: Set<number>;
  /** What ends each bracket, brace and string that is open, the innermost last. */
  readonly open: string[];
}

function readStrings(text: string): Read {
  const read: Read = { plain: new Set(), open: [] };
  readCode(text, 0, read, false);
  return read;
}

const CLOSERS: Readonly<Record<string, string>> = { '{': '}', '(': ')', '[': ']' };

/** Reads code from `start`, in a hole up to the brace that ends it; the offset behind it. */
function readCode(text: string, start: number, read: Read, isHole: boolean): number {
  const token = /\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|'(?:\\.|[^'\\\n])*'?|[$@]*"+|[{}()[\]]/g;
  let depth = 0;
  let at = start;
  while (at < text.length) {
    token.lastIndex = at;
    const match = token.exec(text);
    if (match === null) return text.length;
    const [found] = match;
    at = match.index;
    if (/^[$@]*"/.test(found)) {
      at = readString(text, at, found, read);
      continue;
    }
    const closer = CLOSERS[found];
    if (closer !== undefined) {
      depth += 1;
      read.open.push(closer);
    } else if (/^[})\]]$/.test(found)) {
      if (isHole && found === '}' && depth === 0) return at;
      depth -= 1;
      // A brace closes what is open within it, too; a bracket that closes nothing is left where it is.
      const opened = found === '}' ? read.open.lastIndexOf(found) : read.open.length - 1;
      if (opened >= 0 && read.open[opened] === found) read.open.length = opened;
    }
    at += found.length;
  }
  return at;
}

/** Reads a string that begins with marks and quotes; the offset behind it. */
function readString(text: string, start: number, opening: string, read: Read): number {
  const marks = /^[$@]*/.exec(opening)?.[0] ?? '';
  const quotes = opening.length - marks.length;
  const dollars = marks.replaceAll('@', '').length;
  const body = start + marks.length;
  const isRaw = !marks.includes('@') && quotes >= 3;
  const before = read.open.length;
  read.open.push(isRaw ? '"'.repeat(quotes) : '"');
  const end = isRaw
    ? readRaw(text, body + quotes, quotes, dollars, read)
    : marks.includes('@')
      ? readVerbatim(text, body + 1, dollars, read)
      : readRegular(text, body + 1, dollars, read);
  if (end === undefined) return text.length;
  read.open.length = before;
  return end;
}

/** The offset behind the string; undefined where it goes on to the end of the text. */
function readRegular(text: string, start: number, dollars: number, read: Read): number | undefined {
  let at = start;
  while (at < text.length) {
    const letter = text[at];
    if (letter === '\n') return at;
    if (letter === '"') return at + 1;
    if (letter === '\\') at += 2;
    else if (dollars > 0 && letter === '{') at = readHole(text, at, 1, read);
    else at += 1;
  }
  return undefined;
}

function readVerbatim(text: string, start: number, dollars: number, read: Read): number | undefined {
  let at = start;
  while (at < text.length) {
    if (text.startsWith('""', at)) {
      if (dollars > 0) read.plain.add(at).add(at + 1);
      at += 2;
    } else if (text[at] === '"') return at + 1;
    else if (dollars > 0 && text[at] === '{') at = readHole(text, at, 1, read);
    else at += 1;
  }
  return undefined;
}

function readRaw(text: string, start: number, quotes: number, dollars: number, read: Read): number | undefined {
  let at = start;
  while (at < text.length) {
    if (text[at] === '"') {
      const run = runOf(text, at, '"');
      if (run >= quotes) return at + run;
      at += run;
    } else if (dollars > 0 && text[at] === '{') at = readHole(text, at, dollars, read);
    else at += 1;
  }
  return undefined;
}

/** Reads the braces at an offset, and the hole that they open; the offset behind both. */
function readHole(text: string, start: number, dollars: number, read: Read): number {
  const braces = runOf(text, start, '{');
  // Two braces of a string with one dollar are one brace; fewer than the dollars are as many.
  if (braces < dollars || (dollars === 1 && braces % 2 === 0)) return start + braces;
  if (dollars > 1) for (let extra = start; extra < start + braces - dollars; extra += 1) read.plain.add(extra);
  const before = read.open.length;
  read.open.push('}'.repeat(dollars));
  const end = readCode(text, start + braces, read, true);
  if (end >= text.length) return end;
  read.open.length = before;
  const closing = runOf(text, end, '}');
  if (dollars === 1) return end + 1;
  for (let extra = end + dollars; extra < end + closing; extra += 1) read.plain.add(extra);
  return end + closing;
}

function runOf(text: string, start: number, letter: string): number {
  let end = start;
  while (text[end] === letter) end += 1;
  return end - start;
}
