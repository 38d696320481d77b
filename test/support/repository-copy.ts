import { execFile } from 'node:child_process';
import { chmod, cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

/** A copy of the repository, in which a path of CONTRIBUTING.md is followed. */
export class RepositoryCopy {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<RepositoryCopy> {
    const folder = await mkdtemp(path.join(tmpdir(), 'lockstep-contributing-'));
    // PostgreSQL is started from below it by a user of its own.
    await chmod(folder, 0o755);
    for (const name of [
      'client',
      'server',
      'test',
      'media',
      'RULES.md',
      'package.json',
      'tsconfig.json',
      'tsconfig.base.json',
    ])
      await cp(path.join(root, name), path.join(folder, name), {
        recursive: true,
        filter: (source) => !source.includes('node_modules'),
      });
    await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
    return new RepositoryCopy(folder);
  }

  path(file: string): string {
    return path.join(this.folder, file);
  }

  async write(file: string, text: string): Promise<void> {
    await writeFile(this.path(file), text);
  }

  async read(file: string): Promise<string> {
    return readFile(this.path(file), 'utf8');
  }

  async edit(file: string, from: RegExp, to: string): Promise<void> {
    const text = await this.read(file);
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    await this.write(file, changed);
  }

  /** Adds an export of `from` to the list of that name which an index holds. */
  async enlist(
    index: string,
    list: string,
    { name, from }: { readonly name: string; readonly from: string },
  ): Promise<void> {
    await this.edit(index, /^import /m, `import { ${name} } from '${from}';\nimport `);
    await this.edit(index, new RegExp(`(${list}: [^=]*= \\[)`), `$1\n  ${name},`);
  }

  /** What `npx tsc -b` says of the copy: nothing where it compiles. */
  async compile(): Promise<string> {
    return promisify(execFile)(
      process.execPath,
      [path.join(root, 'node_modules/typescript/bin/tsc'), '-b', '--pretty', 'false'],
      { cwd: this.folder, maxBuffer: 16 * 1024 * 1024 },
    ).then(
      ({ stdout }) => stdout,
      (failure: { readonly stdout: string }) => failure.stdout,
    );
  }

  /** Runs the command line of the copy in a folder of it, and gives what was printed, whether it ends well or not. */
  async lockstep(folder: string, ...words: readonly string[]): Promise<string> {
    return promisify(execFile)(process.execPath, [this.path('server/cli/main.ts'), ...words], {
      cwd: this.path(folder),
      env: { ...process.env, NO_COLOR: '1' },
    }).then(
      ({ stdout }) => stdout,
      (failure: { readonly stdout: string; readonly stderr: string }) => `${failure.stdout}${failure.stderr}`,
    );
  }

  /** Runs test files of the copy, those whose names match alone, and gives what was printed. Errors: rejects where one fails. */
  async run(
    kind: string,
    files: readonly string[],
    name: string,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        path.join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--config',
        'test/vitest.config.ts',
        '--maxWorkers=1',
        ...files,
        '-t',
        name,
      ],
      {
        cwd: this.folder,
        maxBuffer: 16 * 1024 * 1024,
        env: { ...process.env, LOCKSTEP_TESTS: kind, NO_COLOR: '1', ...environment },
      },
    );
    return stdout;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
