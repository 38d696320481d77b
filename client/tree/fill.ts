import type { RunEvent } from '../../server/protocol/requests.ts';

/** How far a backfill that runs now is, as its last event told. */
export type Fill = Pick<Extract<RunEvent, { readonly event: 'backfill' }>, 'rows' | 'remaining'>;

/** What a backfill is known by: `fills` has one for each that runs. */
export function fillKey(folderUri: string, project: string, migration: string): string {
  return `${folderUri} ${project} ${migration}`;
}
