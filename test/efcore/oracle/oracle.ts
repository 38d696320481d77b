import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Major versions of EF Core whose providers are asked. */
export const EF_VERSIONS = ['8', '9', '10'] as const;
type EfVersion = (typeof EF_VERSIONS)[number];

export const EF_PROVIDERS = ['npgsql', 'sqlite', 'sqlserver'] as const;
export type EfProvider = (typeof EF_PROVIDERS)[number];

/** A command's text; alone in a list where EF Core runs it outside the migration's transaction. */
type CommandText = string | readonly [string];

/** What a provider makes of some calls, or why it refuses. */
export type Answer = readonly CommandText[] | { readonly error: string };

/** A line of the oracle: the Designer of the sample model, or the answers to one case. */
type OracleLine =
  | { readonly provider: EfProvider; readonly designer: string }
  | { readonly provider: EfProvider; readonly code: string; readonly without: Answer; readonly with: Answer };

/** Which EF Core gave an answer: `8`, or `8 model` where it had the Designer's model. */
export type Asked = EfVersion | `${EfVersion} model`;

/** One line of the recorded answers of a provider; equal answers stand once. */
export type RecordedLine =
  | { readonly versions: readonly EfVersion[]; readonly designer: string }
  | {
      readonly code: string;
      readonly answers: readonly { readonly asked: readonly Asked[]; readonly answer: Answer }[];
    };

const folder = import.meta.dirname;

export function answersFile(provider: EfProvider): string {
  return path.join(folder, 'answers', `${provider}.jsonl`);
}

/** The answers that stand in the repository. */
export function recordedAnswers(provider: EfProvider): readonly RecordedLine[] {
  return (
    readFileSync(answersFile(provider), 'utf8')
      .trimEnd()
      .split('\n')
      // Written by `mergeAnswers`.
      .map((line) => JSON.parse(line) as RecordedLine)
  );
}

/** Why the real EF Core cannot be asked here; undefined where it can. */
export function noDotnet(): string | undefined {
  const sdks = spawnSync('dotnet', ['--list-sdks'], { encoding: 'utf8' });
  return /^10\./m.test(sdks.stdout ?? '') ? undefined : 'the .NET SDK 10 is not on this machine';
}

/**
 * Asks the real providers of one version of EF Core, which takes half a minute.
 *
 * Errors: rejects with what dotnet printed where the oracle does not build or fails.
 */
export async function askOracle(version: EfVersion): Promise<readonly OracleLine[]> {
  const copy = mkdtempSync(path.join(tmpdir(), 'lockstep-oracle-'));
  try {
    cpSync(folder, copy, { recursive: true, filter: (file) => !/\.(?:ts|jsonl)$/.test(file) });
    const text = await output('dotnet', ['run', '--configuration', 'Release', `-p:EfVersion=${version}`], copy);
    return (
      text
        .trimEnd()
        .split('\n')
        // Program.cs prints them so.
        .map((line) => JSON.parse(line) as OracleLine)
    );
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** What all versions of one provider said, as it is recorded. */
export function mergeAnswers(
  provider: EfProvider,
  said: Readonly<Record<EfVersion, readonly OracleLine[]>>,
): readonly RecordedLine[] {
  const designers = new Map<string, EfVersion[]>();
  const cases = new Map<string, Map<string, Asked[]>>();
  const add = <Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void => {
    map.set(key, [...(map.get(key) ?? []), value]);
  };
  for (const version of EF_VERSIONS) {
    for (const line of said[version]) {
      if (line.provider !== provider) continue;
      if ('designer' in line) {
        add(designers, line.designer, version);
        continue;
      }
      const answers = cases.get(line.code) ?? new Map<string, Asked[]>();
      cases.set(line.code, answers);
      add(answers, JSON.stringify(line.without), version);
      add(answers, JSON.stringify(line.with), `${version} model`);
    }
  }
  return [
    ...[...designers].map(([designer, versions]) => ({ versions, designer })),
    ...[...cases].map(([code, answers]) => ({
      code,
      // Made by JSON.stringify just above.
      answers: [...answers].map(([text, asked]) => ({ asked, answer: JSON.parse(text) as Answer })),
    })),
  ];
}

export function answersText(lines: readonly RecordedLine[]): string {
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
}

function output(command: string, words: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1' },
    });
    const out: Buffer[] = [];
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (code) => {
      const text = Buffer.concat(out).toString('utf8');
      if (code === 0) resolve(text);
      else reject(new Error(`dotnet ended with ${code}: ${(errors + text).slice(0, 4_000)}`));
    });
  });
}
