import { DISCONNECT_REQUEST } from '../../server/protocol/requests.ts';
import type { CommandContext } from './command-context.ts';

/** Makes the server forget every database it was connected to. */
export async function disconnect({ server, store }: CommandContext): Promise<void> {
  for (const folder of store.folders) await server.ask(DISCONNECT_REQUEST, { folder: folder.folderUri });
  await store.settled();
}
