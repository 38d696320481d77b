import type { Span } from '../../core/span.ts';
import { partners, type MigrationMethod } from '../javascript/migration-method.ts';
import { tokensOf } from '../javascript/tokens.ts';

/** A migration of TypeORM as far as its own text tells. */
export interface MigrationClass {
  /** As the history keeps it; undefined where the class has no name. */
  readonly name: string | undefined;
  /** `transaction = false`. */
  readonly bare: Span | undefined;
  readonly up: MigrationMethod | undefined;
  readonly down: MigrationMethod | undefined;
}

/** The first class of a document that has an `up`. */
export function migrationIn(text: string): MigrationClass {
  const tokens = tokensOf(text);
  const said = (index: number): string => {
    const token = tokens[index];
    return token === undefined ? '' : text.slice(token.start, token.end);
  };
  const ends = partners(text, tokens);
  let name: string | undefined;
  let bare: Span | undefined;
  let up: MigrationMethod | undefined;
  let down: MigrationMethod | undefined;
  let inside = -1;
  for (let index = 0; index < tokens.length; index++) {
    const word = said(index);
    if (word === 'class' && tokens[index + 1]?.kind === 'word') {
      if (up !== undefined) break;
      name = said(index + 1);
      inside = index + 2;
      while (inside < tokens.length && said(inside) !== '{') inside++;
      index = inside;
      continue;
    }
    if (inside < 0) continue;
    // A property: its type may stand between.
    const isAt = (at: number, what: string): boolean =>
      said(at) === what || (said(at) === ':' && said(at + 2) === what);
    const valueAt = said(index + 1) === ':' ? index + 4 : index + 2;
    if (word === 'name' && isAt(index + 1, '=') && tokens[valueAt]?.kind === 'text') name = said(valueAt).slice(1, -1);
    if (word === 'transaction' && isAt(index + 1, '=') && said(valueAt) === 'false')
      bare = { start: tokens[index]?.start ?? 0, end: tokens[valueAt]?.end ?? 0 };
    if ((word === 'up' || word === 'down') && said(index + 1) === '(' && said(index - 1) !== '.') {
      const close = ends.get(index + 1);
      let open = (close ?? index) + 1;
      while (open < tokens.length && !/^[{;,]$/.test(said(open))) open++;
      const end = ends.get(open);
      if (close !== undefined && end !== undefined && said(open) === '{') {
        const method = {
          body: { start: tokens[open]?.end ?? 0, end: tokens[end]?.start ?? 0 },
          tokens: tokens.slice(open + 1, end),
          runner: index + 2 < close ? said(index + 2) : '',
        };
        if (word === 'up') up ??= method;
        else down ??= method;
        index = end;
        continue;
      }
    }
    // What stands in other members is none of the class's own.
    if (said(index) === '{') index = ends.get(index) ?? index;
  }
  return { name, bare, up, down };
}
