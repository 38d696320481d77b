import type * as vscode from 'vscode';
import type { ConnectParams } from '../../server/protocol/requests.ts';

/** A connection as it is kept: the URL with its password is in the editor's secret storage and nowhere else. */
export interface SavedConnection {
  readonly url: string;
  readonly environment: ConnectParams['environment'];
  /** What the server called it; absent in what earlier versions kept. */
  readonly label?: string;
}

/** The last connection of each workspace folder. */
export class SavedConnections {
  readonly #secrets: vscode.SecretStorage;

  constructor(secrets: vscode.SecretStorage) {
    this.#secrets = secrets;
  }

  async get(folderUri: string): Promise<SavedConnection | undefined> {
    const text = await this.#secrets.get(key(folderUri));
    // Written by `save` below and by nothing else.
    return text === undefined ? undefined : (JSON.parse(text) as SavedConnection);
  }

  async save(folderUri: string, connection: SavedConnection): Promise<void> {
    await this.#secrets.store(key(folderUri), JSON.stringify(connection));
  }

  async forget(folderUri: string): Promise<void> {
    await this.#secrets.delete(key(folderUri));
  }
}

function key(folderUri: string): string {
  return `lockstep.connection ${folderUri}`;
}
