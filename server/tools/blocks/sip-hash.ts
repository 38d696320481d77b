const MASK = (1n << 64n) - 1n;

/**
 * SipHash of bytes with a key of zeros; `rounds` are those for each block and at the end: 1 and 3, or 2 and 4.
 *
 * Source: J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF", section 2.
 */
export function sipHash(
  bytes: Uint8Array,
  rounds: readonly [perBlock: number, atEnd: number],
  key: readonly [bigint, bigint] = [0n, 0n],
): bigint {
  const state = [
    key[0] ^ 0x736f6d6570736575n,
    key[1] ^ 0x646f72616e646f6dn,
    key[0] ^ 0x6c7967656e657261n,
    key[1] ^ 0x7465646279746573n,
  ] as [bigint, bigint, bigint, bigint];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks = Math.floor(bytes.length / 8);
  const absorb = (block: bigint): void => {
    state[3] ^= block;
    for (let round = 0; round < rounds[0]; round++) mix(state);
    state[0] ^= block;
  };
  for (let index = 0; index < blocks; index++) absorb(view.getBigUint64(index * 8, true));
  let last = BigInt(bytes.length & 0xff) << 56n;
  for (let index = blocks * 8; index < bytes.length; index++)
    last |= BigInt(bytes[index] ?? 0) << BigInt(8 * (index - blocks * 8));
  absorb(last);
  state[2] ^= 0xffn;
  for (let round = 0; round < rounds[1]; round++) mix(state);
  return state[0] ^ state[1] ^ state[2] ^ state[3];
}

function rotate(value: bigint, by: bigint): bigint {
  return ((value << by) | (value >> (64n - by))) & MASK;
}

function mix(state: [bigint, bigint, bigint, bigint]): void {
  let [a, b, c, d] = state;
  a = (a + b) & MASK;
  b = rotate(b, 13n) ^ a;
  a = rotate(a, 32n);
  c = (c + d) & MASK;
  d = rotate(d, 16n) ^ c;
  a = (a + d) & MASK;
  d = rotate(d, 21n) ^ a;
  c = (c + b) & MASK;
  b = rotate(b, 17n) ^ c;
  c = rotate(c, 32n);
  state.splice(0, 4, a, b, c, d);
}
