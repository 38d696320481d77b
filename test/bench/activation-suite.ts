// Runs in the extension host: how long each extension takes from the question to its answer, its code loaded included.
import { writeFileSync } from 'node:fs';
import * as vscode from 'vscode';

export async function run(): Promise<void> {
  const file = process.env['LOCKSTEP_HOST_RESULT'];
  const ids = process.env['LOCKSTEP_BENCH_EXTENSIONS']?.split(' ') ?? [];
  if (file === undefined || ids.length === 0) throw new Error('no file to write to, or no extension to activate');
  const milliseconds: Record<string, number> = {};
  for (const id of ids) {
    const extension = vscode.extensions.getExtension(id);
    if (extension === undefined) throw new Error(`${id} is not installed`);
    if (extension.isActive) throw new Error(`${id} was active before it was asked for`);
    const start = performance.now();
    await extension.activate();
    milliseconds[id] = performance.now() - start;
  }
  writeFileSync(file, JSON.stringify(milliseconds));
}
