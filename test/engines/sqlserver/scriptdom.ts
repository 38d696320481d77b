import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Told } from './told.ts';

/** What ScriptDom makes of a script; null where it says that it is no T-SQL. */
export type ScriptDomAnswer = readonly Told[] | null;

const FILE = path.join(import.meta.dirname, 'scriptdom-answers.jsonl');

/** By which the answer to a script is found. */
export function keyOf(script: string): string {
  return createHash('sha256').update(script).digest('hex').slice(0, 16);
}

/** The answers that stand in the repository, by the key of their script. */
export function recordedScriptDom(): ReadonlyMap<string, ScriptDomAnswer> {
  return new Map(
    readFileSync(FILE, 'utf8')
      .trimEnd()
      .split('\n')
      // Written by `answersOf`.
      .map((line) => JSON.parse(line) as readonly [string, ScriptDomAnswer]),
  );
}

export function answersText(scripts: readonly string[], answers: readonly ScriptDomAnswer[]): string {
  return scripts.map((script, index) => `${JSON.stringify([keyOf(script), answers[index] ?? null])}\n`).join('');
}

export const SCRIPTDOM_FILE = FILE;

/** Asks the real ScriptDom, which takes some seconds. Rejects with what dotnet printed where it does not build or fails. */
export async function askScriptDom(scripts: readonly string[]): Promise<readonly ScriptDomAnswer[]> {
  const copy = mkdtempSync(path.join(tmpdir(), 'lockstep-scriptdom-'));
  try {
    cpSync(path.join(import.meta.dirname, 'scriptdom'), copy, { recursive: true });
    const text = await output(copy, JSON.stringify(scripts));
    return (
      text
        .trimEnd()
        .split('\n')
        // Program.cs prints them so.
        .map((line) => (line.trim() === '' ? null : (JSON.parse(line) as readonly Told[])))
    );
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function output(cwd: string, input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('dotnet', ['run', '--configuration', 'Release'], {
      cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
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
    child.stdin.end(input);
  });
}
