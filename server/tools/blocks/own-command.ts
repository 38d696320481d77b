import type { CommandLine } from '../../core/ports.ts';
import { byEngine } from '../../model/engine-id.ts';
import type { Section } from '../../model/migration.ts';
import type { Applier, CommandJob } from '../applier.ts';
import type { FileTree } from '../file-tree.ts';
import { folderPath, joinPath } from '../folder.ts';
import type { Span } from '../../core/span.ts';

/** A tool whose migrations are programs, with the words of its commands. */
export interface OwnCommand {
  /** `Alembic`. */
  readonly title: string;
  readonly apply: string;
  readonly list: string;
  readonly revert: string;
  /**
   * The variable that the project's own configuration takes the database's URL from. Without one Lockstep only names the
   * commands: it could not say which database they work on.
   */
  readonly variable?: string | undefined;
  /** Folder in which they run, relative to the root. */
  readonly folder: string;
  /** Words of the program's runs for a job, the program itself first. */
  readonly words: (job: CommandJob) => readonly (readonly string[])[];
  /** The URL as the tool's own driver wants it. */
  readonly url?: (job: CommandJob) => string;
}

/** The tool's own command applies and reverts. */
export function ownCommand(spec: OwnCommand): Applier {
  const { variable } = spec;
  return {
    kind: 'command',
    why: `A migration of ${spec.title} is a program, which ${spec.title} itself runs.`,
    apply: spec.apply,
    list: spec.list,
    revert: spec.revert,
    ...(variable === undefined
      ? {}
      : {
          run: (job: CommandJob): readonly CommandLine[] =>
            spec.words(job).map(([command = '', ...words]) => ({
              command,
              words,
              folder: folderPath(job.root, spec.folder),
              // A URL may hold a password, and words of a command can be seen by others on the machine.
              environment: { [variable]: (spec.url ?? plainUrl)(job) },
            })),
          explain: (printed: readonly string[] | 'missing'): string =>
            printed === 'missing'
              ? `${spec.title}'s program is not on this machine, or not where this folder has it: install what the project needs.`
              : `"${spec.apply}" ended with an error: ${printed.findLast((line) => line.trim() !== '')?.trim() ?? 'it said nothing'}`.replace(
                  /([^.])$/,
                  '$1.',
                ),
        }),
  };
}

/** `postgresql://...`, or `sqlite:///` and the file's absolute path, as most tools take it. */
export function plainUrl({ database }: CommandJob): string {
  return byEngine(database.dialect, {
    // Some take the product's whole name alone.
    postgresql: database.url.replace(/^\w+(?=:\/\/)/, database.dialect),
    sqlite: `sqlite:///${database.url}`,
  });
}

const READS_VARIABLE =
  /(?:process\.env(?:\.|\[["'])|os\.(?:environ(?:\.get)?|getenv)[([]\s*["']|ENV(?:\.fetch)?[[(]\s*["']|\benv(?:\.\w+)?\(\s*["'])(\w+)/g;

/** Other services have URLs too. */
const OF_DATABASE = /DATABASE|DB|PG|POSTGRES|SQL|^DSN$/i;

/** The one variable that a configuration reads a database's URL from, which is not run; undefined where none or several are. */
export function urlVariableIn(text: string): string | undefined {
  const names = new Set([...text.matchAll(READS_VARIABLE)].map(([, name = '']) => name));
  const urls = [...names].filter(
    (name) => OF_DATABASE.test(name) && /(?:URL|URI|DSN|CONNECTION(?:_STRING)?)$/i.test(name),
  );
  return urls.length === 1 ? urls[0] : undefined;
}

/** A half that only the tool itself runs. */
export function ownSection(
  direction: Section['direction'],
  span: Span,
  transaction: Section['transaction'],
  { title, apply }: Pick<OwnCommand, 'title' | 'apply'>,
  more: Pick<Section, 'markerSpan' | 'turn'> = {},
): Section {
  return {
    direction,
    span,
    transaction,
    ...more,
    blocked: `${title} itself runs its migrations: apply it by "${apply}"`,
  };
}

/** A program of a virtual environment beside the project, else the one of this name on the machine. */
export async function programOf(tree: FileTree, folder: string, name: string): Promise<string> {
  for (const place of ['.venv', 'venv', 'env']) {
    const path = joinPath(folder, `${place}/bin`);
    if ((await tree.folder(path))?.files.includes(name) === true) return `${folderPath(tree.root, path)}/${name}`;
  }
  return name;
}
