import type { Clock, WritableFileSystem } from '../core/ports.ts';
import type { Connection, ConnectOptions, DatabaseTarget } from '../drivers/driver.ts';
import type { InitPlan } from '../application/init.ts';
import type { OpenedProjects } from '../application/open-project.ts';

/** Everything outside the process that the language server uses; `server/main.ts` gives the real ones. */
export interface LspHost {
  readonly files: WritableFileSystem;
  readonly clock: Clock;
  /** As `lockstep --version` prints it. */
  readonly version: string;
  /** `root` is absolute, with `/`; `known` is what was opened there before, of which what is the same is kept. */
  openProjects(root: string, known?: OpenedProjects): Promise<OpenedProjects>;
  /** A first configuration for a folder; nothing is written. */
  planInit(root: string): Promise<InitPlan>;
  openConnection(target: DatabaseTarget, options: ConnectOptions, signal?: AbortSignal): Promise<Connection>;
  /** Texts that a file had before, newest first, as far as the version control tells. */
  earlierTexts(path: string): AsyncIterable<string>;
  environmentVariable(name: string): string | undefined;
  /** Absolute path of a `file:` URI, with `/`. */
  pathOf(uri: string): string;
  /** `file:` URI of an absolute path. */
  uriOf(path: string): string;
}
