import { expect, test } from 'vitest';
import { UnwrittenError, writeChanges } from '../../server/application/write-changes.ts';
import type { WritableFileSystem } from '../../server/core/ports.ts';

/** Files in memory that refuse what `refuses` says, as a disk that is full or takes no more writes. */
function disk(
  texts: Map<string, string>,
  refuses: (work: 'create' | 'replace' | 'remove', path: string) => boolean,
): WritableFileSystem {
  const change = (work: 'create' | 'replace' | 'remove', path: string, text?: string): Promise<void> => {
    if (refuses(work, path)) return Promise.reject(Object.assign(new Error('EROFS'), { code: 'EROFS', path }));
    if (text === undefined) texts.delete(path);
    else texts.set(path, text);
    return Promise.resolve();
  };
  return {
    readText: (path) => Promise.resolve(texts.get(path) ?? ''),
    readDirectory: () => Promise.resolve([]),
    exists: (path) => Promise.resolve(texts.has(path)),
    create: (path, text) => change('create', path, text),
    replace: (path, text) => change('replace', path, text),
    remove: (path) => change('remove', path),
    removeEmptyFolder: () => Promise.resolve(),
  };
}

const CHANGES = [
  { path: 'a.sql', action: 'edit', text: 'new' },
  { path: 'b.sql', action: 'create', text: 'b' },
  { path: 'c.sql', action: 'delete', text: '' },
] as const;

test('what the disk refuses in the middle is taken back, and the message says that nothing has changed', async () => {
  const texts = new Map([
    ['/p/a.sql', 'old'],
    ['/p/c.sql', 'c'],
  ]);
  const before = new Map(texts);
  const writing = writeChanges(
    disk(texts, (work) => work === 'remove' && texts.get('/p/a.sql') === 'new'),
    '/p',
    CHANGES,
  );
  await expect(writing).rejects.toThrow(UnwrittenError);
  await expect(writing).rejects.toThrow('everything is as it was');
  expect(texts).toEqual(before);
});

test('what could not be taken back either is named', async () => {
  const texts = new Map([
    ['/p/a.sql', 'old'],
    ['/p/c.sql', 'c'],
  ]);
  const writing = writeChanges(
    disk(texts, (work) => work === 'remove'),
    '/p',
    CHANGES,
  );
  await expect(writing).rejects.toThrow('the files could not be written, and b.sql could not be put back as before');
  expect(texts.get('/p/a.sql')).toBe('old');
});
