// Runs in the extension host: how long the extension takes from the question to its answer, its code loaded included.
import { writeFileSync } from 'node:fs';
import * as vscode from 'vscode';

export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension('lockstep.lockstep');
  const file = process.env['LOCKSTEP_HOST_RESULT'];
  if (extension === undefined || file === undefined) throw new Error('the extension is not installed');
  if (extension.isActive) throw new Error('the extension was active before it was asked for');
  const start = performance.now();
  await extension.activate();
  writeFileSync(file, JSON.stringify({ milliseconds: performance.now() - start }));
}
