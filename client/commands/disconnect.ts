import { DISCONNECT_REQUEST } from '../../server/protocol/requests.ts';
import type { CommandContext } from './command-context.ts';

/** Makes the server forget every database it was connected to, and a window that opens leave the last ones alone. */
export async function disconnect({ server, store, saved }: CommandContext): Promise<void> {
  for (const { folderUri } of store.folders) {
    await server.ask(DISCONNECT_REQUEST, { folder: folderUri });
    const [last] = await saved.all(folderUri);
    if (last !== undefined) await saved.change(folderUri, last, { isLeft: true });
  }
  await store.settled();
}
