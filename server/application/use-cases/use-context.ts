import type { Clock, Commands, WritableFileSystem } from '../../core/ports.ts';
import type { Connection, ConnectOptions, DatabaseTarget } from '../../drivers/driver.ts';
import type { Auditor } from '../../runner/run-log.ts';
import type { FolderProject } from '../folder-project.ts';
import type { ProjectDatabase } from './project-database.ts';

/** The outside that use cases touch: files, the clock, databases and the environment's variables. */
export interface Outside {
  readonly files: WritableFileSystem;
  readonly clock: Clock;
  /** Errors: rejects with `DatabaseError`. */
  openConnection(target: DatabaseTarget, options: ConnectOptions, signal?: AbortSignal): Promise<Connection>;
  environmentVariable(name: string): string | undefined;
  /** Who works here, for the logs that teams keep in their databases. */
  readonly auditor?: Auditor;
  /** Runs tools' own commands; absent where none may be. */
  readonly commands?: Commands;
}

/** What every use case works on: one project, its database and the outside. */
export interface UseContext {
  readonly outside: Outside;
  readonly project: FolderProject;
  readonly database: ProjectDatabase;
  /** False: nothing is connected to, and nothing is written. */
  readonly isTrusted: boolean;
  /** Whether the project is used after this, so that it has to know what a run left in the database. */
  readonly isKept: boolean;
  /** What a person types for the name of a database that is production; undefined, or absent: nothing, so that nothing is written to it. */
  readonly confirmName?: (name: string) => Promise<string | undefined>;
}
