/** What `read` says of the text of a document, which is worked out again only when its text has changed. */
export function keptByPath<Value>(read: (text: string) => Value): (path: string, text: string) => Value {
  const known = new Map<string, { readonly text: string; readonly value: Value }>();
  return (path, text) => {
    const kept = known.get(path);
    if (kept?.text === text) return kept.value;
    const value = read(text);
    known.set(path, { text, value });
    return value;
  };
}
