/**
 * Forms whose effects the engine does not give in full, with the reason; the test asserts that they still differ.
 *
 * Everything else is compared exactly.
 */
export const KNOWN_DIFFERENCES: ReadonlyMap<string, string> = new Map<string, string>();
