import { BoundArguments } from '../parameters.ts';
import { textOf } from '../sqlite-rebuild-plan.ts';
import type { Remark } from '../../language.ts';
import { callsIn, type Check } from './check.ts';

/** Words that say nothing of what a column is about. */
const GENERIC = new Set([
  'id',
  'name',
  'date',
  'time',
  'at',
  'on',
  'is',
  'has',
  'the',
  'of',
  'type',
  'value',
  'key',
  'count',
]);

/**
 * A rename between two names that have nothing in common: the differ takes any dropped and added column of the same shape
 * for one.
 *
 * Source: dotnet/efcore, MigrationsModelDiffer.Diff of columns.
 */
export const guessedRename: Check = ({ migration }) =>
  callsIn(migration.up).flatMap((call): readonly Remark[] => {
    if (call.method !== 'RenameColumn') return [];
    const bound = new BoundArguments(call);
    const [from, to] = [textOf(bound.get('name')), textOf(bound.get('newName'))];
    const place = bound.get('newName')?.span;
    if (from === undefined || to === undefined || place === undefined || isAlike(from, to)) return [];
    return [
      {
        code: 'guessed-rename',
        span: place,
        from: call.span,
        message: `"${from}" and "${to}" have no word in common: EF Core takes a column that went and one of the same shape that came for a rename, and every value of "${from}" is then a "${to}". If they are two things, write AddColumn, and DropColumn later.`,
      },
    ];
  });

function isAlike(left: string, right: string): boolean {
  const [a, b] = [wordsOf(left), wordsOf(right)];
  const [whole, other] = [a.join(''), b.join('')];
  if (
    whole.includes(other) ||
    other.includes(whole) ||
    distance(whole, other) <= Math.max(whole.length, other.length) / 3
  )
    return true;
  const telling = a.filter((word) => !GENERIC.has(word));
  // `name` to `title` may be one thing under a better word: only two telling names are told.
  if (telling.length === 0 || b.every((word) => GENERIC.has(word))) return true;
  return telling.some((word) =>
    b.some(
      (candidate) =>
        candidate === word ||
        (word.length > 3 && (candidate.startsWith(word) || word.startsWith(candidate)) && candidate.length > 3),
    ),
  );
}

/** `createdAt`, `CreatedAt` and `created_at` as two words. */
function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}

/** How many letters differ. Source: Levenshtein's distance. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...left].entries()) {
    const next = [index + 1];
    for (let place = 1; place <= right.length; place++)
      next.push(
        Math.min(
          (row[place] ?? 0) + 1,
          (next[place - 1] ?? 0) + 1,
          (row[place - 1] ?? 0) + (right[place - 1] === letter ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[right.length] ?? 0;
}
