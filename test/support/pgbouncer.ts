import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort, NOBODY, type PostgresServer } from './postgres.ts';

/** What hands a server's session to a client: for as long as the client stays, or for one transaction or statement. */
export type PoolMode = 'session' | 'transaction' | 'statement';

/** One PgBouncer before one server. */
export interface PgBouncer extends AsyncDisposable {
  /** The URL of a database of the server, by way of this pool. */
  url(of: string): string;
}

/** Why tests with PgBouncer cannot run here, and how to get it; undefined where they can. */
export function whyNoPgBouncer(): string | undefined {
  return spawnSync('pgbouncer', ['--version'], { stdio: 'ignore' }).status === 0
    ? undefined
    : 'PgBouncer is not installed: "apt-get install pgbouncer" or "brew install pgbouncer" has it';
}

/** Starts it with few connections, so that clients share them. `settings`: further lines of its configuration. */
export async function startPgBouncer(
  server: PostgresServer,
  mode: PoolMode,
  settings: readonly string[] = [],
): Promise<PgBouncer> {
  const directory = mkdtempSync(path.join(tmpdir(), 'lockstep-pgbouncer-'));
  chmodSync(directory, 0o755);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(directory, NOBODY, NOBODY);
  const port = await freePort();
  const file = path.join(directory, 'pgbouncer.ini');
  writeFileSync(path.join(directory, 'users.txt'), '"postgres" ""\n');
  writeFileSync(
    file,
    [
      '[databases]',
      `* = host=127.0.0.1 port=${server.port}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = trust',
      `auth_file = ${path.join(directory, 'users.txt')}`,
      `pool_mode = ${mode}`,
      'default_pool_size = 5',
      'ignore_startup_parameters = extra_float_digits',
      ...settings,
      '',
    ].join('\n'),
  );
  const pool = spawn('pgbouncer', [file], {
    ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
    stdio: 'ignore',
  });
  const exited = new Promise<void>((resolve) => {
    pool.once('exit', () => resolve());
    pool.once('error', () => resolve());
  });
  const kill = (): void => {
    pool.kill('SIGKILL');
  };
  process.once('exit', kill);
  for (let attempt = 0; !(await answers(port)); attempt++) {
    if (attempt > 400 || pool.exitCode !== null) throw new Error('PgBouncer did not start');
    await setTimeout(25);
  }
  return {
    url: (of) => of.replace(/:\d+\//, `:${port}/`),
    async [Symbol.asyncDispose]() {
      pool.kill('SIGTERM');
      await Promise.race([exited, setTimeout(2_000).then(kill)]);
      await exited;
      process.removeListener('exit', kill);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
