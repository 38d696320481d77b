/** What was read, with no place behind `end`, where the text ends and what is open in it was closed to be read. */
export function withinText<Part>(part: Part, end: number): Part {
  if (Array.isArray(part)) {
    // Every element stays what it is.
    return part.map((item: unknown) => withinText(item, end)) as Part;
  }
  if (typeof part !== 'object' || part === null) return part;
  const entries = Object.entries(part).map(([key, value]: [string, unknown]) => [
    key,
    /^(?:start|end)$/.test(key) && typeof value === 'number' ? Math.min(value, end) : withinText(value, end),
  ]);
  // The same members, some numbers of which are smaller.
  return Object.fromEntries(entries) as Part;
}
