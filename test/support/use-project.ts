import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FolderProject } from '../../server/application/folder-project.ts';
import { openProjects } from '../../server/application/open-project.ts';
import { ProjectDatabase } from '../../server/application/use-cases/project-database.ts';
import type { UseContext } from '../../server/application/use-cases/use-context.ts';
import { openConnection } from '../../server/drivers/connect.ts';
import type { DatabaseTarget } from '../../server/drivers/driver.ts';
import { parseDatabaseUrl } from '../../server/drivers/target.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { nodeCommands } from '../../server/host/node-commands.ts';
import { nodeFiles } from '../../server/host/node-files.ts';
import { systemClock } from '../../server/host/system-clock.ts';

/** A project of real files in a temporary folder as use cases get it; it counts the sessions that they open. */
export interface UsedProject extends AsyncDisposable {
  readonly folder: string;
  readonly context: UseContext;
  /** Sessions opened so far. */
  sessions(): number;
}

/** Writes files below a temporary folder and opens the project that they are; `url` names its database. */
export async function useProject(
  files: Readonly<Record<string, string>>,
  url?: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<UsedProject> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-use-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  const { projects } = await openProjects({ root: folder, files: nodeFiles, engines: await loadEngines() });
  const project = projects[0];
  if (project === undefined) throw new Error('no project was found');
  const target = url === undefined ? undefined : parseDatabaseUrl(url, folder);
  if (target !== undefined && 'problem' in target) throw new Error(target.problem);
  let sessions = 0;
  return {
    folder,
    context: {
      outside: {
        files: nodeFiles,
        clock: systemClock,
        openConnection: (...wanted) => {
          sessions++;
          return openConnection(...wanted);
        },
        environmentVariable: (name) => environment[name],
      },
      project,
      database: new ProjectDatabase(target === undefined ? undefined : { target, environment: null }),
      isTrusted: true,
      isKept: true,
    },
    sessions: () => sessions,
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A project on a SQLite file as use cases get it, with the machine's own programs to run. */
export function contextWithCommands(project: FolderProject, file: string): UseContext {
  return contextOn(project, { dialect: 'sqlite', url: file, label: path.basename(file), secrets: [] });
}

/** A project on any database as use cases get it, with the machine's own programs to run. */
export function contextOn(project: FolderProject, target: DatabaseTarget): UseContext {
  return {
    outside: {
      files: nodeFiles,
      clock: systemClock,
      openConnection,
      environmentVariable: () => undefined,
      commands: nodeCommands,
    },
    project,
    database: new ProjectDatabase({ target, environment: null }),
    isTrusted: true,
    isKept: false,
  };
}
