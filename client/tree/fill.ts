/** How far a backfill that runs now is. */
export interface Fill {
  readonly rows: number;
  /** By the planner's estimate; null where it has none. */
  readonly remaining: number | null;
}

/** What a backfill is known by: `fills` has one for each that runs. */
export function fillKey(folderUri: string, project: string, migration: string): string {
  return `${folderUri} ${project} ${migration}`;
}
