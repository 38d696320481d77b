// Prints the benchmark's tables; `--write` puts them into README.md beside this file.
//   node test/bench/run.ts [keystrokes] [command-line] [one-table] [rules] [ef-core] [workspace] [apply] [activation] [--write]
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { activation } from './activation.ts';
import { apply } from './apply.ts';
import { commandLine } from './command-line.ts';
import { efCore } from './ef-core.ts';
import { keystrokes } from './keystrokes.ts';
import { oneTable } from './one-table.ts';
import { rules } from './rules.ts';
import { TOOLS } from './tools.ts';
import { workspace } from './workspace.ts';

const PARTS: Readonly<Record<string, { readonly title: string; measure(): Promise<string> }>> = {
  keystrokes: { title: 'Language server', measure: keystrokes },
  'command-line': { title: 'Command line', measure: commandLine },
  'one-table': { title: 'Very many columns of one table', measure: oneTable },
  rules: { title: 'What the rules take', measure: rules },
  'ef-core': { title: 'EF Core', measure: efCore },
  workspace: { title: 'A workspace of 10,000 migrations', measure: workspace },
  apply: { title: 'Applying, beside other migration tools', measure: apply },
  activation: { title: 'Installation and activation', measure: activation },
};

const words = process.argv.slice(2);
const wanted = words.filter((word) => !word.startsWith('--'));
const unknown = wanted.filter((word) => PARTS[word] === undefined);
if (unknown.length > 0) {
  console.error(`no such benchmark: ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`);
  process.exit(2);
}
console.log(
  `Node.js ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}; ${TOOLS.map((tool) => `${tool.name} ${tool.version}`).join(', ')}\n`,
);
const file = path.join(import.meta.dirname, 'README.md');
for (const [name, part] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const text = `## ${part.title}\n\n${await part.measure()}`;
  console.log(text);
  if (!words.includes('--write')) continue;
  const start = `<!-- ${name} -->`;
  const end = `<!-- end of ${name} -->`;
  const before = readFileSync(file, 'utf8');
  const from = before.indexOf(start);
  const to = before.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md has no place for ${name}`);
  writeFileSync(file, `${before.slice(0, from + start.length)}\n${text.trimEnd()}\n${before.slice(to)}`);
}
