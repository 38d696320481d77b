/** FNV-1a, 64 bits. Source: https://datatracker.ietf.org/doc/html/draft-eastlake-fnv, section 5. */
const OFFSET_BASIS = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

/** Key of Lockstep's advisory lock for one history table: a signed 64-bit number that other tools are not likely to use. */
export function migrationLockKey(table: string): bigint {
  let hash = OFFSET_BASIS;
  for (const byte of new TextEncoder().encode(`lockstep migrations ${table}`))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * PRIME);
  return BigInt.asIntN(64, hash);
}
