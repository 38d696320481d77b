import { type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { badByteIn } from '../core/bad-bytes.ts';

/** Where a configuration is no text of its kind, and how. */
export interface ConfigurationFault {
  /** In the text, where it was noticed. */
  readonly offset: number;
  /** What is wrong there, as the end of "the text": `ends in the middle of a value`. */
  readonly what: string;
}

/** Characters that no configuration holds: what a file of another kind, or a damaged one, begins with. */
const NO_TEXT = /[\u0000-\u0008\u000e-\u001f]/;

/**
 * What is wrong with the text of a tool's configuration: it holds bytes that no text has, or is no JSON or TOML where its
 * name says that it is. Undefined where nothing is known to be: a program is not judged.
 */
export function configurationFault(name: string, text: string): ConfigurationFault | undefined {
  const bad = badByteIn(text) ?? NO_TEXT.exec(text)?.index;
  if (bad !== undefined) return { offset: bad, what: 'holds a byte that no text has' };
  if (/\.jsonc?$|^\.gmrc$/.test(name)) return faultOfJson(text);
  return name.endsWith('.toml') ? faultOfToml(text) : undefined;
}

/** Comments and commas at the end are taken by the tools that are asked about. */
function faultOfJson(text: string): ConfigurationFault | undefined {
  const errors: ParseError[] = [];
  parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  return first === undefined
    ? undefined
    : { offset: first.offset, what: `is no valid JSON (${printParseErrorCode(first.error)})` };
}

const HEADER = /\[\[?[^\n\]]+\]\]?[ \t]*(?:#[^\n]*)?(?=\r?\n|$)/y;
const KEY =
  /(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s=[\]#"'.,{}]+)(?:[ \t]*\.[ \t]*(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s=[\]#"'.,{}]+))*[ \t]*=/y;
const BLANK = /(?:\s+|#[^\n]*)+/y;
const STRING = /"""[^]*?(?<!\\)"""|'''[^]*?'''|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'/y;
const PLAIN = /[^\s"'#[\]{}]+|[ \t]+/y;

/** Source: https://toml.io/en/v1.0.0. Values are taken as they are; what has no place, or no end, is told. */
function faultOfToml(text: string): ConfigurationFault | undefined {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return false;
    at += found[0].length;
    return true;
  };
  for (;;) {
    take(BLANK);
    if (at >= text.length) return undefined;
    if (take(HEADER)) continue;
    const start = at;
    if (!take(KEY)) return { offset: start, what: 'is no valid TOML: no setting and no table begins so' };
    const value = at;
    const end = endOfValue();
    if (end !== undefined) return end;
    if (text.slice(value, at).trim() === '') return { offset: start, what: 'is no valid TOML: a setting has no value' };
  }

  /** Goes to the end of a value: of its line, or of the brackets that it opens. */
  function endOfValue(): ConfigurationFault | undefined {
    const start = at;
    let depth = 0;
    while (at < text.length) {
      const letter = text[at];
      if (depth === 0 && (letter === '\n' || letter === '\r' || letter === '#')) return undefined;
      if (letter === '[' || letter === '{') depth++;
      else if (letter === ']' || letter === '}') depth--;
      else if (letter === '"' || letter === "'") {
        if (take(STRING)) continue;
        return { offset: at, what: 'is no valid TOML: a text has no end' };
      } else if (take(PLAIN) || (depth > 0 && take(BLANK))) continue;
      if (depth < 0) return { offset: at, what: 'is no valid TOML: a bracket closes nothing' };
      at++;
    }
    return depth === 0 ? undefined : { offset: start, what: 'is no valid TOML: a bracket has no end' };
  }
}
