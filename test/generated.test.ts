import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { generatedFiles } from './support/generated.ts';

const root = path.resolve(import.meta.dirname, '..');

test.each(await generatedFiles())('$path is what the code generates', ({ path: file, text }) => {
  const absolute = path.join(root, file);
  if (process.env['LOCKSTEP_WRITE'] === '1') writeFileSync(absolute, text);
  expect(readFileSync(absolute, 'utf8')).toBe(text);
});
