import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { cliFolder } from '../support/cli.ts';
import { projectFiles, TOOL_CASES } from '../support/tool-cases.ts';

/** What writes a file as soon as anybody runs the program that it stands in, by the end of its name. */
const TRAPS: readonly (readonly [RegExp, string, (text: string, trap: string) => string])[] = [
  [/\.[cm]?[jt]s$|^\.\w+rc\.js$/, "process.getBuiltinModule('node:fs').writeFileSync('was-run', '');\n", before],
  [/\.py$/, "open('was-run', 'w').close()\n", before],
  [/\.cs$/, 'static class Trap { static Trap() { System.IO.File.WriteAllText("was-run", ""); } }\n', after],
];

function before(text: string, trap: string): string {
  return trap + text;
}

function after(text: string, trap: string): string {
  return text + trap;
}

/** Each file of a project that is a program, with the trap in it. */
function trapped(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(files).map(([file, text]) => {
      const [, trap, into] = TRAPS.find(([name]) => name.test(path.posix.basename(file))) ?? [];
      return [file, trap === undefined || into === undefined ? text : into(text, trap)];
    }),
  );
}

const PROGRAMS = TOOL_CASES.map(({ id, ids }) => ({ id, ids, files: projectFiles(id) })).filter(({ files }) =>
  Object.keys(files).some((file) => TRAPS.some(([name]) => name.test(path.posix.basename(file)))),
);

test('the trap works: a program that is run is found out', async () => {
  using project = cliFolder({ 'trap.js': trapped({ 'trap.js': '' })['trap.js'] ?? '' });
  const { execFileSync } = await import('node:child_process');
  execFileSync(process.execPath, ['trap.js'], { cwd: project.folder });
  expect(existsSync(path.join(project.folder, 'was-run'))).toBe(true);
});

test.each(PROGRAMS)("nothing of $id's project is run to list, lint, explain and look at the database", async (tool) => {
  using project = cliFolder({ ...trapped(tool.files), 'lockstep.jsonc': '{ "dialect": "postgresql" }' });
  const said: string[] = [];
  for (const words of [
    ['lint', '--format', 'json', '--fail-on', 'never'],
    ['explain', '--format', 'json'],
    ['init', '--dry-run'],
    ['status', '--database', 'postgres://127.0.0.1:1/nowhere'],
    ['apply', '--dry-run', '--database', 'postgres://127.0.0.1:1/nowhere'],
  ])
    said.push(JSON.stringify(await project.run(...words)));
  expect(existsSync(path.join(project.folder, 'was-run'))).toBe(false);
  // It was looked at, and not passed over.
  expect(said[0]).toContain(tool.id);
});
