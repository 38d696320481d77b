// Copies the walkthrough's pictures from the shots of the keyboard-and-mouse suite: node test/vscode/run-ui.ts sqlite start && node test/vscode/pictures.ts
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { root } from './prepare.ts';

/** Picture by the end of the shot's name. */
const PICTURES: Readonly<Record<string, string>> = {
  'sqlite-squiggle.png': 'sample.png',
  'sqlite-quick-fix-menu.png': 'fix.png',
  'sqlite-quick-fix-by-Enter-writes-files-and-says-which.png': 'written.png',
  'sqlite-connected-and-pending.png': 'connect.png',
  'sqlite-apply-all-stops-before-the-deploy.png': 'apply.png',
};

const shots = path.join(root, 'dist/test/shots');
const target = path.join(root, 'media/walkthrough');
mkdirSync(target, { recursive: true });
const names = readdirSync(shots);
for (const [shot, picture] of Object.entries(PICTURES)) {
  const found = names.find((name) => name.replace(/-\d+-/, '-') === shot);
  if (found === undefined) throw new Error(`there is no shot ${shot}: run the suite first`);
  copyFileSync(path.join(shots, found), path.join(target, picture));
}
