const DIGITS = /^\d+$/;

/**
 * Order of two names in which runs of digits count as numbers: `2` before `10`, `V1.9` before `V1.10`.
 *
 * Names that differ only in leading zeros come in the order of their text, so that the order is total.
 */
export function naturalOrder(left: string, right: string): number {
  // Nearly every folder numbers its files to one length.
  if (left.length === right.length && DIGITS.test(left) && DIGITS.test(right))
    return left === right ? 0 : left < right ? -1 : 1;
  const [lefts, rights] = [partsOf(left), partsOf(right)];
  for (let index = 0; index < Math.max(lefts.length, rights.length); index++) {
    const [one, other] = [lefts[index], rights[index]];
    if (one === undefined) return -1;
    if (other === undefined) return 1;
    const difference = compareParts(one, other);
    if (difference !== 0) return difference;
  }
  return left === right ? 0 : left < right ? -1 : 1;
}

function partsOf(text: string): readonly string[] {
  return text.match(/\d+|\D+/g) ?? [];
}

function compareParts(left: string, right: string): number {
  if (/^\d/.test(left) && /^\d/.test(right)) {
    const [one, other] = [left.replace(/^0+(?=\d)/, ''), right.replace(/^0+(?=\d)/, '')];
    // Longer means larger; a number of any length is compared without being made one.
    if (one.length !== other.length) return one.length - other.length;
    return one === other ? 0 : one < other ? -1 : 1;
  }
  return left === right ? 0 : left < right ? -1 : 1;
}
