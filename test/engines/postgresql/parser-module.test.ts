import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { STACK_BYTES, loadParserModule } from '../../../server/engines/postgresql/parser-module.ts';

const wasm = readFileSync(createRequire(import.meta.url).resolve('libpg-query/wasm/libpg-query.wasm'));

/** Ends of the kilobytes of a memory in which a byte is not zero. */
function written(memory: Uint8Array, kilobyte = 1024): readonly number[] {
  const bytes = Buffer.from(memory.buffer, memory.byteOffset, memory.length);
  const zeros = Buffer.alloc(kilobyte);
  const ends: number[] = [];
  for (let start = 0; start < bytes.length; start += kilobyte) {
    const end = Math.min(start + kilobyte, bytes.length);
    if (bytes.compare(zeros, 0, end - start, start, end) !== 0) ends.push(end);
  }
  return ends;
}

test('the room of the stack is untouched after loading, and data lies close below it', async () => {
  const { module, stackStart } = await loadParserModule(wasm);
  const bottom = stackStart - STACK_BYTES;
  const used = written(module.HEAPU8.subarray(0, stackStart));
  const inside = used.filter((end) => end > bottom && end <= stackStart - 64 * 1024);
  expect(inside).toEqual([]);
  // With a larger stack than the package has, data would be taken for stack: then this is far from the last of it.
  const data = used.filter((end) => end <= bottom + 1024).at(-1) ?? 0;
  expect(bottom - data).toBeLessThan(16 * 1024);
});

test('a reset puts every byte of the memory back that loading had written', async () => {
  const { module, reset } = await loadParserModule(wasm);
  const free = module._malloc(16);
  module._free(free);
  const before = module.HEAPU8.slice(0, free);
  module.HEAPU8.fill(0xaa, 0, free);
  reset();
  expect(Buffer.compare(module.HEAPU8.subarray(0, free), before)).toBe(0);
});
