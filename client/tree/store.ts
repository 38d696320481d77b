import * as vscode from 'vscode';
import { STATUS_REQUEST, type ProjectStatus } from '../../server/protocol/requests.ts';
import type { LockstepServer } from '../server.ts';
import type { Fill } from './fill.ts';

/** What the server last said about one workspace folder. */
export interface FolderStatus {
  readonly folderUri: string;
  readonly name: string;
  readonly statuses: readonly ProjectStatus[];
}

/** Keeps the latest status of every workspace folder for the views, the status bar and the commands. */
export class StatusStore implements vscode.Disposable {
  readonly #server: LockstepServer;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #fills = new Map<string, Fill>();
  #folders: readonly FolderStatus[] = [];
  #asked = 0;
  #latest: Promise<void> = Promise.resolve();
  #first: Promise<void> | undefined;

  readonly onDidChange = this.#changed.event;

  constructor(server: LockstepServer) {
    this.#server = server;
  }

  get folders(): readonly FolderStatus[] {
    return this.#folders;
  }

  get fills(): ReadonlyMap<string, Fill> {
    return this.#fills;
  }

  /** Keeps how far a backfill is; undefined once its run has ended. */
  setFill(key: string, fill: Fill | undefined): void {
    if (fill !== undefined) this.#fills.set(key, fill);
    else if (!this.#fills.delete(key)) return;
    this.#changed.fire();
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

  /** Asks anew; ends when the newest answer is in, also where another question overtakes this one. */
  async refresh(): Promise<void> {
    this.#asked++;
    const work = this.#load(this.#asked);
    this.#latest = work;
    await work;
    await this.#latest;
  }

  async #load(asked: number): Promise<void> {
    const folders = await Promise.all(
      (vscode.workspace.workspaceFolders ?? []).map(async ({ uri, name }): Promise<FolderStatus> => {
        const folderUri = uri.toString();
        return {
          folderUri,
          name,
          statuses: await this.#server.ask<readonly ProjectStatus[]>(STATUS_REQUEST, { folder: folderUri }),
        };
      }),
    );
    // An answer that a later question has overtaken is old.
    if (asked !== this.#asked) return;
    this.#folders = folders;
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
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
