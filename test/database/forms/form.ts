/** One statement form that is probed on real servers and explained by the engine. */
export interface Form {
  readonly sql: string;
  /** First and last major that has the syntax; the server of any other refuses it. */
  readonly from?: number;
  readonly to?: number;
  /** Session time zone, `America/New_York` where absent. */
  readonly timeZone?: string;
  /**
   * Runs on its own, behind blockers: relations on which another session holds AccessExclusiveLock, one probe each,
   * so that what waits shows its lock. `undo` puts the fixture back.
   */
  readonly outside?: { readonly behind: readonly string[]; readonly undo?: string };
}

/** Forms of one family, in the order of LOCKS.md. */
export interface FormFamily {
  readonly title: string;
  readonly forms: readonly Form[];
}

/** Forms that any major from `from` on understands. */
export function forms(statements: readonly string[], rest: Omit<Form, 'sql'> = {}): readonly Form[] {
  return statements.map((sql) => ({ sql, ...rest }));
}
