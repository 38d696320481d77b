/** Strings, quoted names, comments, words and single characters. */
const TOKEN =
  /'(?:[^']|'')*'|"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|\[([^\]]*)\]|--[^\n]*|\/\*[^]*?\*\/|[\w$\u0080-\uffff]+|\S/g;

/**
 * Whether two statements or expressions are the same but for white space, comments, the case of words, quotes of names, the
 * schema `main` and IF NOT EXISTS.
 */
export function isSameText(one: string, other: string): boolean {
  return one === other || plain(one) === plain(other);
}

function plain(text: string): string {
  return [...text.matchAll(TOKEN)]
    .flatMap(([token, double, back, bracketed]) => {
      if (token.startsWith('--') || token.startsWith('/*')) return [];
      if (token.startsWith("'")) return [token];
      return [(double ?? back ?? bracketed ?? token).toLowerCase()];
    })
    .join(' ')
    .replace(/^(create (?:temp |temporary )?(?:trigger|view)) if not exists /, '$1 ')
    .replaceAll('main . ', '')
    .replace(/ ;$/, '');
}
