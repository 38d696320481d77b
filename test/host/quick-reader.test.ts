import { expect, test } from 'vitest';
import { quickReader } from '../../server/host/quick-reader.ts';

/** A reader of a disk that takes so long for each file, and what it did. */
function readerOf(msOf: (file: number) => number) {
  const did = { atOnce: 0, later: 0, turns: 0 };
  let now = 0;
  const read = quickReader({
    atOnce: (file) => {
      did.atOnce++;
      now += msOf(Number(file));
      if (file === 'gone') throw new Error('there is no such file');
      return new Uint8Array([Number(file)]);
    },
    later: (file) => {
      did.later++;
      return Promise.resolve(new Uint8Array([Number(file)]));
    },
    now: () => now,
    turn: () => {
      did.turns++;
      return Promise.resolve();
    },
  });
  const all = async (count: number): Promise<readonly number[]> => {
    const bytes: number[] = [];
    for (let file = 0; file < count; file++) bytes.push((await read(String(file)))[0] ?? -1);
    return bytes;
  };
  return { did, read, all };
}

test('files that are at hand are read at once, and whatever waits has its turn every few milliseconds', async () => {
  const { did, all } = readerOf(() => 0.1);
  expect(await all(200)).toStrictEqual(Array.from({ length: 200 }, (_, file) => file));
  expect(did).toMatchObject({ atOnce: 200, later: 0 });
  // 20 ms of reading, a turn after each 8.
  expect(did.turns).toBe(2);
});

test('a slow disk is waited for three times in five hundred files', async () => {
  const { did, all } = readerOf(() => 20);
  await all(1_006);
  expect(did).toMatchObject({ atOnce: 6, later: 1_000 });
});

test('one slow file among quick ones is no slow disk', async () => {
  const { did, all } = readerOf((file) => (file % 3 === 0 ? 20 : 0.1));
  await all(60);
  expect(did.later).toBe(0);
});

test('a file that is not there is an error, however it was asked for', async () => {
  const { did, read } = readerOf(() => 0.1);
  await expect(read('gone')).rejects.toThrow('there is no such file');
  expect((await read('7'))[0]).toBe(7);
  expect(did.atOnce).toBe(2);
});
