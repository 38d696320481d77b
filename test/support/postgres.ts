import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';

/** Majors whose binaries come from npm. `LOCKSTEP_PG=17,18` narrows a run. */
export const ALL_MAJORS = [13, 14, 15, 16, 17, 18] as const;

export const MAJORS: readonly number[] =
  process.env['LOCKSTEP_PG'] === undefined
    ? ALL_MAJORS
    : ALL_MAJORS.filter((major) => process.env['LOCKSTEP_PG']?.split(',').includes(String(major)));

/** uid and gid of nobody: PostgreSQL and PgBouncer refuse to run as root. */
export const NOBODY = 65534;
const root = path.resolve(import.meta.dirname, '../..');

/** One running server of one major with an empty data directory; its user is `postgres`, no password. */
export interface PostgresServer {
  readonly major: number;
  readonly port: number;
  /** postgres://postgres@127.0.0.1:port/postgres */
  readonly url: string;
  urlOf(database: string): string;
  /** A client connected to a database, `postgres` by default; the caller ends it. */
  connect(database?: string): Promise<pg.Client>;
  /** A new database, as a copy of `template` where one is named: nobody is connected to that meanwhile. */
  createDatabase(template?: string): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** Where the binaries of a major are; undefined on a platform that has none. */
function binariesOf(major: number): string | undefined {
  const home = path.join(root, 'node_modules', `pg${major}`, 'native');
  if (!existsSync(path.join(home, 'bin/postgres'))) return undefined;
  // npm packages hold no symbolic links, so the libraries' short names are made here when the install script did not run.
  const links = path.join(home, 'pg-symlinks.json');
  if (existsSync(links)) {
    // The file is the package's own: a list of pairs of paths relative to `native/`.
    const pairs = JSON.parse(readFileSync(links, 'utf8')) as readonly {
      readonly source: string;
      readonly target: string;
    }[];
    for (const pair of pairs) {
      const target = path.join(home, '..', pair.target);
      if (existsSync(target)) continue;
      mkdirSync(path.dirname(target), { recursive: true });
      symlinkSync(path.relative(path.dirname(target), path.join(home, '..', pair.source)), target);
    }
  }
  return home;
}

/** Why tests with this major cannot run here; undefined where they can. */
export function whyNoServer(major: number): string | undefined {
  return binariesOf(major) === undefined
    ? `no PostgreSQL ${major} binaries for ${process.platform}-${process.arch}`
    : undefined;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .on('error', reject)
      .listen(0, '127.0.0.1', () => {
        const address = server.address();
        server.close(() =>
          address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
        );
      });
  });
}

function run(
  command: string,
  args: readonly string[],
  options: { readonly uid?: number; readonly gid?: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
    let output = '';
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${path.basename(command)} exited with ${code}: ${output}`)),
    );
  });
}

/** Starts a server of one major. `settings` are further `-c` options: `log_statement=all`. */
export async function startPostgres(major: number, settings: readonly string[] = []): Promise<PostgresServer> {
  const home = binariesOf(major);
  if (home === undefined) throw new Error(`cannot start PostgreSQL ${major}: ${whyNoServer(major) ?? ''}`);
  const isRoot = process.getuid?.() === 0;
  const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const directory = mkdtempSync(path.join(tmpdir(), `lockstep-pg${major}-`));
  chmodSync(directory, 0o755);
  if (isRoot) chownSync(directory, NOBODY, NOBODY);
  const data = path.join(directory, 'data');
  await run(
    path.join(home, 'bin/initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-locale', '-E', 'UTF8', '--no-sync'],
    user,
  );
  const port = await freePort();
  const options = [
    'listen_addresses=127.0.0.1',
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
    'shared_buffers=32MB',
    'autovacuum=off',
    'wal_level=logical',
    'max_connections=50',
    'timezone=America/New_York',
    ...settings,
  ];
  const server: ChildProcess = spawn(
    path.join(home, 'bin/postgres'),
    ['-D', data, '-k', directory, '-p', String(port), ...options.flatMap((option) => ['-c', option])],
    { ...user, stdio: 'ignore' },
  );
  const exited = new Promise<void>((resolve) => {
    server.once('exit', () => resolve());
  });
  // Node may end without stop() when a test run is interrupted; the server must not outlive it.
  const kill = (): void => {
    server.kill('SIGQUIT');
  };
  process.once('exit', kill);
  const urlOf = (database: string): string => `postgres://postgres@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  const connect = async (database = 'postgres'): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: urlOf(database) });
    // A server that stops while a client is idle must not end the process.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  for (let attempt = 0; ; attempt++) {
    try {
      await (await connect()).end();
      break;
    } catch (cause) {
      if (attempt > 200 || server.exitCode !== null) throw new Error(`PostgreSQL ${major} did not start`, { cause });
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
  }
  let databases = 0;
  /** Makes databases; a connection for each would take as long as the making. */
  let maker: Promise<pg.Client> | undefined;
  const making = (): Promise<pg.Client> =>
    (maker ??= connect().then((client) =>
      client.on('end', () => {
        maker = undefined;
      }),
    ));
  return {
    major,
    port,
    url: urlOf('postgres'),
    urlOf,
    connect,
    async createDatabase(template = 'template1') {
      const name = `test_${++databases}`;
      const client = await making();
      // Files are copied as they are, which is quicker than writing the new database's pages into the log (the default since 15).
      await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}${major >= 15 ? ' STRATEGY file_copy' : ''}`);
      return name;
    },
    async dropDatabase(name) {
      await (await making()).query(`DROP DATABASE ${name}`);
    },
    async stop() {
      server.kill('SIGINT');
      await exited;
      process.removeListener('exit', kill);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
