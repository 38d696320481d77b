import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { FileChange } from '../../server/core/ports.ts';
import { readDirectives } from '../../server/model/directives.ts';
import type { MigrationFile } from '../../server/model/migration.ts';
import { nodeFiles } from '../../server/host/node-files.ts';
import { writeChanges } from '../../server/application/write-changes.ts';
import type { WrittenStep } from '../../server/tools/format.ts';
import { otherHistories } from '../../server/runner/other-histories.ts';
import { Headers } from '../../server/tools/headers.ts';
import { partOf, sectionOf } from '../../server/tools/section-of.ts';
import { runProject, type RunProject } from './run-project.ts';
import type { ToolCase } from './tool-cases.ts';

export const NOW = new Date('2026-01-02T03:04:05Z');

/** What held, member by member, for the table that is printed. */
export type Held = Record<string, string>;

const STEP: WrittenStep = {
  phase: 'expand',
  title: 'Add users.age',
  slug: 'add_users_age',
  up: 'ALTER TABLE users ADD COLUMN age int;\n',
  down: 'ALTER TABLE users DROP COLUMN age;\n',
  transaction: 'one',
  requires: [],
  notes: ['Deploy the version that writes users.age.'],
  changeId: 'users-age',
};
const STEPS: readonly WrittenStep[] = [
  STEP,
  {
    ...STEP,
    phase: 'migrate',
    title: 'Index "age" of users',
    slug: 'index_users_age',
    up: 'CREATE INDEX users_age ON users (age);\n',
    down: 'DROP INDEX users_age;\n',
    transaction: 'none',
    requires: [{ kind: 'deploy', description: 'version that writes users.age' }],
  },
  {
    phase: 'contract',
    title: 'Drop users.nick',
    slug: 'drop_users_nick',
    up: 'ALTER TABLE users DROP COLUMN nick;\n',
    irreversible: 'what was in nick is gone',
    transaction: 'one',
    requires: [{ kind: 'parity' }],
    parity: { table: 'users', old: 'nick', new: 'email' },
    notes: [],
    changeId: 'users-age',
  },
];

/** find, list, hold and read. */
export function checkReading(tool: ToolCase, { project }: RunProject): Held {
  expect([project.tool.id, project.folder]).toEqual([tool.id, tool.folder]);
  const { migrations, problems } = project.migrations;
  expect(problems).toEqual([]);
  expect(migrations.map((migration) => migration.id)).toEqual(tool.ids);
  for (const migration of migrations) {
    for (const file of [migration.upPath, migration.downPath ?? migration.upPath]) {
      expect(project.format.holds(file), file).toBe(true);
      expect(project.owns(file)).toBe(true);
    }
  }
  for (const other of [
    'README.md',
    `${tool.folder}/README.md`,
    `${tool.folder}x/${migrations[0]?.upPath.split('/').at(-1) ?? ''}`,
  ])
    expect(project.format.holds(other), other).toBe(false);
  expect(migrations.map((migration) => half(tool, project, migration, 'up').transaction)).toEqual(tool.transactions);
  for (const migration of migrations) {
    expect(half(tool, project, migration, 'up').sql).toMatch(/CREATE|ALTER|AddColumn/i);
    if (migration.downPath !== undefined) expect(half(tool, project, migration, 'down').sql).toMatch(/DROP/i);
    for (const file of [migration.upPath, migration.downPath ?? migration.upPath]) {
      const report = project.lint(file);
      expect(report.problems, file).toEqual([]);
      expect(report.tool).toBe(tool.id);
    }
  }
  return { find: 'yes', list: `${migrations.length}`, hold: 'yes', read: [...new Set(tool.transactions)].join('/') };
}

/** write, list again, remove: the folder is then as it was, byte for byte. */
export async function checkWriting(tool: ToolCase, running: RunProject): Promise<Held> {
  const { project, folder } = running;
  const before = snapshot(running);
  const refusal = project.format.refuses?.(STEPS);
  expect(refusal !== undefined).toBe(tool.refusesBare === true);
  const steps = refusal === undefined ? STEPS : STEPS.filter((step) => step.transaction === 'one');
  const written = project.format.write({ folder: project, dialect: 'postgresql', now: NOW, steps });
  await writeChanges(nodeFiles, folder, settled(running, written.changes));
  await project.refresh();
  expect(project.migrations.problems).toEqual([]);
  const ids = project.migrations.migrations.filter((each) => each.kind === 'versioned').map((each) => each.id);
  const old = tool.ids.filter((id) =>
    project.migrations.migrations.some((each) => each.id === id && each.kind === 'versioned'),
  );
  expect(ids).toEqual([...old, ...written.migrations.map((migration) => migration.id)]);
  for (const [index, step] of steps.entries()) {
    const planned = written.migrations[index];
    const migration = project.migrations.migrations.find((each) => each.id === planned?.id);
    if (planned === undefined || migration === undefined) throw new Error('a step was not written');
    expect([migration.upPath, migration.downPath]).toEqual([planned.upPath, planned.downPath]);
    expect(project.format.holds(migration.upPath)).toBe(true);
    const up = half(tool, project, migration, 'up');
    expect(up.sql).toContain(step.up.trim());
    if (step.transaction === 'none') expect(up.transaction).not.toBe('one');
    else expect(up.transaction).toBe(tool.transactions[0]);
    if (migration.downPath !== undefined) {
      const down = half(tool, project, migration, 'down');
      if (step.down !== undefined) expect(down.sql).toContain(step.down.trim());
      else if (/\S/.test(down.sql))
        expect(readDirectives(down.sql).irreversible?.reason).toBe('what was in nick is gone');
    }
    const directives = project.directivesOfMigration(migration);
    expect(directives.problems).toEqual([]);
    expect(directives.change).toMatchObject({ id: 'users-age', phase: step.phase });
    expect(directives.title).toBe(step.title.replaceAll('"', "'"));
    expect(directives.requires.map((requirement) => requirement.kind)).toEqual(
      step.requires.map((requirement) => requirement.kind),
    );
    expect(directives.parity?.table).toBe(step.parity?.table);
    expect(project.lint(migration.upPath).problems).toEqual([]);
  }
  for (const migration of [...written.migrations].reverse()) {
    await writeChanges(nodeFiles, folder, settled(running, project.format.remove(migration, project)));
    await project.refresh();
    expect(project.migrations.problems).toEqual([]);
  }
  expect(snapshot(running)).toEqual(before);
  return { write: refusal === undefined ? 'yes' : 'in transactions', again: 'yes', remove: 'yes' };
}

/** history and status, on a database: one by one up, all, back as far as there is a way, and up again. */
export async function checkRunning(tool: ToolCase, running: RunProject, url: string): Promise<Held> {
  const { ids, repeatable = [] } = tool;
  const states = async (): Promise<readonly string[]> => running.states(url);
  const some = (applied: number): readonly string[] =>
    ids.map((id, index) => `${id}: ${index < applied || (isUp && repeatable.includes(id)) ? 'applied' : 'pending'}`);
  let isUp = false;
  const { applier } = running.project;
  expect(applier.kind).toBe(tool.appliedByTool === undefined ? 'lockstep' : 'command');
  if (applier.kind === 'command') {
    const refused = await running.run(url);
    expect(refused.applied).toEqual([]);
    expect(refused.failed?.message).toContain(applier.apply);
    expect(await states()).toEqual(some(0));
    await using connection = await running.connect(url, { createIfMissing: true });
    for (const statement of tool.appliedByTool ?? []) await connection.execute(statement);
    expect(await states()).toEqual(some(2));
    return { history: "read, the tool's own command applies", status: 'yes' };
  }
  const first = await running.run(url, { extent: { kind: 'next' } });
  expect(first.failed, JSON.stringify(first.failed)).toBeNull();
  expect(await states()).toEqual(some(1));
  const rest = await running.run(url);
  expect(rest.failed, JSON.stringify(rest.failed)).toBeNull();
  expect(rest.applied).toEqual(ids.slice(1));
  expect(await states()).toEqual(some(ids.length));
  isUp = true;
  expect((await running.run(url)).applied).toEqual([]);
  const versioned = ids.length - repeatable.length;
  const revertible = tool.revertible ?? versioned;
  for (let count = 1; count <= revertible; count++) {
    const done = await running.run(url, { direction: 'down', extent: { kind: 'next' } });
    expect(done.failed, JSON.stringify(done.failed)).toBeNull();
    expect(await states()).toEqual(some(versioned - count));
  }
  if (revertible > 0) {
    const again = await running.run(url);
    expect(again.failed, JSON.stringify(again.failed)).toBeNull();
    expect(await states()).toEqual(some(ids.length));
  }
  return { history: revertible === 0 ? 'up' : 'up and down', status: 'yes' };
}

function settled({ project }: RunProject, changes: readonly FileChange[]): readonly FileChange[] {
  return project.format.settle?.(changes, project) ?? changes;
}

function half(
  _tool: ToolCase,
  project: RunProject['project'],
  migration: MigrationFile,
  direction: 'up' | 'down',
): { readonly sql: string; readonly transaction: string } {
  const file = direction === 'up' ? migration.upPath : (migration.downPath ?? '');
  const text = project.textOf(file) ?? '';
  const layout = new Headers(project.format, file, text, 'postgresql').layout;
  const section = sectionOf(layout, migration, direction);
  if (section === undefined) throw new Error(`no ${direction} half of ${migration.id} in ${file}`);
  const part = partOf(layout, migration, text);
  expect(section.span.start).toBeGreaterThanOrEqual(part.start);
  expect(section.span.end).toBeLessThanOrEqual(part.end);
  return { sql: text.slice(section.span.start, section.span.end), transaction: section.transaction };
}

/** Whoever opens the database of a tool with a project of another one is told whose history is there. */
export async function checkTelling({ project: { tool } }: RunProject, url: string): Promise<Held> {
  if (tool.tellingTables === undefined) return { 'told by its table': 'no, others use the name' };
  using other = await runProject(OTHERS.find((files) => files.tool !== tool.id)?.files ?? {});
  await using connection = await other.connect(url, { readOnly: true });
  const told = await otherHistories(other.project, connection);
  const names = tool.tellingTables.map(({ table, of = tool.title }) => `the history of ${of} (${table})`);
  const [message = ''] = told.map((problem) => problem.message.replace(/\(\w+\./, '('));
  expect(names.some((name) => message.includes(name))).toBe(true);
  expect(told.every((problem) => problem.stopsRuns)).toBe(true);
  return { 'told by its table': 'yes' };
}

/** Projects of two tools. */
const OTHERS: readonly { readonly tool: string; readonly files: Readonly<Record<string, string>> }[] = [
  { tool: 'sql-pairs', files: { 'migrations/1_a.up.sql': 'CREATE TABLE a (b int);\n' } },
  { tool: 'dbmate', files: { 'migrations/20240101000000_a.sql': '-- migrate:up\nCREATE TABLE a (b int);\n' } },
];

/** Every document and sidecar file with its text. */
function snapshot({ project, folder }: RunProject): Readonly<Record<string, string>> {
  const { migrations, sidecars = [] } = project.migrations;
  const paths = migrations.flatMap((migration) => [migration.upPath, migration.downPath ?? migration.upPath]);
  return Object.fromEntries(
    [...new Set([...paths, ...sidecars])].sort().map((file) => [file, readFileSync(`${folder}/${file}`, 'utf8')]),
  );
}

/** The table of what held: tool x member. */
export function tableOf(rows: ReadonlyMap<string, Held>): string {
  const columns = [...new Set([...rows.values()].flatMap((row) => Object.keys(row)))];
  const lines = [
    ['tool', ...columns],
    ...[...rows].map(([tool, row]) => [tool, ...columns.map((name) => row[name] ?? '-')]),
  ];
  const widths = columns.concat('').map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
