import { PRODUCTS } from '../engines/products.ts';
import { withoutSecrets } from '../core/redact.ts';
import { DatabaseError, type Connection, type DatabaseTarget } from '../drivers/driver.ts';
import { parseDatabaseUrl } from '../drivers/target.ts';
import { configuredDatabase, type ConfiguredDatabase } from '../application/configured-database.ts';
import { connectOptions } from '../application/connect-options.ts';
import { planMigrations, runMigrations, type RunOptions } from '../application/use-cases/run-migrations.ts';
import { ProjectDatabase, type NamedDatabase } from '../application/use-cases/project-database.ts';
import type { UseContext } from '../application/use-cases/use-context.ts';
import { runChecks } from '../application/use-cases/run-checks.ts';
import { changeRunbook } from '../application/change-runbook.ts';
import { readDatabaseFacts } from '../application/database-facts.ts';
import type { FolderProject } from '../application/folder-project.ts';
import type { DatabaseFacts } from '../application/project.ts';
import { writeChanges } from '../application/write-changes.ts';
import { slugOf } from '../planner/names.ts';
import type {
  AppliedText,
  AppliedTextParams,
  ChangeActionResult,
  ChangeParams,
  ConnectParams,
  ConnectResult,
  InitParams,
  InitResult,
  MarkParams,
  NewParams,
  NewResult,
  Outcome,
  ProjectStatus,
  RunbookParams,
  RunParams,
  RunResult,
  ScriptParams,
} from '../protocol/requests.ts';
import { changeInHand, checkChangeParity, confirmDeploys, parityLines } from '../runner/change-actions.ts';
import type { RunEvent } from '../runner/report.ts';
import { markMigration } from '../runner/mark-migration.ts';
import { script } from '../runner/script.ts';
import { readStatus } from '../runner/status.ts';
import type { LspHost } from './lsp-host.ts';
import { invalidIndexWords, refusalWords } from './refusal-words.ts';
import type { OpenFolder, Workspace } from './workspace.ts';

const UNTRUSTED = 'This workspace is not trusted, so Lockstep only lints it: trust the workspace, then try again.';
const NOTHING_FOUND = 'No migrations were found in this folder: make one, or name their folder in lockstep.jsonc.';

/**
 * Answers the requests that concern databases.
 *
 * Each request opens a session of its own and closes it, so that an idle editor holds none; only `connect`, which a person
 * asks for, makes a database known.
 */
export class DatabaseSessions {
  readonly #workspace: Workspace;
  readonly #host: LspHost;
  /** What is connected to, and what runs, by the key of a project. */
  readonly #databases = new Map<string, ProjectDatabase>();
  #isTrusted: boolean;

  constructor(workspace: Workspace, host: LspHost, isTrusted: boolean) {
    this.#workspace = workspace;
    this.#host = host;
    this.#isTrusted = isTrusted;
  }

  trust(): void {
    this.#isTrusted = true;
  }

  async connect(params: ConnectParams): Promise<Outcome<ConnectResult>> {
    if (!this.#isTrusted) return { ok: false, message: UNTRUSTED };
    const folder = this.#workspace.folder(params.folder);
    const projects = (folder?.projects ?? []).filter(
      (project) => params.project === undefined || project.folder === params.project,
    );
    const [first] = projects;
    if (folder === undefined || first === undefined) return { ok: false, message: NOTHING_FOUND };
    const named = params.url === '' ? undefined : parseDatabaseUrl(params.url, folder.root);
    if (named !== undefined && 'problem' in named) return { ok: false, message: named.problem };
    const wanted = projects.flatMap((project) => {
      const configured = this.#configured(project);
      const target = named ?? (configured.kind === 'named' ? configured.target : undefined);
      const environment = params.environment ?? project.settings.database.environment ?? null;
      return target === undefined ? [] : [{ project, connected: { target, environment } }];
    });
    const [known] = wanted;
    if (known === undefined)
      return {
        ok: false,
        message: 'lockstep.jsonc names no database that can be used: set its environment variable, or enter a URL.',
      };
    const fitting = wanted.filter(({ project, connected }) => project.dialect.id === connected.target.dialect);
    if (fitting.length === 0)
      return {
        ok: false,
        message: `The migrations in ${known.project.folder} are not written for the kind of database that ${known.connected.target.label} is: connect to another, or set "dialect" in lockstep.jsonc.`,
      };
    const results: ConnectResult[] = [];
    for (const { project, connected } of fitting) {
      const result = await this.#connectOne(folder, project, connected);
      if (!result.ok) return result;
      results.push(result.value);
    }
    const labels = [...new Set(results.map((result) => result.label))].join(', ');
    return { ok: true, value: { label: labels, version: results[0]?.version ?? '' } };
  }

  async #connectOne(
    folder: OpenFolder,
    project: FolderProject,
    connected: NamedDatabase,
  ): Promise<Outcome<ConnectResult>> {
    const { target } = connected;
    return this.#outside(target, async () => {
      if (PRODUCTS[target.dialect].isFile && !(await this.#host.files.exists(target.url))) {
        // A new project has no file yet: the first apply makes it.
        this.#database(folder.uri, project).named = connected;
        return { ok: true, value: { label: target.label, version: '' } };
      }
      await using connection = await this.#open(connected, project, { readOnly: true });
      await attach(project, connection);
      this.#database(folder.uri, project).named = connected;
      return { ok: true, value: { label: connection.label, version: connection.version } };
    });
  }

  disconnect(folderUri: string): void {
    for (const [key, database] of this.#databases) if (key.startsWith(keyOf(folderUri))) database.named = undefined;
    for (const project of this.#workspace.folder(folderUri)?.projects ?? []) project.setDatabase(undefined);
  }

  /** Reads again what the connected databases have, for lint of projects that were opened again. */
  async attachFacts(folder: OpenFolder, isWanted: (project: FolderProject) => boolean): Promise<void> {
    for (const project of folder.projects) {
      const connected = this.#database(folder.uri, project).named;
      if (connected === undefined || project.dialect.id !== connected.target.dialect || !isWanted(project)) continue;
      try {
        await using connection = await this.#open(connected, project, { readOnly: true });
        await attach(project, connection);
      } catch (cause) {
        if (!(cause instanceof DatabaseError)) throw cause;
        // The status request tells the person; lint goes on with the files alone.
        project.setDatabase(undefined);
      }
    }
  }

  async status(folderUri: string): Promise<readonly ProjectStatus[]> {
    const folder = this.#workspace.folder(folderUri);
    if (folder === undefined) return [];
    return Promise.all(
      folder.projects.map(async (project): Promise<ProjectStatus> => {
        const { named: connected, inFlight } = this.#database(folderUri, project);
        const rest = {
          configured: this.#configuredWords(project),
          inFlight: inFlight ?? null,
          connected: connected !== undefined,
        };
        const withoutDatabase = async (databaseProblem: string | null): Promise<ProjectStatus> => ({
          ...rest,
          databaseProblem,
          status: await readStatus(project, undefined, null),
        });
        if (connected === undefined) return withoutDatabase(null);
        try {
          await using connection = await this.#open(connected, project, { readOnly: true });
          return {
            ...rest,
            databaseProblem: null,
            status: await readStatus(project, connection, connected.environment),
          };
        } catch (cause) {
          if (!(cause instanceof DatabaseError)) throw cause;
          const isNew = cause.failure.kind === 'missing' && PRODUCTS[connected.target.dialect].isFile;
          return withoutDatabase(
            isNew
              ? `${connected.target.label} does not exist yet: the first apply makes it.`
              : clean(cause.failure.message, connected.target),
          );
        }
      }),
    );
  }

  async run(params: RunParams, onEvent: (event: RunEvent) => void, signal: AbortSignal): Promise<Outcome<RunResult>> {
    const context = this.#context(params);
    if (context === undefined) return { ok: false, message: this.#isTrusted ? NOTHING_FOUND : UNTRUSTED };
    const { direction, extent, expectedIds, despite, interrupted } = params;
    if (params.dryRun) return this.#dryRun(params, context, signal);
    const wish: RunOptions = {
      direction,
      extent,
      despite,
      ...(expectedIds === null ? {} : { expectedIds }),
      ...(interrupted === undefined ? {} : { interrupted }),
    };
    const ran = await runMigrations(context, wish, { onEvent, signal });
    if (ran.kind === 'refused') return { ok: false, message: refusalWords(ran.reason) };
    if (ran.kind !== 'ended') throw new Error('nobody was asked whether to run');
    return {
      ok: true,
      value: { done: ran.done, sql: null, checks: [], left: ran.invalidIndexes.map(invalidIndexWords) },
    };
  }

  /** Meets a requirement of a change: a person's word for a deploy, or a comparison. */
  async change(params: ChangeParams, signal: AbortSignal): Promise<Outcome<ChangeActionResult>> {
    if (!this.#isTrusted) return { ok: false, message: UNTRUSTED };
    const project = this.#project(params);
    if (project === undefined) return { ok: false, message: NOTHING_FOUND };
    const connected = this.#database(params.folder, project).named;
    if (connected === undefined) return { ok: false, message: 'No database is connected: connect to one first.' };
    return this.#outside(connected.target, async () => {
      await using connection = await this.#open(connected, project, { readOnly: false }, signal);
      const change = changeInHand(project, await readStatus(project, connection, connected.environment), params.change);
      if (params.action === 'confirm-deploy') {
        const confirmed = await confirmDeploys(connection, change, this.#host.clock, params.by, params.deploy);
        if (confirmed.kind === 'refused') return { ok: false, message: sentence(confirmed.message) };
        return {
          ok: true,
          value: { isMet: true, message: `Confirmed on ${connection.label}: ${confirmed.value.join('; ')}` },
        };
      }
      const compared = await checkChangeParity(connection, change, this.#host.clock, params.by, signal);
      if (compared.kind === 'refused') return { ok: false, message: sentence(compared.message) };
      const { agrees } = compared.value;
      const advice = agrees
        ? ''
        : ' The contract step is not let through: run the backfill again, or look who writes past the trigger.';
      return { ok: true, value: { isMet: agrees, message: `${parityLines(compared.value).join('. ')}.${advice}` } };
    });
  }

  /** A change as a Markdown page, with the states that the connected database shows. */
  async runbook(params: RunbookParams): Promise<Outcome<string>> {
    const folder = this.#workspace.folder(params.folder);
    const project = this.#project(params);
    if (folder === undefined || project === undefined) return { ok: false, message: NOTHING_FOUND };
    const { status } = (await this.status(params.folder)).find((each) => each.status.folder === project.folder) ?? {
      status: await readStatus(project, undefined, null),
    };
    const change = changeInHand(project, status, params.change);
    if (change.steps.length === 0)
      return { ok: false, message: `There is no change "${params.change}" in these migrations any more.` };
    return { ok: true, value: changeRunbook(project, change) };
  }

  script(params: ScriptParams): Outcome<string> {
    const project = this.#project(params);
    if (project === undefined) return { ok: false, message: NOTHING_FOUND };
    return {
      ok: true,
      value: script(project, { direction: params.direction, migrations: migrationsOf(project, params.ids) }),
    };
  }

  /** Changes what the history says of a migration, and runs nothing. */
  async mark({ id, mark, ...place }: MarkParams): Promise<Outcome<null>> {
    if (!this.#isTrusted) return { ok: false, message: UNTRUSTED };
    const project = this.#project(place);
    if (project === undefined) return { ok: false, message: NOTHING_FOUND };
    const { named: connected, inFlight } = this.#database(place.folder, project);
    if (connected === undefined) return { ok: false, message: 'No database is connected: connect to one first.' };
    if (inFlight !== undefined) return { ok: false, message: 'A run is under way in this project: wait for its end.' };
    return this.#outside(connected.target, async () => {
      await project.refresh();
      await using connection = await this.#open(connected, project, { readOnly: false });
      const refused = await markMigration(project, connection, id, mark, this.#host.clock);
      await attach(project, connection);
      return refused === undefined ? { ok: true, value: null } : { ok: false, message: refused };
    });
  }

  /** A migration's text as it was applied, found among those that the version control has by what the history keeps. */
  async appliedText({ id, ...place }: AppliedTextParams): Promise<Outcome<AppliedText>> {
    if (!this.#isTrusted) return { ok: false, message: UNTRUSTED };
    const folder = this.#workspace.folder(place.folder);
    const project = this.#project(place);
    const migration = project?.migrations.migrations.find((each) => each.id === id);
    if (folder === undefined || project === undefined || migration === undefined)
      return { ok: false, message: NOTHING_FOUND };
    const connected = this.#database(place.folder, project).named;
    if (connected === undefined) return { ok: false, message: 'No database is connected: connect to one first.' };
    return this.#outside(connected.target, async () => {
      await using connection = await this.#open(connected, project, { readOnly: true });
      const history = await project.history.open(connection);
      const stored = (await history.read(project)).find((each) => each.id === id)?.checksum;
      const path = migration.upPath;
      if (stored !== undefined)
        for await (const text of this.#host.earlierTexts(`${folder.root}/${path}`)) {
          const textOf = (asked: string): string | undefined => (asked === path ? text : project.textOf(asked));
          if (project.history.checksums(migration, { migrations: project.migrations, textOf }).includes(stored))
            return { ok: true, value: { uri: this.#host.uriOf(`${folder.root}/${path}`), path, text } };
        }
      return {
        ok: false,
        message: `No text of ${path} that git knows is the one that was applied: the history keeps a checksum only.`,
      };
    });
  }

  async create(params: NewParams): Promise<Outcome<NewResult>> {
    if (!this.#isTrusted) return { ok: false, message: UNTRUSTED };
    const folder = this.#workspace.folder(params.folder);
    const project = this.#project(params);
    if (folder === undefined || project === undefined) return { ok: false, message: NOTHING_FOUND };
    const changes = project.newMigration(slugOf(params.name), this.#host.clock.now());
    await writeChanges(this.#host.files, folder.root, changes);
    await project.refresh();
    return { ok: true, value: { paths: changes.map((change) => `${folder.root}/${change.path}`) } };
  }

  /** A first configuration of a workspace folder, with the past accepted; asks nothing and connects to nothing. */
  async init(params: InitParams): Promise<Outcome<InitResult>> {
    if (!this.#isTrusted) return { ok: false, message: UNTRUSTED };
    const folder = this.#workspace.folder(params.folder);
    const plan = folder === undefined ? undefined : await this.#host.planInit(folder.root);
    if (plan === undefined || plan.kind === 'nothing-found') return { ok: false, message: NOTHING_FOUND };
    if (plan.kind === 'configured') return { ok: true, value: plan };
    if (params.write) await this.#host.files.create(plan.path, plan.text);
    return { ok: true, value: { ...plan, isWritten: params.write } };
  }

  #project(params: { readonly folder: string; readonly project?: string }): FolderProject | undefined {
    const projects = this.#workspace.folder(params.folder)?.projects ?? [];
    return params.project === undefined ? projects[0] : projects.find((project) => project.folder === params.project);
  }

  async #dryRun(params: RunParams, context: UseContext, signal: AbortSignal): Promise<Outcome<RunResult>> {
    const { direction, extent, despite } = params;
    const { project } = context;
    const planned = await planMigrations(context, { direction, extent, despite }, signal);
    if (planned.kind === 'refused') return { ok: false, message: refusalWords(planned.reason) };
    if (planned.kind === 'not-started') {
      const { why } = planned;
      return { ok: false, message: why.message, ...(why.kind === 'stopped' ? { concern: why.concern } : {}) };
    }
    const { ids, sql } = planned;
    return {
      ok: true,
      value: {
        done: {
          event: 'done',
          direction,
          applied: [],
          elsewhere: [],
          failed: null,
          refusal: null,
          stopped: null,
          notRun: ids,
        },
        sql: ids.length === 0 ? '-- Nothing to do.\n' : sql,
        checks: runChecks(project, direction, ids).map((check) => ({
          ...check,
          uri: this.#host.uriOf(`${project.root}/${check.path}`),
        })),
        left: [],
      },
    };
  }

  /** What a use case works on; undefined where there is no such project. */
  #context(params: { readonly folder: string; readonly project?: string }): UseContext | undefined {
    const project = this.#project(params);
    return project === undefined
      ? undefined
      : {
          outside: this.#host,
          project,
          database: this.#database(params.folder, project),
          isTrusted: this.#isTrusted,
          isKept: true,
        };
  }

  #database(folderUri: string, project: FolderProject): ProjectDatabase {
    const key = keyOf(folderUri, project);
    const database = this.#databases.get(key) ?? new ProjectDatabase();
    this.#databases.set(key, database);
    return database;
  }

  #open(
    connected: NamedDatabase,
    project: FolderProject,
    options: { readonly readOnly: boolean; readonly createIfMissing?: boolean },
    signal?: AbortSignal,
  ): Promise<Connection> {
    return this.#host.openConnection(connected.target, connectOptions(project.dialect, options), signal);
  }

  /** Environment variables are not read in a workspace that is not trusted. */
  #configured(project: FolderProject): ConfiguredDatabase {
    return this.#isTrusted
      ? configuredDatabase(project, (name) => this.#host.environmentVariable(name))
      : { kind: 'none' };
  }

  #configuredWords(project: FolderProject): ProjectStatus['configured'] {
    const configured = this.#configured(project);
    return configured.kind === 'named' ? { label: configured.target.label, environment: configured.environment } : null;
  }

  /** What the outside refuses becomes a value whose message holds no secret. */
  async #outside<Value>(target: DatabaseTarget, work: () => Promise<Outcome<Value>>): Promise<Outcome<Value>> {
    try {
      return await work();
    } catch (cause) {
      if (!(cause instanceof DatabaseError)) throw cause;
      return { ok: false, message: clean(cause.failure.message, target) };
    }
  }
}

/** Key of a project of a workspace folder; without a project, what all keys of the folder begin with. */
function keyOf(folderUri: string, project?: FolderProject): string {
  return `${folderUri}\u0000${project?.folder ?? ''}`;
}

async function attach(project: FolderProject, connection: Connection): Promise<DatabaseFacts> {
  const facts = await readDatabaseFacts(project, connection);
  project.setDatabase(facts);
  return facts;
}

function migrationsOf(project: FolderProject, ids: readonly string[]): FolderProject['migrations']['migrations'] {
  return ids.flatMap((id) => project.migrations.migrations.filter((migration) => migration.id === id));
}

/** Messages of the command line begin in lower case and end without a full stop. */
function sentence(message: string): string {
  return `${message.slice(0, 1).toUpperCase()}${message.slice(1)}.`;
}

/** A message without the secrets of a target, should a driver have let one through; its label is none. */
function clean(message: string, target: DatabaseTarget): string {
  return withoutSecrets(
    message,
    target.secrets.filter((secret) => !target.label.includes(secret)),
  );
}
