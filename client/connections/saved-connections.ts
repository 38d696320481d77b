import type * as vscode from 'vscode';
import type { ConnectParams } from '../../server/protocol/requests.ts';

/** A connection as it is kept: the URL with its password is in the editor's secret storage and nowhere else. */
export interface SavedConnection {
  /** Empty: what `lockstep.jsonc` names, or what `variable` holds. */
  readonly url: string;
  readonly environment: ConnectParams['environment'];
  /** Name of one of the environments of `lockstep.jsonc`. */
  readonly named?: string;
  /** What the server called it; absent in what earlier versions kept. */
  readonly label?: string;
  /** What a person calls it. */
  readonly name?: string;
  /** Variable of a file of the workspace folder that holds the URL: read anew each time. */
  readonly variable?: { readonly file: string; readonly name: string };
  /** A person allows it to be connected to by itself when the folder opens. */
  readonly reconnects?: boolean;
  /** A person disconnected. */
  readonly isLeft?: boolean;
}

/** More than a person has; older ones are forgotten. */
const MOST_KEPT = 20;

/** The connections of each workspace folder, the newest first. */
export class SavedConnections {
  readonly #secrets: Pick<vscode.SecretStorage, 'get' | 'store' | 'delete'>;

  constructor(secrets: Pick<vscode.SecretStorage, 'get' | 'store' | 'delete'>) {
    this.#secrets = secrets;
  }

  async all(folderUri: string): Promise<readonly SavedConnection[]> {
    const text = await this.#secrets.get(key(folderUri));
    // Written by `#keep` below and by nothing else.
    if (text !== undefined) return JSON.parse(text) as readonly SavedConnection[];
    const before = await this.#secrets.get(earlierKey(folderUri));
    return before === undefined ? [] : [JSON.parse(before) as SavedConnection];
  }

  /** Keeps a connection as the newest one, with what a person said of it before. */
  async save(folderUri: string, connection: SavedConnection): Promise<void> {
    const all = await this.all(folderUri);
    const before = all.find((each) => isSame(each, connection));
    const { isLeft: _left, ...kept } = { ...before, ...connection };
    await this.#keep(folderUri, [kept, ...all.filter((each) => each !== before)]);
  }

  /** Changes what is kept of a connection, in its place. */
  async change(folderUri: string, connection: SavedConnection, more: Partial<SavedConnection>): Promise<void> {
    const all = await this.all(folderUri);
    await this.#keep(
      folderUri,
      all.map((each) => (isSame(each, connection) ? { ...each, ...more } : each)),
    );
  }

  async forget(folderUri: string, connection: SavedConnection): Promise<void> {
    const all = await this.all(folderUri);
    await this.#keep(
      folderUri,
      all.filter((each) => !isSame(each, connection)),
    );
  }

  async #keep(folderUri: string, connections: readonly SavedConnection[]): Promise<void> {
    await this.#secrets.store(key(folderUri), JSON.stringify(connections.slice(0, MOST_KEPT)));
    await this.#secrets.delete(earlierKey(folderUri));
  }
}

function isSame(left: SavedConnection, right: SavedConnection): boolean {
  return (
    left.url === right.url &&
    left.named === right.named &&
    left.variable?.file === right.variable?.file &&
    left.variable?.name === right.variable?.name
  );
}

function key(folderUri: string): string {
  return `lockstep.connections ${folderUri}`;
}

/** Under which earlier versions kept the last connection alone. */
function earlierKey(folderUri: string): string {
  return `lockstep.connection ${folderUri}`;
}
