import type { InitPlan } from '../application/init.ts';
import type { OpenedProjects } from '../application/open-project.ts';
import type { Outside } from '../application/use-cases/use-context.ts';

/** Everything outside the process that the language server uses; `server/main.ts` gives the real ones. */
export interface LspHost extends Outside {
  /** As `lockstep --version` prints it. */
  readonly version: string;
  /** `root` is absolute, with `/`; `known` is what was opened there before, of which what is the same is kept. */
  openProjects(root: string, known?: OpenedProjects): Promise<OpenedProjects>;
  /** A first configuration for a folder; nothing is written. */
  planInit(root: string): Promise<InitPlan>;
  /** Texts that a file had before, newest first, as far as the version control tells. */
  earlierTexts(path: string): AsyncIterable<string>;
  /** Absolute path of a `file:` URI, with `/`. */
  pathOf(uri: string): string;
  /** `file:` URI of an absolute path. */
  uriOf(path: string): string;
}
