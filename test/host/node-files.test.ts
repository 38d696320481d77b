import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { fileFailure } from '../../server/core/file-failure.ts';
import { nodeFiles } from '../../server/host/node-files.ts';

test.skipIf(process.platform === 'win32')(
  'a pipe behind a link is told, and nobody waits for what it brings',
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-pipe-'));
    try {
      const pipe = path.join(folder, 'pipe');
      const link = path.join(folder, '0001_a.up.sql');
      execFileSync('mkfifo', [pipe]);
      symlinkSync(pipe, link);
      const thrown = await nodeFiles.readText(link).then(
        () => undefined,
        (cause: unknown) => cause,
      );
      expect(fileFailure(thrown)).toBe(
        `"${link}" is a pipe, a device or a socket, from which nothing is read: put a file there, or take it away (ENOTFILE)`,
      );
      const file = path.join(folder, '0002_b.up.sql');
      writeFileSync(file, 'SELECT 1;');
      expect(await nodeFiles.readText(file)).toBe('SELECT 1;');
      expect(
        fileFailure(
          await nodeFiles.readText(folder).then(
            () => undefined,
            (cause: unknown) => cause,
          ),
        ),
      ).toContain('is a folder, and a file is expected there');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
