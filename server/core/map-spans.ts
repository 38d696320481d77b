/** The same value with every span in it moved; a span is an object of exactly `start` and `end`. */
export function mapSpans<Value>(value: Value, at: (offset: number) => number): Value {
  // The copy has the same keys and, but for the numbers in spans, the same values.
  return copyWith(value, at) as Value;
}

function copyWith(value: unknown, at: (offset: number) => number): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => copyWith(item, at));
  const entries = Object.entries(value);
  const [first, second] = entries;
  if (
    entries.length === 2 &&
    first?.[0] === 'start' &&
    second?.[0] === 'end' &&
    typeof first[1] === 'number' &&
    typeof second[1] === 'number'
  ) {
    const start = at(first[1]);
    return { start, end: Math.max(start, at(second[1])) };
  }
  return Object.fromEntries(entries.map(([key, inner]) => [key, copyWith(inner, at)]));
}
