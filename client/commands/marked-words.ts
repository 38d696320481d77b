/** What is said when migrations were marked as applied. */
export function markedWords(count: number): string {
  return `Lockstep: ${count === 1 ? '1 migration counts' : `${count} migrations count`} as applied. Nothing has run.`;
}
