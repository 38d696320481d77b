/** PostgreSQL cuts names to this many bytes. Source: PostgreSQL manual, "Identifiers and Key Words", NAMEDATALEN - 1. */
const MOST_NAME_BYTES = 63;

const encoder = new TextEncoder();

/** `parts` joined by `_`, its first parts shortened so that the whole fits into PostgreSQL's 63 bytes with `suffix` whole. */
export function limitedName(parts: readonly string[], suffix: string): string {
  let stem = parts.join('_');
  while (encoder.encode(`${stem}_${suffix}`).length > MOST_NAME_BYTES) stem = [...stem].slice(0, -1).join('');
  return `${stem}_${suffix}`;
}

/** A name that none of `taken` has: the wanted one, or it with a number behind it. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  for (let number = 1; ; number++) {
    const candidate = limitedName([wanted], String(number));
    if (!taken.has(candidate)) return candidate;
  }
}

/** Lower-case words joined by `_`, for file names; letters that file systems may spell in two ways are left out. */
export function slugOf(...words: readonly string[]): string {
  const slug = words
    .join('_')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  return slug === '' ? 'change' : slug;
}

/** Id of a change: `users-status`. */
export function changeIdOf(...words: readonly string[]): string {
  return slugOf(...words).replaceAll('_', '-');
}
