/** Names that are shown in a question, at the most. */
const MOST_NAMES = 12;

/** Names for a sentence: of many the first, and how many more there are. */
export function nameList(all: readonly string[]): string {
  return `${all.slice(0, MOST_NAMES).join(', ')}${all.length > MOST_NAMES ? ` and ${all.length - MOST_NAMES} more` : ''}`;
}

/** What is said when migrations were marked as applied. */
export function markedWords(count: number): string {
  return `Lockstep: ${count === 1 ? '1 migration counts' : `${count} migrations count`} as applied. Nothing has run.`;
}
