import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PersistentMap } from '../../server/core/persistent-map.ts';

const change = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key: fc.integer({ min: 0, max: 20 }), value: fc.integer() }),
  fc.record({ kind: fc.constant('delete' as const), key: fc.integer({ min: 0, max: 20 }) }),
);

test('every version of the map equals a plain map after the same changes', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 120 }), (changes) => {
      let map = PersistentMap.empty<number>();
      const plain = new Map<string, number>();
      const versions: {
        readonly map: PersistentMap<number>;
        readonly expected: readonly (readonly [string, number])[];
      }[] = [];
      for (const step of changes) {
        const key = `k${step.key}`;
        if (step.kind === 'set') {
          map = map.set(key, step.value);
          plain.set(key, step.value);
        } else {
          map = map.delete(key);
          plain.delete(key);
        }
        versions.push({ map, expected: [...plain].sort() });
      }
      for (const version of versions) {
        expect([...version.map.entries()].sort()).toEqual(version.expected);
        expect(version.map.size).toBe(version.expected.length);
        for (const [key, value] of version.expected) expect(version.map.get(key)).toBe(value);
      }
    }),
    { numRuns: 200 },
  );
});

test('an entry of the map that was built at once is found, replaced and deleted', () => {
  const map = PersistentMap.from([
    ['a', 1],
    ['b', 2],
  ]);
  expect(map.set('a', 3).get('a')).toBe(3);
  expect(map.get('a')).toBe(1);
  expect(map.delete('a').has('a')).toBe(false);
  expect(map.delete('missing')).toBe(map);
});
