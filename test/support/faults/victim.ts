// A process that runs migrations until it is killed: node victim.cjs JSON, where JSON lists folder, URL and direction of
// each run. It says "ready", waits for a line, runs them all at once and prints each event as a line of JSON.
import { setTimeout } from 'node:timers/promises';
import { openConnection } from '../../../server/drivers/connect.ts';
import { parseDatabaseUrl } from '../../../server/drivers/target.ts';
import { connectOptions } from '../../../server/application/connect-options.ts';
import { openProjects } from '../../../server/application/open-project.ts';
import { loadEngines } from '../../../server/host/load-engines.ts';
import { nodeFiles } from '../../../server/host/node-files.ts';
import { systemClock } from '../../../server/host/system-clock.ts';
import { run } from '../../../server/runner/run.ts';
import { DEFAULT_RUN_SETTINGS } from '../../../server/runner/runner.ts';
import type { Direction } from './fault-migrations.ts';
import { extentOf } from './extent.ts';

/** One run that the process does. */
export interface VictimRun {
  readonly folder: string;
  readonly url: string;
  readonly direction: Direction;
  /** How long it waits before it begins. */
  readonly afterMs: number;
}

async function main(): Promise<void> {
  // The test that starts this process writes it.
  const runs = JSON.parse(process.argv[2] ?? '[]') as readonly VictimRun[];
  const engines = await loadEngines();
  const ready = await Promise.all(
    runs.map(async ({ folder, url, direction, afterMs }) => {
      const { projects } = await openProjects({ root: folder, files: nodeFiles, engines });
      const project = projects[0];
      const target = parseDatabaseUrl(url, folder);
      if (project === undefined || 'problem' in target) throw new Error(`nothing to run in ${folder}`);
      return { project, target, direction, afterMs };
    }),
  );
  process.stdout.write('ready\n');
  await new Promise((resolve) => {
    process.stdin.once('data', resolve);
  });
  process.stdin.unref();
  await Promise.all(
    ready.map(async ({ project, target, direction, afterMs }, lane) => {
      await setTimeout(afterMs);
      await using connection = await openConnection(target, connectOptions(project.engine, { readOnly: false }));
      await run({
        project,
        connection,
        ...extentOf(direction),
        settings: DEFAULT_RUN_SETTINGS,
        clock: systemClock,
        onEvent: (event) => {
          process.stdout.write(`${JSON.stringify({ lane, event })}\n`);
        },
      });
    }),
  );
}

void main();
