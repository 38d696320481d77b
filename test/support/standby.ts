import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort, NOBODY, type PostgresServer } from './postgres.ts';

/** Backups begin and end under other names from this major on. */
const NEW_NAMES = 15;

/** A replica of a server, which applies what it gets `delay` later: `2s`. Its data is a copy that was taken while the server ran. */
export async function startStandby(server: PostgresServer, delay: string): Promise<{ stop(): Promise<void> }> {
  const { major, port } = server;
  const client = await server.connect();
  const directory = mkdtempSync(path.join(tmpdir(), `lockstep-standby-${major}-`));
  const data = path.join(directory, 'data');
  try {
    const { rows } = await client.query<{ readonly data_directory: string }>('SHOW data_directory');
    const begins = major >= NEW_NAMES ? 'pg_backup_start' : 'pg_start_backup';
    await client.query(`SELECT ${begins}('standby', true${major >= NEW_NAMES ? '' : ', false'})`);
    execFileSync('cp', ['-a', rows[0]?.data_directory ?? '', data]);
    const stopped = await client.query<{ readonly labelfile: string }>(
      `SELECT labelfile FROM ${major >= NEW_NAMES ? 'pg_backup_stop(false)' : 'pg_stop_backup(false, false)'}`,
    );
    writeFileSync(path.join(data, 'backup_label'), stopped.rows[0]?.labelfile ?? '');
  } finally {
    await client.end();
  }
  rmSync(path.join(data, 'postmaster.pid'), { force: true });
  writeFileSync(path.join(data, 'standby.signal'), '');
  const isRoot = process.getuid?.() === 0;
  chmodSync(directory, 0o755);
  if (isRoot)
    for (const name of ['.', 'data/backup_label', 'data/standby.signal'])
      chownSync(path.join(directory, name), NOBODY, NOBODY);
  const options = [
    'listen_addresses=',
    'shared_buffers=32MB',
    'max_connections=50',
    `primary_conninfo=host=127.0.0.1 port=${port} user=postgres`,
    `recovery_min_apply_delay=${delay}`,
  ];
  const home = path.resolve(import.meta.dirname, '../../node_modules', `pg${major}`, 'native');
  const standby: ChildProcess = spawn(
    path.join(home, 'bin/postgres'),
    ['-D', data, '-k', directory, '-p', String(await freePort()), ...options.flatMap((option) => ['-c', option])],
    { ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}), stdio: 'ignore' },
  );
  const kill = (): void => {
    standby.kill('SIGQUIT');
  };
  process.once('exit', kill);
  const watch = await server.connect();
  for (let attempt = 0; ; attempt++) {
    const { rows } = await watch.query(`SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'`);
    if (rows.length > 0) break;
    if (attempt > 200 || standby.exitCode !== null) throw new Error(`the replica of PostgreSQL ${major} did not start`);
    await setTimeout(50);
  }
  await watch.end();
  return {
    async stop() {
      const exited = new Promise((resolve) => {
        standby.once('exit', resolve);
      });
      standby.kill('SIGQUIT');
      await exited;
      process.removeListener('exit', kill);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
