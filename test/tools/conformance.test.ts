import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { TOOLS } from '../../server/tools/registry.ts';
import { checkReading, checkRunning, checkTelling, checkWriting, tableOf, type Held } from '../support/conformance.ts';
import { projectFiles, TOOL_CASES } from '../support/tool-cases.ts';
import { runProject } from '../support/run-project.ts';

const held = new Map<string, Held>();

describe.each(TOOL_CASES)('$id', (tool) => {
  const open = async (): ReturnType<typeof runProject> => runProject(projectFiles(tool.id));
  const add = (more: Held): void => {
    held.set(tool.id, { ...held.get(tool.id), ...more });
  };

  test('finds its project by itself, lists, holds and reads it', async () => {
    using running = await open();
    add(checkReading(tool, running));
  });

  test('writes steps, lists them again and takes them away', async () => {
    using running = await open();
    add(await checkWriting(tool, running));
  });

  // A tool for PostgreSQL alone keeps its history there, which the tests on real servers look at.
  if (tool.databases.includes('sqlite'))
    test('keeps its history on SQLite, up and back', async () => {
      using running = await runProject({ ...projectFiles(tool.id), 'lockstep.jsonc': '{ "dialect": "sqlite" }' });
      add(await checkRunning(tool, running, 'sqlite:app.db'));
      add(await checkTelling(running, `sqlite:${running.folder}/app.db`));
    });
});

test('every tool has a project here', () => {
  const folders = readdirSync(path.resolve(import.meta.dirname, 'projects')).sort();
  expect(TOOL_CASES.map((tool) => tool.id).sort()).toEqual(folders);
  expect(TOOLS.map((tool) => tool.id).sort()).toEqual(folders);
});

afterAll(() => {
  process.stdout.write(`${tableOf(held)}\n`);
});
