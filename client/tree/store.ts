import * as vscode from 'vscode';
import { GOES_ON_REQUEST, STATUS_REQUEST, UNREAD_REQUEST, type ProjectStatus } from '../../server/protocol/requests.ts';
import type { LockstepServer } from '../server.ts';
import type { Fill } from './fill.ts';
import { LatestAnswer } from './latest-answer.ts';
import {
  cutShort,
  isEndUnknown,
  isOvertaken,
  projectKey,
  type BegunRun,
  type LastRun,
  type LiveRun,
  type Overlay,
} from './live.ts';

const LAST_RUNS = 'lockstep.lastRuns';
const BEGUN_RUNS = 'lockstep.begunRuns';

/** How often the seconds of a run are shown again. */
const TICK_MS = 1_000;

/** Shortest time between two changes that a run's events make: a run of thousands of migrations says something for each. */
const RUN_PAUSE_MS = 200;

/** How soon it is asked again whether a run goes on whose end was not seen here. */
const GOES_ON_PAUSE_MS = 5_000;

/** How soon it is asked again what another's run has done. */
const ELSEWHERE_PAUSE_MS = 2_000;

/** What the server last said about one workspace folder. */
export interface FolderStatus {
  readonly folderUri: string;
  readonly name: string;
  readonly statuses: readonly ProjectStatus[];
  /** What is said of migrations that are there and not read. */
  readonly unread: readonly string[];
  /** Of projects whose last run had an end that nobody saw: whether a run goes on; null where that cannot be told. */
  readonly goesOn: ReadonlyMap<string, boolean | null>;
}

/** A migration, and where it belongs. */
export interface LocatedMigration {
  readonly folder: FolderStatus;
  readonly project: ProjectStatus;
  readonly migration: ProjectStatus['status']['migrations'][number];
}

/** Keeps the latest status of every workspace folder for the views, the status bar and the commands. */
export class StatusStore implements vscode.Disposable {
  readonly #server: LockstepServer;
  readonly #status: LatestAnswer<readonly FolderStatus[]>;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #ticked = new vscode.EventEmitter<void>();
  readonly #loaded = new vscode.EventEmitter<void>();
  readonly #fills = new Map<string, Fill>();
  readonly #runs = new Map<string, LiveRun>();
  readonly #lastRuns: Map<string, LastRun>;
  readonly #memory: vscode.Memento;
  #pendingOnly = false;
  /** By the path of each file's URI. */
  #byFile: ReadonlyMap<string, LocatedMigration> = new Map();
  #ticking: NodeJS.Timeout | undefined;
  #folders: readonly FolderStatus[] = [];
  #first: Promise<void> | undefined;
  #isLoaded = false;
  readonly #begun: Map<string, BegunRun>;
  #pause: NodeJS.Timeout | undefined;
  #isChangeDue = false;
  #askingAgain: NodeJS.Timeout | undefined;

  readonly onDidChange = this.#changed.event;
  /** Each second while something runs: only words about time have changed. */
  readonly onDidTick = this.#ticked.event;
  /** Once, when the first answer is in. */
  readonly onDidLoad = this.#loaded.event;

  constructor(server: LockstepServer, memory: vscode.Memento) {
    this.#server = server;
    this.#status = new LatestAnswer(
      () => this.#ask(),
      (folders) => this.#keep(folders),
    );
    this.#memory = memory;
    this.#lastRuns = new Map(memory.get<readonly (readonly [string, LastRun])[]>(LAST_RUNS, []));
    for (const [key, run] of memory.get<readonly (readonly [string, BegunRun])[]>(BEGUN_RUNS, []))
      this.#lastRuns.set(key, cutShort(run));
    this.#begun = new Map();
    if (memory.get<readonly unknown[]>(BEGUN_RUNS, []).length > 0) {
      void memory.update(LAST_RUNS, [...this.#lastRuns]);
      void memory.update(BEGUN_RUNS, []);
    }
  }

  get folders(): readonly FolderStatus[] {
    return this.#folders;
  }

  /** What runs now, and what the last runs left to be looked at. */
  get overlay(): Overlay {
    return { fills: this.#fills, runs: this.#runs, lastRuns: this.#lastRuns, pendingOnly: this.#pendingOnly };
  }

  /** Keeps what runs in a project now; undefined once it has ended. */
  setRun(folderUri: string, project: string, run: LiveRun | undefined): void {
    const key = projectKey(folderUri, project);
    if (run === undefined) this.#runs.delete(key);
    else this.#runs.set(key, run);
    if (this.#runs.size === 0) {
      clearInterval(this.#ticking);
      this.#ticking = undefined;
    } else this.#ticking ??= setInterval(() => this.#ticked.fire(), TICK_MS);
    this.#changeSoon();
  }

  /** Keeps that a run goes on, for a window that does not see its end; undefined once that was seen. */
  async setBegun(folderUri: string, project: string, run: BegunRun | undefined): Promise<void> {
    const key = projectKey(folderUri, project);
    if (run === undefined) this.#begun.delete(key);
    else this.#begun.set(key, run);
    await this.#memory.update(BEGUN_RUNS, [...this.#begun]);
  }

  /** How the last run of a project ended, also after the window was closed; undefined: there is nothing to look at. */
  lastRun(folderUri: string, project: string): LastRun | undefined {
    return this.#lastRuns.get(projectKey(folderUri, project));
  }

  async setLastRun(folderUri: string, project: string, last: LastRun | undefined): Promise<void> {
    const key = projectKey(folderUri, project);
    if (last === undefined && !this.#lastRuns.has(key)) return;
    if (last === undefined) this.#lastRuns.delete(key);
    else this.#lastRuns.set(key, last);
    this.#changed.fire();
    await this.#memory.update(LAST_RUNS, [...this.#lastRuns]);
  }

  /** Whether the list of migrations leaves out what has run. */
  async setPendingOnly(pendingOnly: boolean): Promise<void> {
    this.#pendingOnly = pendingOnly;
    await vscode.commands.executeCommand('setContext', 'lockstep.pendingOnly', pendingOnly);
    this.#changed.fire();
  }

  /** The migration that a file is a half of, with its project. */
  migrationOf(uri: vscode.Uri): LocatedMigration | undefined {
    return this.#byFile.get(uri.path);
  }

  /** Keeps how far a backfill is; undefined once its run has ended. */
  setFill(key: string, fill: Fill | undefined): void {
    if (fill !== undefined) this.#fills.set(key, fill);
    else if (!this.#fills.delete(key)) return;
    this.#changeSoon();
  }

  /** The folder's projects, as last heard. */
  statuses(folderUri: string): readonly ProjectStatus[] {
    return this.#folders.find((folder) => folder.folderUri === folderUri)?.statuses ?? [];
  }

  /** Ends when the status has been heard once. */
  loaded(): Promise<void> {
    this.#first ??= this.refresh();
    return this.#first;
  }

  /** Has the files of all folders read again, and asks again; ends when the newest answer is in. */
  async readAgain(): Promise<void> {
    for (const { uri } of vscode.workspace.workspaceFolders ?? [])
      await this.#server.ask(STATUS_REQUEST, { folder: uri.toString(), isReadAgain: true });
    await this.refresh();
  }

  /** Asks again; ends when the newest answer is in, also where another question overtakes this one. */
  refresh(): Promise<void> {
    return this.#status.ask();
  }

  /**
   * Ends when the newest answer is in; asks nothing. For what comes after a request: the server has said `STATUS_CHANGED`
   * before its answer, so that the question is on its way.
   */
  settled(): Promise<void> {
    return this.#status.settled();
  }

  #changeSoon(): void {
    if (this.#pause !== undefined) {
      this.#isChangeDue = true;
      return;
    }
    this.#changed.fire();
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      if (!this.#isChangeDue) return;
      this.#isChangeDue = false;
      this.#changeSoon();
    }, RUN_PAUSE_MS);
  }

  #ask(): Promise<readonly FolderStatus[]> {
    return Promise.all(
      (vscode.workspace.workspaceFolders ?? []).map(async ({ uri, name }): Promise<FolderStatus> => {
        const folderUri = uri.toString();
        // Before the status: what a run did that ends between the two is in it.
        const goesOn = await this.#askWhatGoesOn(folderUri);
        const statuses = await this.#server.ask(STATUS_REQUEST, { folder: folderUri });
        return {
          folderUri,
          name,
          statuses,
          unread: await this.#server.ask(UNREAD_REQUEST, { folder: folderUri }),
          goesOn,
        };
      }),
    );
  }

  /** Of the folder's projects that a run was cut short in. */
  async #askWhatGoesOn(folderUri: string): Promise<ReadonlyMap<string, boolean | null>> {
    const cut = [...this.#lastRuns].flatMap(([key, last]) =>
      key.startsWith(projectKey(folderUri, '')) && isEndUnknown(last)
        ? [key.slice(projectKey(folderUri, '').length)]
        : [],
    );
    return new Map(
      await Promise.all(
        cut.map(
          async (project) =>
            [project, await this.#server.ask(GOES_ON_REQUEST, { folder: folderUri, project })] as const,
        ),
      ),
    );
  }

  async #keep(folders: readonly FolderStatus[]): Promise<void> {
    this.#folders = folders;
    this.#byFile = new Map(folders.flatMap(filesOf));
    clearTimeout(this.#askingAgain);
    this.#askingAgain = undefined;
    if (folders.some(({ statuses }) => statuses.some(({ runsElsewhere }) => runsElsewhere === true)))
      this.#askingAgain = setTimeout(() => void this.refresh(), ELSEWHERE_PAUSE_MS);
    for (const { folderUri, statuses, goesOn } of folders)
      for (const { status } of statuses) {
        const last = this.lastRun(folderUri, status.folder);
        if (last === undefined || status.database === null) continue;
        if (isOvertaken(last, status.migrations, goesOn.get(status.folder)))
          await this.setLastRun(folderUri, status.folder, undefined);
        else if (goesOn.get(status.folder) === true)
          this.#askingAgain ??= setTimeout(() => void this.refresh(), GOES_ON_PAUSE_MS);
      }
    const all = folders.flatMap((folder) => folder.statuses);
    await vscode.commands.executeCommand(
      'setContext',
      'lockstep.hasMigrations',
      all.some((each) => each.status.migrations.length > 0),
    );
    await vscode.commands.executeCommand(
      'setContext',
      'lockstep.hasChanges',
      all.some((each) => each.status.changes.length > 0),
    );
    await vscode.commands.executeCommand(
      'setContext',
      'lockstep.isConnected',
      all.some((each) => each.connected),
    );
    await vscode.commands.executeCommand('setContext', 'lockstep.isReady', true);
    this.#changed.fire();
    if (this.#isLoaded) return;
    this.#isLoaded = true;
    this.#loaded.fire();
  }

  dispose(): void {
    clearInterval(this.#ticking);
    clearTimeout(this.#pause);
    clearTimeout(this.#askingAgain);
    this.#changed.dispose();
    this.#loaded.dispose();
    this.#ticked.dispose();
  }
}

function filesOf(folder: FolderStatus): readonly (readonly [string, LocatedMigration])[] {
  const { path: root } = vscode.Uri.parse(folder.folderUri);
  return folder.statuses.flatMap((project) =>
    project.status.migrations.flatMap((migration) =>
      migration.paths.map((path) => [`${root.replace(/\/$/, '')}/${path}`, { folder, project, migration }] as const),
    ),
  );
}
