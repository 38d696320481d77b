import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleForNode } from './bundle.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** What one run of the command line did. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output read as JSON. */
  json<Value>(): Value;
  /** Standard output read as one JSON value a line. */
  lines<Value>(): readonly Value[];
}

/** A temporary folder with files in which commands are run as a person would. */
export interface CliFolder extends Disposable {
  readonly folder: string;
  write(name: string, text: string): void;
  read(name: string): string;
  /** Names of all files below the folder, sorted. */
  files(): readonly string[];
  run(...words: readonly string[]): Promise<CliResult>;
  /** Runs a line of the shell in which `lockstep` is the command line. */
  shell(line: string): Promise<CliResult>;
  runWith(environment: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<CliResult>;
}

let built: Promise<string> | undefined;

/** The command line, bundled once for a test run from the sources as they are. */
function bundle(): Promise<string> {
  built ??= bundleForNode('cli', path.join(root, 'server/cli/main.ts'), path.join(root, 'dist/test'));
  return built;
}

/** Makes a folder with files; it goes when the test ends. */
export function cliFolder(files: Readonly<Record<string, string>>): CliFolder {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-cli-'));
  const write = (name: string, text: string): void => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  const list = (below: string): readonly string[] =>
    readdirSync(path.join(folder, below)).flatMap((name) => {
      const file = below === '' ? name : `${below}/${name}`;
      return statSync(path.join(folder, file)).isDirectory() ? list(file) : [file];
    });
  const start = (
    program: string,
    words: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): Promise<CliResult> =>
    new Promise((resolve, reject) => {
      const child = spawn(program, words, {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...environment },
      });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      child.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      child.once('error', reject);
      child.once('close', (code) =>
        resolve({
          code: code ?? -1,
          stdout,
          stderr,
          // The caller names the shape that the contract page gives.
          json: <Value>() => JSON.parse(stdout) as Value,
          lines: <Value>() =>
            stdout
              .trimEnd()
              .split('\n')
              .map((line) => JSON.parse(line) as Value),
        }),
      );
    });
  const runWith: CliFolder['runWith'] = async (environment, ...words) =>
    start(process.execPath, [await bundle(), ...words], environment);
  return {
    folder,
    write,
    runWith,
    shell: async (line) =>
      start('sh', ['-c', `lockstep() { "$NODE" "$CLI" "$@"; }; ${line}`], {
        NODE: process.execPath,
        CLI: await bundle(),
      }),
    read: (name) => readFileSync(path.join(folder, name), 'utf8'),
    files: () => [...list('')].sort(),
    run: (...words) => runWith({}, ...words),
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
