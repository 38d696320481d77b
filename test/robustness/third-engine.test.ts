import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const BEGIN = '<!-- what the compiler asks of a new engine -->';
const END = '<!-- end -->';

/** Files that do not compile any more where one more engine has an id, in order. */
async function lacking(): Promise<readonly string[]> {
  const copy = await mkdtemp(path.join(tmpdir(), 'lockstep-third-engine-'));
  try {
    for (const name of ['server', 'package.json', 'tsconfig.base.json'])
      await cp(path.join(root, name), path.join(copy, name), { recursive: true });
    await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
    const ids = path.join(copy, 'server/model/engine-id.ts');
    const text = await readFile(ids, 'utf8');
    const changed = text.replace(/(ENGINE_IDS = \[[^\]]*)\]/, "$1, 'third']");
    expect(changed).not.toBe(text);
    await writeFile(ids, changed);
    const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
    const told = await promisify(execFile)(
      process.execPath,
      [compiler, '--noEmit', '--pretty', 'false', '-p', path.join(copy, 'server/tsconfig.json')],
      { cwd: copy, maxBuffer: 16 * 1024 * 1024 },
    ).then(
      () => '',
      (failure: { readonly stdout: string }) => failure.stdout,
    );
    return [...new Set([...told.matchAll(/^(server\/\S+?\.ts)\(/gm)].map((match) => match[1] ?? ''))].sort();
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

test('the compiler lists what a new engine lacks, and ARCHITECTURE.md has the list', async () => {
  const files = await lacking();
  const recipes = files.filter((file) => file.startsWith('server/planner/recipes/'));
  const tools = files.filter((file) => file.startsWith('server/tools/') && !file.startsWith('server/tools/blocks/'));
  expect(recipes.length).toBeGreaterThan(20);
  expect(tools.length).toBeGreaterThan(3);
  const others = files.filter((file) => !recipes.includes(file) && !tools.includes(file));
  const list = [
    ...others.map((file) => `- \`${file}\``),
    '- `server/planner/recipes/*.ts`: each recipe, a planner or the reason why there is none',
    '- `server/tools/*.ts`: each tool whose tables or transactions differ by engine, or that works on some only',
  ].join('\n');
  const document = path.join(root, 'ARCHITECTURE.md');
  const text = await readFile(document, 'utf8');
  const [before, rest = ''] = text.split(BEGIN);
  const end = rest.indexOf(END);
  const written = rest.slice(0, end);
  if (process.env['LOCKSTEP_WRITE'] !== undefined)
    await writeFile(document, `${before}${BEGIN}\n\n${list}\n\n${rest.slice(end)}`);
  else expect(written.trim()).toBe(list);
});
