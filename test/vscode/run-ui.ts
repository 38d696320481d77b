// Walks a person's path through a real VS Code with the installed .vsix: `node test/vscode/run-ui.ts [WALK...]`.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { buildVsix, installHost, VSIX } from './prepare.ts';

installHost();
buildVsix();
const { status } = spawnSync(
  process.execPath,
  [path.join(import.meta.dirname, 'keyboard-and-mouse.mjs'), ...process.argv.slice(2)],
  { stdio: 'inherit', env: { ...process.env, LOCKSTEP_VSIX: VSIX } },
);
process.exit(status ?? 1);
