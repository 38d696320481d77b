/** Something that the program's model does not say yet. */
export interface ModelEdit {
  /** A sentence: `users.status is new.` */
  readonly what: string;
  /** A line of `OnModelCreating` that says so; absent where only the class can. */
  readonly code?: string;
}
