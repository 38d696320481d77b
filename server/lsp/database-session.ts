import { markBaseline, planBaseline, type PlannedBaseline } from '../application/use-cases/baseline.ts';
import { appliedText, markHistory } from '../application/use-cases/repair-history.ts';
import { checkParity, confirmDeploy, runbookOf } from '../application/use-cases/follow-change.ts';
import { connectProjects, disconnect } from '../application/use-cases/connect-projects.ts';
import { createMigration } from '../application/use-cases/write-migrations.ts';
import { pickProject } from '../application/use-cases/pick-project.ts';
import { planMigrations, runMigrations, type RunOptions } from '../application/use-cases/run-migrations.ts';
import { planRedo, redoMigrations } from '../application/use-cases/redo-migrations.ts';
import { ProjectDatabase } from '../application/use-cases/project-database.ts';
import { projectStatus, type ProjectState } from '../application/use-cases/project-status.ts';
import { runElsewhere } from '../application/use-cases/run-elsewhere.ts';
import { runChecks } from '../application/use-cases/run-checks.ts';
import { done, refused, written, type Answer } from '../application/use-cases/answer.ts';
import type { UseContext } from '../application/use-cases/use-context.ts';
import type { FolderProject } from '../application/folder-project.ts';
import type {
  AppliedText,
  AppliedTextParams,
  BaselineParams,
  ChangeActionResult,
  ChangeParams,
  ConnectParams,
  ConnectResult,
  GoesOnParams,
  InitParams,
  InitResult,
  MarkParams,
  NewParams,
  NewResult,
  Outcome,
  ProjectStatus,
  PlaceParams,
  RedoParams,
  RedoResult,
  RunbookParams,
  RunParams,
  RunResult,
  ScriptParams,
} from '../protocol/requests.ts';
import { doneEvent } from '../runner/runner.ts';
import { parityLines } from '../runner/change-actions.ts';
import type { RunEvent } from '../runner/report.ts';
import { noRunWords } from '../runner/run-words.ts';
import { scriptOf } from '../application/use-cases/script-of.ts';
import type { LspHost } from './lsp-host.ts';
import { invalidIndexWords, outcomeOf, refusedWords } from './refusal-words.ts';
import type { Workspace } from './workspace.ts';

/** Where a request is about: a workspace folder's URI, and a project's folder within it. */
interface Place {
  readonly folder: string;
  readonly project?: string;
}

/** Answers the requests that concern databases: reads them, has the use cases do the work, and finds the words. */
export class DatabaseSessions {
  readonly #workspace: Workspace;
  readonly #host: LspHost;
  /** What is connected to, and what runs, by the key of a project. */
  readonly #databases = new Map<string, ProjectDatabase>();
  readonly #onFacts: () => void;
  #isTrusted: boolean;

  /** `onFacts` hears that a status request has read what a database has. */
  constructor(workspace: Workspace, host: LspHost, isTrusted: boolean, onFacts: () => void) {
    this.#workspace = workspace;
    this.#host = host;
    this.#isTrusted = isTrusted;
    this.#onFacts = onFacts;
  }

  trust(): void {
    this.#isTrusted = true;
  }

  async connect(params: ConnectParams): Promise<Outcome<ConnectResult>> {
    const contexts = this.#contexts(params.folder).filter(
      ({ project }) => params.project === undefined || project.folder === params.project,
    );
    const [first] = contexts;
    if (first === undefined) return this.#nothing(params.folder);
    const answer = await connectProjects(contexts, {
      ...(params.url === '' ? {} : { url: params.url }),
      base: first.project.root,
      environment: params.environment,
      named: params.named,
    });
    return outcomeOf(answer, (connected) => ({
      label: [...new Set(connected.map(({ label }) => label))].join(', '),
      version: connected[0]?.version ?? '',
    }));
  }

  disconnect(folderUri: string): void {
    for (const context of this.#contexts(folderUri)) disconnect(context);
    // Those of projects that are not there any more too; what runs goes on to its end.
    for (const [key, database] of this.#databases) if (key.startsWith(keyOf(folderUri))) database.named = undefined;
  }

  async status(folderUri: string): Promise<readonly ProjectStatus[]> {
    return Promise.all(
      this.#contexts(folderUri).map(async (context): Promise<ProjectStatus> => {
        const before = context.project.database;
        const { report, isConnected, problem, configured, environments, unsetVariable, inFlight, runsElsewhere } =
          await projectStatus(context);
        if (context.project.database !== before) this.#onFacts();
        return {
          status: report,
          toolTitle: context.project.tool.title,
          connected: isConnected,
          databaseProblem: problemWords(problem),
          configured,
          environments,
          unsetVariable,
          inFlight,
          runsElsewhere,
        };
      }),
    );
  }

  async goesOn(params: GoesOnParams): Promise<boolean | null> {
    const context = this.#context(params);
    return context === undefined ? null : runElsewhere(context);
  }

  async run(params: RunParams, onEvent: (event: RunEvent) => void, signal: AbortSignal): Promise<Outcome<RunResult>> {
    const context = this.#context(params);
    if (context === undefined) return this.#nothing(params.folder);
    const { direction, extent, expectedIds, expectedDigest, despite, interrupted } = params;
    if (params.dryRun) return this.#dryRun(params, context, signal);
    const wish: RunOptions = {
      direction,
      extent,
      despite,
      ...(expectedIds === null ? {} : { expectedIds }),
      ...(expectedDigest === undefined ? {} : { expectedDigest }),
      ...(interrupted === undefined ? {} : { interrupted }),
    };
    const ran = await runMigrations(confirmedBy(context, params), wish, { onEvent, signal });
    if (ran.kind === 'refused') return refusedWords(ran);
    if (ran.kind !== 'ended') throw new Error('nobody was asked whether to run');
    return {
      ok: true,
      value: {
        done: ran.done,
        sql: null,
        digest: null,
        notes: [],
        checks: [],
        left: ran.invalidIndexes.map(invalidIndexWords),
      },
    };
  }

  /** What a redo would take back and apply again, or does it where that is what the person was shown. */
  async redo(
    { expectedIds, ...params }: RedoParams,
    onEvent: (event: RunEvent) => void,
    signal: AbortSignal,
  ): Promise<Outcome<RedoResult>> {
    const context = this.#context(params);
    if (context === undefined) return this.#nothing(params.folder);
    const planned = await planRedo(context, params, signal);
    if (planned.kind === 'refused') return refusedWords(planned);
    if (planned.kind === 'not-started') return { ok: false, message: noRunWords(planned.why) };
    const { ids, losses } = planned;
    if (expectedIds === null) return { ok: true, value: { ids, losses, done: null } };
    const redone = await redoMigrations(context, params, {
      onEvent,
      signal,
      agree: async (shown) => (shown.ids.join('\n') === expectedIds.join('\n') ? 'as-shown' : 'no'),
    });
    switch (redone.kind) {
      case 'refused':
        return refusedWords(redone);
      case 'not-started':
        return { ok: false, message: noRunWords(redone.why) };
      case 'declined':
        return refusedWords({ reason: { code: 'changed-meanwhile' } });
      case 'redone':
        return { ok: true, value: { ids, losses, done: redone.applied ?? redone.reverted } };
    }
  }

  /** Meets a requirement of a change: a person's word for a deploy, or a comparison. */
  async change(params: ChangeParams, signal: AbortSignal): Promise<Outcome<ChangeActionResult>> {
    const context = this.#context(params);
    if (context === undefined) return this.#nothing(params.folder);
    if (params.action === 'confirm-deploy')
      return outcomeOf(await confirmDeploy(confirmedBy(context, params), params), ({ database, deploys }) => ({
        isMet: true,
        message: `Confirmed on ${database}: ${deploys.join('; ')}.`,
      }));
    return outcomeOf(await checkParity(confirmedBy(context, params), params, signal), (compared) => ({
      isMet: compared.agrees,
      message: `${parityLines(compared).join('. ')}.${compared.agrees ? '' : ' The contract step is not let through: run the backfill again, or look who writes past the trigger.'}`,
    }));
  }

  /** A change as a Markdown page, with the states that the connected database shows. */
  async runbook(params: RunbookParams): Promise<Outcome<string>> {
    return this.#on(params, (context) => runbookOf(context, params.change));
  }

  script(params: ScriptParams): Outcome<string> {
    const project = this.#project(params);
    if (project === undefined) return this.#nothing(params.folder);
    const { migrations } = project.migrations;
    return {
      ok: true,
      value: scriptOf(project, {
        direction: params.direction,
        migrations: params.ids.flatMap((id) => migrations.filter((migration) => migration.id === id)),
      }),
    };
  }

  /** Changes what the history says of a migration, and runs nothing. */
  async mark(params: MarkParams): Promise<Outcome<null>> {
    return this.#on(params, (context) => markHistory(confirmedBy(context, params), params));
  }

  /** What a baseline would mark, or marks where that is what the person was shown. */
  async baseline({ expectedIds, to, confirmed, ...place }: BaselineParams): Promise<Outcome<PlannedBaseline>> {
    return this.#on(place, async (context) => {
      if (expectedIds === null) return planBaseline(context, { to });
      const marked = await markBaseline(confirmedBy(context, { confirmed }), { to }, ({ ids }) =>
        Promise.resolve(ids.length === expectedIds.length && ids.every((id, index) => id === expectedIds[index])),
      );
      if (marked.kind === 'refused') return marked;
      return marked.value === undefined ? refused({ code: 'changed-meanwhile' }) : done(marked.value);
    });
  }

  /** A migration's text as it was applied. */
  async appliedText(params: AppliedTextParams): Promise<Outcome<AppliedText>> {
    const context = this.#context(params);
    if (context === undefined) return this.#nothing(params.folder);
    const found = await appliedText(context, params.id, (path) => this.#host.earlierTexts(path));
    return outcomeOf(found, ({ path, text }) => ({
      uri: this.#host.uriOf(`${context.project.root}/${path}`),
      path,
      text,
    }));
  }

  async create(params: NewParams): Promise<Outcome<NewResult>> {
    const context = this.#context(params);
    if (context === undefined) return this.#nothing(params.folder);
    return outcomeOf(await createMigration(context, params.name), (paths) => ({
      paths: paths.map((path) => `${context.project.root}/${path}`),
    }));
  }

  /** A first configuration of a workspace folder, with the past accepted; asks nothing and connects to nothing. */
  async init(params: InitParams): Promise<Outcome<InitResult>> {
    if (!this.#isTrusted) return refusedWords({ reason: { code: 'not-trusted' } });
    const folder = this.#workspace.folder(params.folder);
    const plan = folder === undefined ? undefined : await this.#host.planInit(folder.root);
    if (plan === undefined || plan.kind === 'nothing-found') return this.#nothing(params.folder);
    if (plan.kind === 'configured') return { ok: true, value: plan };
    return outcomeOf(
      await written(async () => {
        if (params.write) await this.#host.files.create(plan.path, plan.text);
        return done({ ...plan, isWritten: params.write });
      }),
      (value) => value,
    );
  }

  /** Does `work` with a project's context, in which a person may have typed the name of a database that is production. */
  async onProject<Value>(
    place: PlaceParams & { readonly confirmed?: string | undefined },
    work: (context: UseContext) => Promise<Outcome<Value>>,
  ): Promise<Outcome<Value>> {
    const context = this.#context(place);
    return context === undefined ? this.#nothing(place.folder) : work(confirmedBy(context, place));
  }

  /** A project that a request names; undefined where there is none. */
  projectOf(place: PlaceParams): FolderProject | undefined {
    return this.#project(place);
  }

  /** What a use case works on; undefined where there is no such project. */
  #context(place: Place): UseContext | undefined {
    const project = this.#project(place);
    return project === undefined ? undefined : this.#contextOf(place.folder, project);
  }

  #contexts(folderUri: string): readonly UseContext[] {
    return (this.#workspace.folder(folderUri)?.projects ?? []).map((project) => this.#contextOf(folderUri, project));
  }

  #contextOf(folderUri: string, project: FolderProject): UseContext {
    const key = keyOf(folderUri, project);
    const database = this.#databases.get(key) ?? new ProjectDatabase();
    this.#databases.set(key, database);
    return { outside: this.#host, project, database, isTrusted: this.#isTrusted, isKept: true };
  }

  async #on<Value>(place: Place, work: (context: UseContext) => Promise<Answer<Value>>): Promise<Outcome<Value>> {
    const context = this.#context(place);
    return context === undefined ? this.#nothing(place.folder) : outcomeOf(await work(context), (value) => value);
  }

  #project({ folder, project }: Place): FolderProject | undefined {
    const picked = pickProject(this.#workspace.folder(folder)?.projects ?? [], {
      ...(project === undefined ? {} : { folder: project }),
      ifSeveral: 'first',
    });
    return 'kind' in picked ? undefined : picked;
  }

  /** There is no such project; in a workspace that is not trusted that is said first. */
  #nothing(folder: string): Outcome<never> {
    return refusedWords({
      reason: this.#isTrusted
        ? { code: 'no-project', unread: this.#workspace.unread(folder) }
        : { code: 'not-trusted' },
    });
  }

  async #dryRun(params: RunParams, context: UseContext, signal: AbortSignal): Promise<Outcome<RunResult>> {
    const { direction, extent, despite } = params;
    const { project } = context;
    const planned = await planMigrations(context, { direction, extent, despite }, signal);
    if (planned.kind === 'refused') return refusedWords(planned);
    if (planned.kind === 'not-started') {
      const { why } = planned;
      return { ok: false, message: noRunWords(why), ...(why.kind === 'stopped' ? { concern: why.reason.code } : {}) };
    }
    const { ids, sql, digest, notes } = planned;
    return {
      ok: true,
      value: {
        done: doneEvent(direction, { notRun: ids }),
        sql: ids.length === 0 ? '-- Nothing to do.\n' : sql,
        digest,
        notes,
        checks: runChecks(project, direction, ids).map((check) => ({
          ...check,
          uri: this.#host.uriOf(`${project.root}/${check.path}`),
        })),
        left: [],
      },
    };
  }
}

/** A context in which a person has typed the name of a database that is production. */
function confirmedBy(context: UseContext, { confirmed }: { readonly confirmed?: string | undefined }): UseContext {
  return { ...context, confirmName: () => Promise.resolve(confirmed) };
}

/** Key of a project of a workspace folder; without a project, what all keys of the folder begin with. */
function keyOf(folderUri: string, project?: FolderProject): string {
  return `${folderUri}\u0000${project?.folder ?? ''}`;
}

function problemWords(problem: ProjectState['problem']): string | null {
  return problem?.code === 'yet-to-be-made'
    ? `${problem.label} does not exist yet: the first apply makes it.`
    : (problem?.failure.message ?? null);
}
