import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FixReport, LintReport } from '../../server/analysis/report.ts';
import type { RunEvent, StatusReport } from '../../server/runner/report.ts';
import { cliFolder, type CliFolder } from '../support/cli.ts';
import { tableOf, type Held } from '../support/conformance.ts';
import { tellInProcess } from '../support/in-process-cli.ts';
import { MAJORS, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { STRANGER_PROJECTS, strangerFiles } from '../support/stranger-projects.ts';

/*
 * A stranger's first hour with each of ten tools, as the command line has it: a repository in the shape of a real one, no
 * configuration of ours, a database of a server. Findings, the fix as files of that tool, status, apply, revert.
 */

const held = new Map<string, Held>();

/** What one command printed. It runs in this process: two hundred starts of Node.js would show nothing more. */
async function told(project: CliFolder, code: number, ...words: readonly string[]): Promise<string> {
  const result = await tellInProcess(project.folder, words, {});
  expect(result.code, `${words.join(' ')}\n${result.output}`).toBe(code);
  return result.output;
}

/** The same for a command whose output a program reads. */
async function read<Value>(project: CliFolder, code: number, ...words: readonly string[]): Promise<Value> {
  // The caller names the shape that the command's contract gives.
  return JSON.parse(await told(project, code, ...words, '--format', 'json')) as Value;
}

describe(`on PostgreSQL ${MAJORS.at(-1)} a stranger comes from the first look to a migration that is taken back`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(MAJORS.at(-1) ?? 18);
  });
  afterAll(async () => {
    await server.stop();
  });

  test.each(STRANGER_PROJECTS)('in a project of $tool', async (known) => {
    const files = strangerFiles(known);
    using project = cliFolder(files);
    const database = await server.createDatabase();
    const at = ['--database', server.urlOf(database)] as const;
    const client = await server.connect(database);
    try {
      // The first look: which files, and what is wrong with them.
      const lint = await read<LintReport>(project, 1, 'lint');
      const errors = lint.files.flatMap(({ path, findings }) =>
        findings.filter(({ severity }) => severity === 'error').map(({ code }) => `${path}: ${code}`),
      );
      expect([...new Set(lint.files.map((file) => file.tool))]).toEqual([known.tool]);
      expect(errors).toEqual([`${known.newest}: ${known.risk.code}`]);
      expect(lint.files.flatMap((file) => file.problems)).toEqual([]);

      const before = await read<StatusReport>(project, 0, 'status', ...at);
      expect(before).toMatchObject({
        tool: known.tool,
        counts: { applied: 0, pending: 3 },
        history: { exists: false },
      });

      // The fix, as files of that tool.
      const fix = await read<FixReport>(project, 0, 'fix', known.newest, '--write', ...known.risk.values);
      const written = fix.fixes.flatMap((each) => each.files).filter((file) => file.action !== 'delete');
      expect(written.length).toBeGreaterThan(1);
      for (const file of written) expect(file.path).toMatch(known.written);
      await told(project, 0, 'lint');
      // Nothing else was touched, and nothing of ours was left in the repository.
      for (const [name, text] of Object.entries(files))
        if (!fix.fixes.some((each) => each.files.some((file) => file.path === name)))
          expect(project.read(name), name).toBe(text);
      expect(project.files().filter((name) => !(name in files) && !known.written.test(name))).toEqual([]);

      // The table has rows when the rest comes.
      const ids = (await read<StatusReport>(project, 0, 'status', ...at)).migrations.map(({ id }) => id);
      await told(project, 0, 'apply', '--to', ids[1] ?? '', '--yes', ...at);
      await client.query("INSERT INTO users (email) VALUES ('ann@example.com'), ('bob@example.com')");
      const stopped = await told(project, 5, 'apply', '--yes', ...at);
      expect(stopped).toContain(`lockstep change confirm-deploy ${known.risk.change}`);
      await told(project, 0, 'change', 'confirm-deploy', known.risk.change, ...at);
      await told(project, 0, 'apply', '--yes', ...at);
      const after = await read<StatusReport>(project, 0, 'status', ...at);
      expect(after.migrations.map((migration) => migration.state)).toEqual(ids.map(() => 'applied'));
      await told(project, 0, 'verify', ...at);
      const [query, row] = known.risk.proof;
      expect((await client.query(query)).rows).toEqual([row]);
      expect((await client.query('SELECT to_regclass($1) IS NOT NULL AS there', [known.history])).rows).toEqual([
        { there: true },
      ]);

      // The way back, or the word that there is none.
      if (known.revertible) {
        const back = await told(project, 0, 'revert', '--last', '--yes', '--format', 'json', ...at);
        // One event a line, the last of which says what was done.
        const done = JSON.parse(back.trimEnd().split('\n').at(-1) ?? '') as RunEvent;
        expect(done).toMatchObject({ event: 'done', applied: [ids.at(-1)], failed: null });
        await told(project, 1, 'verify', ...at);
        await told(project, 0, 'apply', '--yes', ...at);
        await told(project, 0, 'verify', ...at);
      } else {
        const back = await tellInProcess(project.folder, ['revert', '--last', '--yes', ...at], {});
        expect(back.code).not.toBe(0);
        expect(back.output).toContain(ids.at(-1));
        await told(project, 0, 'verify', ...at);
      }
      held.set(known.tool, {
        found: `${lint.files.length} files`,
        findings: known.risk.code,
        'fix, as its files': `${written.length} files`,
        status: 'yes',
        apply: `${ids.length} migrations, one deploy between`,
        revert: known.revertible ? 'and applied again' : 'no way back in this tool, said so',
      });
    } finally {
      await client.end();
    }
  });
});

afterAll(() => {
  process.stdout.write(`${tableOf(held)}\n`);
});
