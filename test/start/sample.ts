import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';

export const root = path.resolve(import.meta.dirname, '../..');
const CLI = path.join(root, 'dist/cli.cjs');

/** File that makes the extension show the sample once, see client/commands/tour.ts. */
export const TOUR_MARK = '.lockstep-tour';

/** Runs the built command line in a folder with its output shown, and gives its exit code. */
export function lockstep(folder: string, ...words: readonly string[]): number {
  return spawnSync(process.execPath, [CLI, ...words], { cwd: folder, stdio: 'inherit' }).status ?? 1;
}

/** Copies the sample project to a scratch folder with an SQLite database that has its first migration and some rows. */
export function copySample(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-sample-'));
  cpSync(path.join(root, 'media/sample'), folder, { recursive: true });
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'apply', '--to', '0001_init', '--yes'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the sample's database could not be made: ${stderr}`);
  const database = new Database(path.join(folder, 'app.db'));
  try {
    const user = database.prepare('INSERT INTO users (email) VALUES (?)');
    const order = database.prepare('INSERT INTO orders (user_id, total_cents) VALUES (?, ?)');
    for (let number = 1; number <= 12; number++)
      order.run(user.run(`user${number}@example.com`).lastInsertRowid, number * 1_250);
  } finally {
    database.close();
  }
  return folder;
}
