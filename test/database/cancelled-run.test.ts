import { expect, test } from 'vitest';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import type { Outcome, ProjectStatus, RunEventParams, RunResult } from '../../server/protocol/requests.ts';
import { startLsp } from '../support/lsp-client.ts';
import { MAJORS, startPostgres, whyNoServer } from '../support/postgres.ts';

const WAIT_MS = 60_000;

test.each(MAJORS.filter((major) => whyNoServer(major) === undefined).map((major) => ({ major })))(
  'a run that the editor cancels ends at once on PostgreSQL $major: its statement is stopped, rolled back, and the next run works',
  async ({ major }) => {
    const server = await startPostgres(major);
    try {
      const url = server.urlOf(await server.createDatabase());
      await using client = await startLsp(
        {
          'lockstep.jsonc': '{ "dialect": "postgresql", "database": { "env": "APP_URL" } }',
          'migrations/0001_users.up.sql': 'CREATE TABLE users (id int);\n',
          'migrations/0002_slow.up.sql': 'CREATE TABLE half (id int);\nSELECT pg_sleep(40);\n',
          'migrations/0003_never.up.sql': 'CREATE TABLE never (id int);\n',
        },
        { environment: { APP_URL: url } },
      );
      const folder = client.folderUri;
      await client.request('lockstep/connect', { folder, url: '', environment: null });
      const begun = new Promise<void>((resolve) => {
        client.on<RunEventParams>('lockstep/runEvent', ({ event }) => {
          if (event.event === 'migration' && event.id === '0002_slow') resolve();
        });
      });
      const cancellation = new CancellationTokenSource();
      const params = { folder, direction: 'up', extent: { kind: 'all' }, dryRun: false, token: 't', expectedIds: null };
      const running = client.request<Outcome<RunResult>>('lockstep/run', params, cancellation.token);
      await begun;
      // While it runs, the Status view says so, and a second run is refused.
      const [during] = await client.request<readonly ProjectStatus[]>('lockstep/status', { folder });
      expect(during?.inFlight).toMatchObject({ direction: 'up', id: '0002_slow' });
      expect(await client.request('lockstep/run', params)).toMatchObject({
        ok: false,
        message: expect.stringContaining('A run is under way'),
      });
      // Another window on the same database says so too, and says of nothing that it has failed.
      await using other = await startLsp({ copy: client.folder }, { environment: { APP_URL: url } });
      const elsewhere = async (): Promise<ProjectStatus | undefined> => {
        await other.request('lockstep/connect', { folder: other.folderUri, url: '', environment: null });
        return (await other.request<readonly ProjectStatus[]>('lockstep/status', { folder: other.folderUri }))[0];
      };
      expect(during?.runsElsewhere).toBeNull();
      expect(await elsewhere()).toMatchObject({
        inFlight: null,
        runsElsewhere: true,
        status: { counts: { failed: 0 } },
      });
      const cancelled = performance.now();
      cancellation.cancel();
      const outcome = await running;
      expect(performance.now() - cancelled).toBeLessThan(5000);
      expect(outcome).toMatchObject({ ok: true, value: { done: { applied: ['0001_users'], notRun: ['0003_never'] } } });
      const [after] = await client.request<readonly ProjectStatus[]>('lockstep/status', { folder });
      expect(after).toMatchObject({ inFlight: null, runsElsewhere: false });
      expect((await elsewhere())?.runsElsewhere).toBe(false);
      expect(after?.status.migrations.map((migration) => migration.state)).toEqual(['applied', 'pending', 'pending']);
      const watcher = await server.connect(url.split('/').at(-1));
      expect(
        (
          await watcher.query(
            `SELECT count(*)::int AS running FROM pg_stat_activity WHERE query LIKE '%pg_sleep(40)%' AND state = 'active' AND pid <> pg_backend_pid()`,
          )
        ).rows,
      ).toEqual([{ running: 0 }]);
      expect(
        (await watcher.query(`SELECT to_regclass('half') AS half, to_regclass('users') IS NOT NULL AS users`)).rows,
      ).toEqual([{ half: null, users: true }]);
      await watcher.end();
      expect(JSON.stringify(outcome)).toMatch(/cancelled/i);
      expect(client.errors()).toBe('');
    } finally {
      await server.stop();
    }
  },
  WAIT_MS,
);
