import { expect, test } from 'vitest';
import { aboutWords, bytesWords, durationWords, rowsWords } from '../../server/core/amount-words.ts';

test.each([
  [0, '0 bytes'],
  [1023, '1023 bytes'],
  [1536, '1.5 kB'],
  [8192, '8 kB'],
  [10 * 1024 * 1024, '10 MB'],
  [12.4 * 1024 ** 3, '12 GB'],
  [5 * 1024 ** 5, '5 PB'],
  [5000 * 1024 ** 5, '5,000 PB'],
])('%d bytes are %s', (bytes, words) => {
  expect(bytesWords(bytes)).toBe(words);
});

test.each([
  [0, 'no rows'],
  [1, '1 row'],
  [3200, '3,200 rows'],
  [48_123, '48 thousand rows'],
  [999_600, '1 million rows'],
  [48_123_456, '48 million rows'],
  [1_500_000, '1.5 million rows'],
  [2_000_000_000, '2 billion rows'],
])('%d is %s', (rows, words) => {
  expect(rowsWords(rows)).toBe(words);
});

test.each([
  [0.2, 'under a second', 'under a second'],
  [40.4, '40 s', 'about 40 s'],
  [130, '2 min', 'about 2 min'],
  [10_800, '3 h', 'about 3 h'],
  [400_000, '5 days', 'about 5 days'],
])('%d s is %s', (seconds, words, about) => {
  expect(durationWords(seconds)).toBe(words);
  expect(aboutWords(seconds)).toBe(about);
});
