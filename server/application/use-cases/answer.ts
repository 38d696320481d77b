import { fileFailure } from '../../core/file-failure.ts';
import type { DatabaseFailure } from '../../drivers/driver.ts';
import type { ChangeRefusal } from '../../runner/change-actions.ts';
import type { MarkRefusal } from '../../runner/mark-migration.ts';
import { UnwrittenError } from '../write-changes.ts';

/** Why no database can be told for a project. */
export type UnnamedDatabase =
  /** `environments` are those of the configuration that name one. */
  | { readonly code: 'no-database'; readonly environments: readonly string[] }
  /** The environment variable that the configuration names is empty or not there. */
  | { readonly code: 'variable-unset'; readonly variable: string }
  /** What is named is no URL; the drivers' sentence about it, without it. */
  | { readonly code: 'url-unreadable'; readonly problem: string }
  /** No environment of the configuration has this name; `names` are those that it has. */
  | { readonly code: 'no-such-environment'; readonly name: string; readonly names: readonly string[] }
  /** The environment says what its database is for, and not where it is. */
  | { readonly code: 'environment-unnamed'; readonly name: string };

/** Why a use case did nothing, as a code with what belongs to it; whoever asked has the words. */
export type Refusal =
  /** The workspace is not trusted: Lockstep only lints in it. */
  | { readonly code: 'not-trusted' }
  /** There is no project; `unread` are sentences about migrations that are there and not read. */
  | { readonly code: 'no-project'; readonly unread?: readonly string[] }
  /** There are several, and none was named. */
  | { readonly code: 'several-projects'; readonly folders: readonly string[] }
  /** No database was named for the project. */
  | { readonly code: 'not-connected' }
  | UnnamedDatabase
  /** The project's migrations are written for another product than the database is. */
  | { readonly code: 'other-engine'; readonly folder: string; readonly database: string }
  /** The project is for a product that no engine reads. `commands` are what tells and does it instead. */
  | { readonly code: 'unread-product'; readonly product: string; readonly commands: readonly string[] }
  /** Nothing is written to a database that is production before its name was typed. `given`: something else was. */
  | { readonly code: 'not-confirmed'; readonly name: string; readonly given: boolean }
  /** What is never done on production. */
  | { readonly code: 'not-on-production'; readonly database: string }
  /** A migration that is pending among those that are done again would be applied with them. */
  | { readonly code: 'redo-takes-others'; readonly id: string }
  /** No other tool has this id; `tools` are those that there are. */
  | { readonly code: 'no-such-tool'; readonly tool: string; readonly tools: readonly string[] }
  /** The database has no history of the other tool. */
  | { readonly code: 'no-other-history'; readonly tool: string; readonly table: string }
  /** The other tool's history says that a migration failed. */
  | { readonly code: 'failed-in-other'; readonly id: string; readonly tool: string }
  /** Only the other tool itself writes its history. */
  | { readonly code: 'other-writes-itself'; readonly tool: string }
  /** Migrations that cannot become one: a sentence. */
  | { readonly code: 'squash-refused'; readonly reason: string }
  /** The database is no file, so that its server has the backups. */
  | { readonly code: 'no-file'; readonly database: string }
  /** There is no such backup beside the database; `names` are those that there are. */
  | { readonly code: 'no-backup'; readonly names: readonly string[] }
  /** A run goes on in this project. */
  | { readonly code: 'run-in-flight' }
  /** The database could not be reached, or refused. The message holds no secret. */
  | { readonly code: 'database'; readonly failure: DatabaseFailure }
  | { readonly code: 'no-such-change'; readonly change: string }
  | ChangeRefusal
  /** The change has no step that fills. */
  | { readonly code: 'nothing-to-fill'; readonly change: string }
  | { readonly code: 'no-such-migration'; readonly id: string }
  | MarkRefusal
  /** What would be done is no longer what the person agreed to. */
  | { readonly code: 'changed-meanwhile' }
  /** No text that the version control has is the one that was applied. */
  | { readonly code: 'no-applied-text'; readonly path: string }
  /** The disk refused a file; what came of it and why, without a full stop. */
  | { readonly code: 'not-written'; readonly problem: string }
  | { readonly code: 'no-such-wish'; readonly wish: string }
  /** The planner's own reason, a sentence. */
  | { readonly code: 'values-refused' | 'wish-refused'; readonly reason: string };

export interface Done<Value> {
  readonly kind: 'done';
  readonly value: Value;
}

export interface Refused {
  readonly kind: 'refused';
  readonly reason: Refusal;
}

/** What a use case gives: its value, or why there is none. Bugs are thrown; nothing else is. */
export type Answer<Value> = Done<Value> | Refused;

export function done<Value>(value: Value): Done<Value> {
  return { kind: 'done', value };
}

/** Runs what writes files: a refusal of the disk's is an answer, anything else a bug. */
export async function written<Value>(work: () => Promise<Answer<Value>>): Promise<Answer<Value>> {
  try {
    return await work();
  } catch (cause) {
    const failure = fileFailure(cause);
    if (failure === undefined) throw cause;
    const outcome = cause instanceof UnwrittenError ? cause.message : 'the file could not be written';
    return refused({ code: 'not-written', problem: `${outcome}: ${failure}` });
  }
}

export function refused(reason: Refusal): Refused {
  return { kind: 'refused', reason };
}
