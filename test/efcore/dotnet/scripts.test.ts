import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunProject, runProject } from '../../support/run-project.ts';
import { noDotnet } from '../oracle/oracle.ts';
import { recordedScript, SCRIPT_VERSIONS, scriptFile, scriptProject, SCRIPTS } from '../scripts/script-projects.ts';
import { dotnet } from './dotnet.ts';

/* Scripts of the real `dotnet ef migrations script`, as they are recorded for machines without the SDK. */

const reason = noDotnet();
if (reason !== undefined) console.log(`Scripts of dotnet ef are not made again: ${reason}.`);

describe.skipIf(reason !== undefined).each(SCRIPT_VERSIONS)('scripts of EF Core $major', (version) => {
  let opened: RunProject;

  beforeAll(async () => {
    // A migration that is no part of the test makes a project of the files.
    opened = await runProject({ ...scriptProject(version), 'sql/0001_none.up.sql': 'SELECT 1;' });
    dotnet(['new', 'tool-manifest'], opened.folder);
    dotnet(['tool', 'install', 'dotnet-ef', '--version', version.ef], opened.folder);
    dotnet(['build', '--nologo'], opened.folder);
  }, 600_000);

  afterAll(() => opened?.[Symbol.dispose]());

  test('are those that are recorded', () => {
    const fileOf = (name: string): string => path.join(opened.folder, `${name}.sql`);
    const asked = spawnSync('dotnet', [path.join('bin/Debug/net10.0/App.dll'), 'scripts'], {
      cwd: opened.folder,
      encoding: 'utf8',
      input: SCRIPTS.map(({ name, context, from = '', to = '', options }) =>
        [fileOf(name), context, from, to, options].join('|'),
      ).join('\n'),
    });
    expect([asked.status, asked.stderr]).toEqual([0, '']);
    for (const { name } of SCRIPTS) {
      const text = readFileSync(fileOf(name), 'utf8');
      if (process.env['LOCKSTEP_WRITE'] === '1') writeFileSync(scriptFile(name, version.major), text);
      expect(text.split('\n')).toEqual(recordedScript(name, version.major).split('\n'));
    }
    // The command writes the same.
    const ef = (...words: readonly string[]): string =>
      dotnet(['tool', 'run', 'dotnet-ef', '--', 'migrations', 'script', '--no-build', ...words], opened.folder);
    ef('--idempotent', '--context', 'Plain', '--output', fileOf('command'));
    expect(readFileSync(fileOf('command'), 'utf8')).toBe(recordedScript('plain', version.major));
    // It makes no idempotent script for SQLite, and says so.
    expect(() => ef('--idempotent', '--context', 'Lite')).toThrow(
      /[Gg]enerating idempotent scripts for migrations is not currently supported for SQLite/,
    );
  }, 300_000);
});
