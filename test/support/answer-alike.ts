/**
 * A source text in which one engine answers as another one does: wherever an object has a member of the known engine's
 * name, it gets one of the new name with the same value.
 */
export function answerAlike(text: string, known: string, added: string): string {
  let result = '';
  let at = 0;
  for (const match of text.matchAll(new RegExp(`\\b${known}:\\s+`, 'g'))) {
    // Within a value that was taken already.
    if (match.index < at) continue;
    const start = match.index + match[0].length;
    const value = text.slice(start, endOfValue(text, start)).trimEnd();
    result += `${text.slice(at, start)}${value}, ${added}: ${value}`;
    at = start + value.length;
  }
  return result + text.slice(at);
}

/** Where the value of a member ends: at the next comma or bracket that is none of its own. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const letter = text[at] ?? '';
    const isPattern = letter === '/' && /[\s(,:]/.test(text[at - 1] ?? '') && !/[\s/*]/.test(text[at + 1] ?? '');
    if (isPattern || /['"`]/.test(letter)) at = endOfQuote(text, at);
    else if ('([{'.includes(letter)) depth++;
    else if (depth === 0 && ')]},'.includes(letter)) return at;
    else if (')]}'.includes(letter)) depth--;
  }
  return text.length;
}

/** The closing quote, or slash, of what opens at a place. */
function endOfQuote(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== text[start]) at += text[at] === '\\' ? 2 : 1;
  return at;
}
