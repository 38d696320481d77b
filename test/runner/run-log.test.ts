import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { logOf } from '../../server/application/use-cases/log-of.ts';
import { markHistory } from '../../server/application/use-cases/repair-history.ts';
import { runMigrations } from '../../server/application/use-cases/run-migrations.ts';
import type { UseContext } from '../../server/application/use-cases/use-context.ts';
import type { LogEntry } from '../../server/runner/run-log.ts';
import { useProject } from '../support/use-project.ts';

const FILES = {
  'lockstep.jsonc': '{ "dialect": "sqlite", "audit": "database" }',
  'migrations/0001_a.up.sql': 'CREATE TABLE a (id INTEGER PRIMARY KEY);\n',
  'migrations/0001_a.down.sql': 'DROP TABLE a;\n',
  'migrations/0002_b.up.sql': 'CREATE TABLE b (id INTEGER PRIMARY KEY);\nINSERT INTO nowhere VALUES (1);\n',
};
const HOOKS = { onEvent: () => undefined };

function audited(context: UseContext): UseContext {
  return { ...context, outside: { ...context.outside, auditor: { by: 'ann@build7', version: '1.2.3' } } };
}

async function entriesOf(context: UseContext): Promise<readonly LogEntry[]> {
  const answer = await logOf(context);
  if (answer.kind === 'refused') throw new Error(answer.reason.code);
  return answer.value;
}

describe('the log in the database', () => {
  test('has who, what, when, how long, from where and how it ended, failures too', async () => {
    await using use = await useProject(FILES, 'sqlite:app.db');
    const context = audited(use.context);
    await runMigrations(context, { direction: 'up', extent: { kind: 'all' } }, HOOKS);
    await runMigrations(context, { direction: 'down', extent: { kind: 'to', id: '0001_a' } }, HOOKS);
    const entries = await entriesOf(context);
    expect(entries).toMatchObject([
      {
        action: 'apply',
        migration: '0001_a',
        by: 'ann@build7',
        outcome: 'done',
        fromVersion: null,
        lockstepVersion: '1.2.3',
        message: null,
      },
      { action: 'apply', migration: '0002_b', outcome: 'not-done', fromVersion: '0001_a' },
    ]);
    expect(entries[1]?.message).toContain('nowhere');
    for (const { begunAt, durationMs } of entries) {
      expect(Math.abs(Date.parse(begunAt) - Date.now())).toBeLessThan(60_000);
      expect(durationMs).toBeGreaterThanOrEqual(0);
    }
    await runMigrations(context, { direction: 'down', extent: { kind: 'next' } }, HOOKS);
    await markHistory(context, { id: '0002_b', mark: 'applied' });
    expect((await entriesOf(context)).slice(2)).toMatchObject([
      { action: 'revert', migration: '0001_a', outcome: 'done', fromVersion: '0001_a' },
      { action: 'mark', migration: '0002_b', outcome: 'done' },
    ]);
  });

  test('says of a run that was ended in the middle that nobody wrote its end', async () => {
    await using use = await useProject(FILES, 'sqlite:app.db');
    const context = audited(use.context);
    await runMigrations(context, { direction: 'up', extent: { kind: 'next' } }, HOOKS);
    const file = new Database(`${use.folder}/app.db`);
    // What a process leaves that is ended between the two writes.
    file.exec("UPDATE lockstep_log SET outcome = 'begun', duration_ms = NULL");
    file.close();
    expect(await entriesOf(context)).toMatchObject([{ outcome: 'begun', durationMs: null }]);
  });

  test('is not made where the team keeps none', async () => {
    await using use = await useProject({ ...FILES, 'lockstep.jsonc': '{ "dialect": "sqlite" }' }, 'sqlite:app.db');
    await runMigrations(audited(use.context), { direction: 'up', extent: { kind: 'next' } }, HOOKS);
    const file = new Database(`${use.folder}/app.db`, { readonly: true });
    expect(file.prepare("SELECT name FROM sqlite_schema WHERE name = 'lockstep_log'").all()).toEqual([]);
    file.close();
    expect(await entriesOf(use.context)).toEqual([]);
  });
});
