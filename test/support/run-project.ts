import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openConnection } from '../../server/drivers/connect.ts';
import type { Connection } from '../../server/drivers/driver.ts';
import { parseDatabaseUrl } from '../../server/drivers/target.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { nodeFiles } from '../../server/host/node-files.ts';
import { systemClock } from '../../server/host/system-clock.ts';
import { connectOptions } from '../../server/application/connect-options.ts';
import type { FolderProject } from '../../server/application/folder-project.ts';
import { openProjects } from '../../server/application/open-project.ts';
import type { RunEvent, StatusReport } from '../../server/runner/report.ts';
import { run } from '../../server/runner/run.ts';
import { DEFAULT_RUN_SETTINGS, type DoneEvent, type RunRequest } from '../../server/runner/runner.ts';
import { readStatus } from '../../server/runner/status.ts';

/** A project of real files in a temporary folder, with everything that a test does to its database. */
export interface RunProject extends Disposable {
  readonly folder: string;
  readonly project: FolderProject;
  readonly events: RunEvent[];
  write(name: string, text: string): Promise<void>;
  /** The same folder, found once more. */
  again(): Promise<FolderProject>;
  connect(
    url: string,
    options?: { readonly readOnly?: boolean; readonly createIfMissing?: boolean },
  ): Promise<Connection>;
  status(url: string, options?: { readonly readOnly?: boolean }): Promise<StatusReport>;
  /** `id: state` of each migration. */
  states(url: string): Promise<readonly string[]>;
  run(url: string, request?: Partial<RunRequest>): Promise<DoneEvent>;
}

/** Writes files below a temporary folder and opens the project that they are. */
export async function runProject(files: Readonly<Record<string, string>>): Promise<RunProject> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-run-'));
  const put = (name: string, text: string): void => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  };
  for (const [name, text] of Object.entries(files)) put(name, text);
  const again = async (): Promise<FolderProject> => {
    const { projects } = await openProjects({ root: folder, files: nodeFiles, engines: await loadEngines() });
    const [found] = projects;
    if (found === undefined) throw new Error('no project was found');
    return found;
  };
  const project = await again();
  const events: RunEvent[] = [];
  const connect: RunProject['connect'] = async (url, options = {}) => {
    const target = parseDatabaseUrl(url, folder);
    if ('problem' in target) throw new Error(target.problem);
    return openConnection(
      target,
      connectOptions(project.engine, {
        readOnly: options.readOnly ?? false,
        ...(options.createIfMissing === true ? { createIfMissing: true } : {}),
      }),
    );
  };
  const status: RunProject['status'] = async (url, options) => {
    await using connection = await connect(url, options);
    return await readStatus(project, connection, null);
  };
  return {
    folder,
    project,
    again,
    events,
    connect,
    status,
    async write(name, text) {
      put(name, text);
      await project.refresh();
    },
    async states(url) {
      return (await status(url)).migrations.map((migration) => `${migration.id}: ${migration.state}`);
    },
    async run(url, request = {}) {
      await using connection = await connect(url, { createIfMissing: true });
      return await run({
        project,
        connection,
        direction: 'up',
        extent: { kind: 'all' },
        settings: DEFAULT_RUN_SETTINGS,
        clock: systemClock,
        onEvent: (event) => {
          events.push(event);
        },
        ...request,
      });
    },
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
