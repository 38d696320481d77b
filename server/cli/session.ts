import { repeated } from '../core/redact.ts';
import { openConnection } from '../drivers/connect.ts';
import type { Connection } from '../drivers/driver.ts';
import { parseDatabaseUrl } from '../drivers/target.ts';
import { chooseDatabase } from '../application/use-cases/choose-database.ts';
import { pickProject } from '../application/use-cases/pick-project.ts';
import { ProjectDatabase, type NamedDatabase } from '../application/use-cases/project-database.ts';
import type { Outside, UseContext } from '../application/use-cases/use-context.ts';
import type { Engines } from '../host/load-engines.ts';
import type { Clock, Commands, WritableFileSystem } from '../core/ports.ts';
import { ENGINE_IDS, type EngineId } from '../model/engine-id.ts';
import { readDatabaseFacts, readServerFacts } from '../application/database-facts.ts';
import type { FolderProject } from '../application/folder-project.ts';
import { KNOWN_CODES, MissingPathError, openProjects, type OpenedProjects } from '../application/open-project.ts';
import { connectOptions } from '../application/connect-options.ts';
import type { Auditor } from '../runner/run-log.ts';
import { RULES } from '../rules/index.ts';
import { unreadSentence } from '../tools/find-unread.ts';
import type { Arguments } from './arguments.ts';
import { UsageError } from './exit-codes.ts';
import { refusalError } from './refusal-error.ts';
import { palette, type Palette, type Terminal } from './terminal.ts';

/** The real outside, injected once. */
export interface Machine {
  readonly files: WritableFileSystem;
  readonly clock: Clock;
  /** Absent where no tool's own command is to be run. */
  readonly commands?: Commands;
  loadEngines(): Promise<Engines>;
  /** Files of the last commit, relative to a folder; undefined without git, a repository or a commit. */
  /** Who works here. */
  readonly auditor?: Auditor;
  committedFiles(root: string): Promise<ReadonlySet<string> | undefined>;
}

/** What a command works with: its words, its projects and the way to the database. */
export class Session {
  readonly arguments: Arguments;
  readonly terminal: Terminal;
  readonly machine: Machine;
  readonly colors: Palette;
  /** Absolute working directory after `--cwd`. */
  readonly root: string;

  constructor(words: Arguments, terminal: Terminal, machine: Machine) {
    this.arguments = words;
    this.terminal = terminal;
    this.machine = machine;
    const given = words.text('cwd');
    this.root = (given === undefined ? terminal.workingDirectory : resolve(terminal.workingDirectory, given)).replace(
      /\/$/,
      '',
    );
    const color = words.choice('color', ['auto', 'always', 'never']);
    this.colors = palette(color === 'always' || (color === 'auto' && terminal.hasColor));
  }

  /** Opens the projects of some paths, or all. Configuration problems end the command. */
  async open(paths: readonly string[] = []): Promise<OpenedProjects> {
    const { files } = this.machine;
    if (!(await files.exists(this.root)))
      throw new UsageError(`there is no folder ${repeated(this.arguments.text('cwd') ?? this.root)}: correct --cwd`);
    const config = this.arguments.text('config');
    const settingsFile = config === undefined ? undefined : resolve(this.root, config);
    if (settingsFile !== undefined && !(await files.exists(settingsFile)))
      throw new UsageError(`there is no configuration file ${config}: correct --config`);
    const engines = await this.machine.loadEngines();
    const serverVersion = this.arguments.text('server-version');
    if (serverVersion !== undefined && !/^\d+(\.\d+)*$/.test(serverVersion))
      throw new UsageError(
        `--server-version takes a version such as 17 or 3.54, not ${repeated(serverVersion)}: correct it`,
      );
    const wanted = this.dialect();
    try {
      const opened = await openProjects({
        root: this.root,
        files,
        engines,
        paths,
        ...(settingsFile === undefined ? {} : { settingsFile }),
        overrides: {
          ...(wanted === undefined ? {} : { dialect: wanted }),
          ...(serverVersion === undefined ? {} : { serverVersion }),
        },
      });
      const problem = opened.problems[0];
      if (problem !== undefined) {
        const place =
          problem.range === null ? '' : `:${problem.range.start.line + 1}:${problem.range.start.character + 1}`;
        throw new UsageError(`${relativePath(this.root, problem.path)}${place}: ${problem.message}`);
      }
      return opened;
    } catch (cause) {
      if (cause instanceof MissingPathError) throw new UsageError(`${cause.message}: correct the path`);
      throw cause;
    }
  }

  /** The engine that `--dialect` names, or that of the database that `--database` names. */
  dialect(): EngineId | undefined {
    const given = this.arguments.text('dialect');
    const dialect = ENGINE_IDS.find((id) => id === given);
    if (given !== undefined && dialect === undefined)
      throw new UsageError(`--dialect takes ${ENGINE_IDS.join(' or ')}, not ${repeated(given)}: correct it`);
    const named = this.arguments.text('database');
    if (dialect !== undefined || named === undefined) return dialect;
    const target = parseDatabaseUrl(named, this.root);
    if ('problem' in target) throw refusalError({ code: 'url-unreadable', problem: target.problem });
    return target.dialect;
  }

  /** The only project, or the one that `--cwd` or a path picks out. */
  async openOne(): Promise<FolderProject> {
    const { projects, unread } = await this.open();
    const project = pickProject(projects, { ifSeveral: 'refuse' });
    if (!('kind' in project)) return project;
    if (project.reason.code !== 'no-project') throw refusalError(project.reason);
    refuseUnread(unread);
    throw new UsageError(
      `no migrations were found below ${this.root}: run this in the project's folder, or name the folder in lockstep.jsonc`,
    );
  }

  /** What use cases touch outside. */
  outside(): Outside {
    return {
      files: this.machine.files,
      clock: this.machine.clock,
      openConnection,
      environmentVariable: (name) => this.terminal.environment[name],
      ...(this.machine.commands === undefined ? {} : { commands: this.machine.commands }),
      ...(this.machine.auditor === undefined ? {} : { auditor: this.machine.auditor }),
    };
  }

  /** A file that a person names, and its text. */
  async fileOf(path: string): Promise<string> {
    const { files } = this.machine;
    const absolute = resolve(this.root, path);
    if (!(await files.exists(absolute))) throw new UsageError(`there is no file ${repeated(path)}: correct the path`);
    return files.readText(absolute);
  }

  /** The database that is named for what need not be of a project: as for the first that has one, or by `--database` alone. */
  databaseFor(projects: readonly FolderProject[]): NamedDatabase {
    const project = projects.find(({ unreadProduct }) => unreadProduct === undefined);
    if (project !== undefined) {
      const named = this.#chosen(project);
      if ('kind' in named) throw refusalError(named.reason);
      return named;
    }
    const given = this.arguments.text('database');
    const target = given === undefined ? undefined : parseDatabaseUrl(given, this.root);
    if (target === undefined) throw refusalError({ code: 'no-database', environments: [] });
    if ('problem' in target) throw refusalError({ code: 'url-unreadable', problem: target.problem });
    return { target, environment: null };
  }

  /** What is typed for the name of production: by `--confirm`, or on the terminal. */
  confirmName(): (name: string) => Promise<string | undefined> {
    return async (name) => {
      const given = this.arguments.text('confirm');
      if (given !== undefined || !this.terminal.isInteractive) return given;
      return this.terminal.ask?.(`${name} is PRODUCTION. Type its name to go on: `);
    };
  }

  /** What a use case works on that needs no database. */
  here(project: FolderProject, named?: NamedDatabase): UseContext {
    return {
      outside: this.outside(),
      project,
      database: new ProjectDatabase(named),
      isTrusted: true,
      isKept: false,
      confirmName: this.confirmName(),
    };
  }

  /** What a use case works on: a project with its database, which `--database` names, or the configuration. */
  on(project: FolderProject): UseContext {
    const named = this.#chosen(project);
    if ('kind' in named) throw refusalError(named.reason);
    return this.here(project, named);
  }

  /** The same for what is only richer with a database: where `--database` names none, there need be none. */
  onIfNamed(project: FolderProject): UseContext {
    const named = this.#chosen(project);
    if (!('kind' in named)) return this.here(project, named);
    if (this.arguments.text('database') !== undefined) throw refusalError(named.reason);
    return this.here(project);
  }

  /** Opens a project's database to read; the caller disposes of it. */
  async connect(project: FolderProject): Promise<Connection> {
    const named = this.#chosen(project);
    if ('kind' in named) throw refusalError(named.reason);
    return openConnection(named.target, connectOptions(project.engine, { readOnly: true }), this.terminal.signal);
  }

  /**
   * Tells a project which version a database has that `--database` names, and how large its tables are; what it has applied
   * is not asked, so that all migrations are looked at.
   */
  async useServer(project: FolderProject): Promise<void> {
    // A database that is named is none of a product that no engine reads.
    if (this.arguments.text('database') === undefined || project.unreadProduct !== undefined) return;
    await using connection = await this.connect(project);
    project.setServer(await readServerFacts(connection));
  }

  /** Tells a project what a database has that `--database` names; nothing is asked otherwise. */
  async attachIfNamed(project: FolderProject): Promise<void> {
    if (this.arguments.text('database') === undefined || project.unreadProduct !== undefined) return;
    await using connection = await this.connect(project);
    await this.attach(project, connection);
  }

  /** Ids that a database has, and its version, where `--database` names one; nothing is asked otherwise. */
  async appliedIfNamed(
    project: FolderProject,
  ): Promise<{ readonly ids: ReadonlySet<string>; readonly version: number } | undefined> {
    if (this.arguments.text('database') === undefined) return undefined;
    await using connection = await this.connect(project);
    const { applied, version } = await readDatabaseFacts(project, connection);
    return { ids: applied, version };
  }

  /** Tells a project what the database has, so that lint sees the history. */
  async attach(project: FolderProject, connection: Connection): Promise<void> {
    project.setDatabase(await readDatabaseFacts(project, connection));
  }

  /** Codes of the rules that `--rule` names; none where it is absent. */
  ruleCodes(): ReadonlySet<string> {
    return new Set(
      this.arguments.list('rule').map((code) => {
        const rule = RULES.find((each) => each.code === code || each.aliases?.includes(code) === true);
        if (rule === undefined && !KNOWN_CODES.has(code))
          throw new UsageError(
            `--rule takes the code of a rule, and ${repeated(code)} is none: see RULES.md for the codes`,
          );
        return rule?.code ?? code;
      }),
    );
  }

  #chosen(project: FolderProject): ReturnType<typeof chooseDatabase> {
    return chooseDatabase(this.here(project), {
      url: this.arguments.text('database'),
      named: this.arguments.text('environment'),
      base: this.root,
    });
  }
}

/** Nothing to read beside migrations that are not read: these are told by name. */
export function refuseUnread(unread: OpenedProjects['unread']): void {
  if (unread.length > 0) throw refusalError({ code: 'no-project', unread: unread.map(unreadSentence) });
}

/** An absolute path, with `/`. */
export function resolve(base: string, path: string): string {
  const absolute = /^(\/|[A-Za-z]:)/.test(path) ? path : `${base}/${path}`;
  const parts: string[] = [];
  for (const part of absolute.replaceAll('\\', '/').split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return /^[A-Za-z]:$/.test(parts[0] ?? '') ? parts.join('/') : `/${parts.join('/')}`;
}

function relativePath(root: string, path: string): string {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
}
