import type { Placeholder } from '../../model/migration.ts';

/** Every match of a pattern whose first group is a name, with the value that a tool gives it. */
export function placeholdersIn(
  text: string,
  pattern: RegExp,
  values: ReadonlyMap<string, string>,
): readonly Placeholder[] {
  return [...text.matchAll(pattern)].map((match): Placeholder => {
    const name = match[1] ?? '';
    const value = values.get(name.toLowerCase());
    return {
      name,
      span: { start: match.index, end: match.index + match[0].length },
      ...(value === undefined ? {} : { value }),
    };
  });
}
