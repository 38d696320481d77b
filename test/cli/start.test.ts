import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

test("the README's main job goes through in the terminal, from lint to revert", () => {
  // What the sample runs is the build, which is made before every start.
  execFileSync(process.execPath, ['esbuild.mjs'], { cwd: root });
  const { status, stdout, stderr } = spawnSync(process.execPath, ['test/start/start.ts', '--terminal'], {
    cwd: root,
    encoding: 'utf8',
  });
  // The one stop that it goes through on its way.
  expect(stderr.trim()).toMatch(/^lockstep: 0004_fill_users_status is not run yet: .*confirm-deploy users-status"\.$/);
  expect(stdout).toContain('change users-status: ready-to-contract');
  expect(status).toBe(0);
});
