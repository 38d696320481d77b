/**
 * Whether two values of plain data are equal in everything that they hold; quick where they share their parts.
 *
 * Instances of classes are equal only where they are one.
 */
export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    for (let index = 0; index < left.length; index++) if (!sameValue(left[index], right[index])) return false;
    return true;
  }
  if (Object.getPrototypeOf(left) !== Object.prototype || Object.getPrototypeOf(right) !== Object.prototype)
    return false;
  let more = 0;
  for (const key in left) {
    if (!Object.hasOwn(right, key) || !sameValue(left[key as never], right[key as never])) return false;
    more++;
  }
  for (const _ in right) more--;
  return more === 0;
}
