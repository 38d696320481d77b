import type { Span } from '../../core/span.ts';
import { partners, type MigrationMethod } from './migration-method.ts';
import { tokensOf, type Token } from './tokens.ts';

/** A migration that is a module: what it exports. */
export interface ExportedHalves {
  readonly up: MigrationMethod | undefined;
  readonly down: MigrationMethod | undefined;
  /** `config = { transaction: false }`, or what a property of the export says as much by. */
  readonly bare: Span | undefined;
}

/**
 * The functions `up` and `down` of a module, in every form that exports one: `exports.up = ...`,
 * `export async function up(...)`, `export const up = ...`, a function of its name, and a property of `module.exports`.
 */
export function exportedHalves(text: string): ExportedHalves {
  const tokens = tokensOf(text);
  const ends = partners(text, tokens);
  const said = (index: number): string => {
    const token = tokens[index];
    return token === undefined ? '' : text.slice(token.start, token.end);
  };
  const halves: { up?: MigrationMethod; down?: MigrationMethod } = {};
  let bare: Span | undefined;
  for (let index = 0; index < tokens.length; index++) {
    const word = said(index);
    if (word === 'config' && /^[=:]$/.test(said(index + 1)) && said(index + 2) === '{') {
      const close = ends.get(index + 2) ?? index + 2;
      for (let at = index + 3; at < close; at++)
        if (said(at) === 'transaction' && said(at + 1) === ':' && said(at + 2) === 'false')
          bare = { start: tokens[at]?.start ?? 0, end: tokens[at + 2]?.end ?? 0 };
      index = close;
      continue;
    }
    if ((word !== 'up' && word !== 'down') || halves[word] !== undefined) continue;
    const found = functionAt(index);
    if (found === undefined) continue;
    halves[word] = found.method;
    index = found.last;
  }
  return { up: halves.up, down: halves.down, bare };

  /** The function that a name is given at its place; undefined where it is only mentioned. */
  function functionAt(name: number): { readonly method: MigrationMethod; readonly last: number } | undefined {
    let at = name + 1;
    if (/^[=:]$/.test(said(at))) {
      at++;
      if (said(at) === 'async') at++;
      if (said(at) === 'function') {
        at++;
        if (tokens[at]?.kind === 'word') at++;
      } else if (tokens[at]?.kind === 'word' && said(at + 1) === '=' && said(at + 2) === '>')
        return bodyAt(at + 1, said(at));
    } else if (said(name - 1) === '.') return undefined;
    const close = said(at) === '(' ? ends.get(at) : undefined;
    if (close === undefined) return undefined;
    const first = at + 1 < close ? said(at + 1) : '';
    // The one parameter, or what is taken out of it by its name: `{ context: queryInterface }`.
    const runner = first === '{' && said(at + 2) === 'context' && said(at + 3) === ':' ? said(at + 4) : first;
    return bodyAt(close + 1, runner === '{' ? said(at + 2) : runner);
  }

  /** What stands behind the parameters: a type, an arrow, and braces or one expression. */
  function bodyAt(
    start: number,
    runner: string,
  ): { readonly method: MigrationMethod; readonly last: number } | undefined {
    // Behind a call of that name stands none of these.
    if (!/^[{:=]$/.test(said(start))) return undefined;
    let at = start;
    while (at < tokens.length && said(at) !== '{' && !(said(at) === '=' && said(at + 1) === '>')) {
      if (said(at) === ';') return undefined;
      at++;
    }
    if (said(at) === '=') at += 2;
    const end = said(at) === '{' ? ends.get(at) : undefined;
    if (end !== undefined)
      return {
        method: methodOf(tokens.slice(at + 1, end), tokens[at]?.end ?? 0, tokens[end]?.start ?? 0, runner),
        last: end,
      };
    let last = at;
    while (last < tokens.length && !/^[;,]$/.test(said(last)) && !/^[)\]}]$/.test(said(last)))
      last = (ends.get(last) ?? last) + 1;
    const inside = tokens.slice(at, last);
    if (inside.length === 0) return undefined;
    return { method: methodOf(inside, inside[0]?.start ?? 0, inside.at(-1)?.end ?? 0, runner), last };
  }
}

function methodOf(tokens: readonly Token[], start: number, end: number, runner: string): MigrationMethod {
  return { body: { start, end }, tokens, runner };
}
