// Makes README's pictures and the walkthrough's from a real run: node test/vscode/pictures.ts
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { buildVsix, call, installHost, root, VSIX } from './prepare.ts';

/** A limit in bytes: every installation carries the pictures along. */
const MOST_BYTES = 800_000;

const shots = path.join(root, 'dist/test/shots');
const target = path.join(root, 'media/walkthrough');

const ofFilm = (): readonly string[] =>
  existsSync(shots) ? readdirSync(shots).filter((name) => name.startsWith('film-')) : [];

installHost();
buildVsix();
// What a run before has left would be taken for this one's.
for (const name of ofFilm()) rmSync(path.join(shots, name));
call(process.execPath, [path.join(import.meta.dirname, 'keyboard-and-mouse.mjs'), 'film'], { LOCKSTEP_VSIX: VSIX });
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
let bytes = 0;
for (const name of ofFilm()) {
  const [, picture] = /^film-\d+-(?!FAIL)(\w+\.png)$/.exec(name) ?? [];
  if (picture === undefined) continue;
  copyFileSync(path.join(shots, name), path.join(target, picture));
  bytes += statSync(path.join(target, picture)).size;
}
if (bytes === 0 || bytes > MOST_BYTES) throw new Error(`the pictures have ${bytes} bytes`);
console.log(`${bytes} bytes of pictures in ${target}`);
