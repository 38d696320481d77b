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

/** Whether two names may be one thing under another word; of names that say little, so they may. */
export function isAlike(left: string, right: string): boolean {
  const [a, b] = [wordsOf(left), wordsOf(right)];
  const [whole, other] = [a.join(''), b.join('')];
  if (
    whole.includes(other) ||
    other.includes(whole) ||
    distance(whole, other) <= Math.max(whole.length, other.length) / 3
  )
    return true;
  // `name` to `title` may be one thing under a better word: only two telling names are told.
  if (!a.some(isTelling) || !b.some(isTelling)) return true;
  return sharesWord(left, right);
}

/** Whether two names have a word in common that says what they are about. */
export function sharesWord(left: string, right: string): boolean {
  const b = wordsOf(right);
  return wordsOf(left)
    .filter(isTelling)
    .some((word) =>
      b.some(
        (candidate) =>
          candidate === word ||
          (word.length > 3 && (candidate.startsWith(word) || word.startsWith(candidate)) && candidate.length > 3),
      ),
    );
}

function isTelling(word: string): boolean {
  return !GENERIC.has(word);
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
