import type { Node } from 'web-tree-sitter';
import { readCSharp } from '../../../server/languages/csharp/csharp-parser.ts';
import { Random } from '../../support/faults/random.ts';

/** A document that was made from another by one kind of change. */
export interface Mutation {
  readonly name: string;
  readonly text: string;
}

interface Token {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** The recorded answers are those to these documents. */
const SEED = 12;

/** What is put between two tokens where it changes nothing. */
const BETWEEN = [' ', '  ', '\n', '\r\n', '\t', ' /* a "comment" { */ ', ' // to the end of the line @"\n', '\n\n  '];

/** What is put where it does not belong. */
const INSERTED = [';', ')', '(', '{', '}', ',', '"', '+', 'x', '.', '= 1', 'new', '[', '@', '/*', '#'];

const CHANGES: Readonly<Record<string, (text: string, tokens: readonly Token[], random: Random) => string>> = {
  // These say the same in another form.
  spaced: (text, tokens, random) => between(text, tokens, (place) => place + picked(random, BETWEEN)),
  'in long lines': (text, tokens) => between(text, tokens, (place) => place.replace(/\s+/g, ' ')),
  'with CRLF': (text) => `\uFEFF${text.replace(/\r?\n/g, '\r\n')}`,
  'other strings': (text, tokens, random) => otherStrings(text, tokens, random),
  // These are being typed.
  'a token less': (text, tokens, random) => {
    const { start, end } = picked(random, tokens);
    return text.slice(0, start) + text.slice(end);
  },
  'a token more': (text, tokens, random) => {
    const { start } = picked(random, tokens);
    return `${text.slice(0, start)}${picked(random, INSERTED)} ${text.slice(start)}`;
  },
  'a token twice': (text, tokens, random) => {
    const { start, end } = picked(random, tokens);
    return `${text.slice(0, end)} ${text.slice(start, end)}${text.slice(end)}`;
  },
  'a part less': (text, tokens, random) => {
    const at = random.below(tokens.length - 4);
    return text.slice(0, tokens[at]?.start) + text.slice(tokens[at + 1 + random.below(3)]?.start);
  },
  'a letter less': (text, _tokens, random) => {
    const at = random.below(text.length);
    return text.slice(0, at) + text.slice(at + 1);
  },
  'cut off': (text, tokens, random) => text.slice(0, picked(random, tokens).end),
};

/** `count` documents of each kind of change, the same each time. */
export function mutationsOf(name: string, text: string, count: number): readonly Mutation[] {
  const tokens = readCSharp(text, tokensOf);
  return Object.entries(CHANGES).flatMap(([kind, change]) =>
    Array.from({ length: count }, (_, index) => {
      const title = `${name}, ${kind} ${index + 1}`;
      return { name: title, text: change(text, tokens, new Random(title, SEED)) };
    }),
  );
}

const WHOLE =
  /^(?:string_literal|verbatim_string_literal|raw_string_literal|interpolated_string_expression|character_literal|preproc_.*|comment)$/;

function tokensOf(root: Node): readonly Token[] {
  const tokens: Token[] = [];
  const walk = (node: Node): void => {
    if (node.childCount === 0 || WHOLE.test(node.type)) {
      if (node.endIndex > node.startIndex) tokens.push({ type: node.type, start: node.startIndex, end: node.endIndex });
      return;
    }
    for (const child of node.children) walk(child);
  };
  walk(root);
  return tokens;
}

/** Rewrites what stands between tokens; what the preprocessor reads, and a comment to its line's end, stays as it is. */
function between(text: string, tokens: readonly Token[], change: (place: string) => string): string {
  let written = text.slice(0, tokens[0]?.start);
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    written += text.slice(token.start, token.end);
    if (next === undefined) break;
    const place = text.slice(token.end, next.start);
    const isBound = [token, next].some(({ type }) => /^preproc|^comment$|^#/.test(type)) || place === '';
    written += isBound ? place : change(place);
  }
  return written + text.slice(tokens.at(-1)?.end);
}

/** Each simple string in another form that says the same. */
function otherStrings(text: string, tokens: readonly Token[], random: Random): string {
  let written = '';
  let at = 0;
  for (const { type, start, end } of tokens) {
    if (type !== 'string_literal') continue;
    const inside = text.slice(start + 1, end - 1);
    if (/[\\{}]/.test(inside) || !text.slice(start, end).endsWith('"') || inside === '') continue;
    const half = Math.floor(inside.length / 2);
    const form = picked(random, [
      `@"${inside}"`,
      `"""${inside}"""`,
      `$"${inside}"`,
      `$@"${inside}"`,
      `@$"${inside}"`,
      `$"""${inside}"""`,
      `$$"""${inside}"""`,
      `"""\n  ${inside}\n  """`,
      `$"""\n    ${inside}\n    """`,
      `("${inside.slice(0, half)}" + @"${inside.slice(half)}")`,
      `"${[...inside].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`,
    ]);
    written += text.slice(at, start) + form;
    at = end;
  }
  return written + text.slice(at);
}

function picked<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[random.below(items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}
