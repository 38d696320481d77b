import { existsSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { askForYes } from '../../server/cli/ask.ts';
import type { StatusReport } from '../../server/runner/report.ts';
import { cliFolder, type CliFolder } from '../support/cli.ts';

const COUNT = 20;

function scene(more: Readonly<Record<string, string>> = {}): CliFolder {
  return cliFolder({
    'lockstep.jsonc': '{ "dialect": "sqlite", "database": { "url": "sqlite:app.db" } }',
    ...Object.fromEntries(
      Array.from({ length: COUNT }, (_, index) => [
        `migrations/${String(index + 1).padStart(4, '0')}_t.up.sql`,
        `CREATE TABLE t${index} (id INTEGER);\n`,
      ]),
    ),
    ...more,
  });
}

async function applied(project: CliFolder): Promise<number> {
  return (await project.run('status', '--format', 'json')).json<StatusReport>().counts.applied;
}

describe('standard output that is closed or full', () => {
  test.each(['text', 'json'])('does not end a run in the middle (%s)', async (format) => {
    using project = scene();
    await project.shell(`(lockstep apply --yes --format ${format}; echo $? > code) | true`);
    expect(project.read('code')).toBe('0\n');
    expect(await applied(project)).toBe(COUNT);
  });

  test.skipIf(!existsSync('/dev/full'))('is told, and the exit code says what was done', async () => {
    using project = scene();
    const full = await project.shell('lockstep apply --yes --to 0005_t > /dev/full');
    expect(full).toMatchObject({ code: 0 });
    expect(full.stderr).toBe(
      'lockstep: standard output could not be written (ENOSPC): what is told there is not complete\n',
    );
    expect(await applied(project)).toBe(5);
    expect((await project.shell('lockstep apply --yes > /dev/full 2> /dev/full')).code).toBe(0);
    expect(await applied(project)).toBe(COUNT);
    project.write('migrations/0099_bad.up.sql', 'CREATE TABLE t0 (id INTEGER);\n');
    expect((await project.shell('lockstep apply --yes > /dev/full')).code).toBe(4);
    // A report that nobody could read is no success.
    expect((await project.shell('lockstep lint --fail-on never > /dev/full')).code).toBe(2);
    expect((await project.shell('lockstep lint --fail-on never | true')).code).toBe(0);
  });
});

describe('a question', () => {
  function asked(): {
    readonly input: PassThrough;
    readonly answer: Promise<boolean>;
    readonly abort: AbortController;
  } {
    const input = new PassThrough();
    const abort = new AbortController();
    return { input, abort, answer: askForYes('Apply?', input, new PassThrough(), abort.signal, true) };
  }

  test.each([
    ['y\r', true],
    ['Yes\r', true],
    ['n\r', false],
    ['\r', false],
    ['yellow\r', false],
    ['Ctrl-C', false, '\u0003'],
    ['Ctrl-D', false, '\u0004'],
  ])('answered by %j', async (name, expected, keys = name) => {
    const { input, answer } = asked();
    input.write(keys);
    expect(await answer).toBe(expected);
  });

  test('ends with its input, and with the run', async () => {
    const ended = asked();
    ended.input.end();
    expect(await ended.answer).toBe(false);
    const cancelled = asked();
    cancelled.abort.abort();
    expect(await cancelled.answer).toBe(false);
  });
});
