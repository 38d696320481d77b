import type { CommandLine } from '../core/ports.ts';
import type { MappedText } from '../core/source-map.ts';
import type { EngineId } from '../model/engine-id.ts';
import type { TransactionRule } from '../model/migration.ts';
import type { Connection, DatabaseTarget } from '../drivers/driver.ts';

/** What a tool's own command is to do. */
export interface CommandJob {
  readonly direction: 'up' | 'down';
  /** Id of the last migration that shall be applied afterwards; undefined where none shall. */
  readonly target: string | undefined;
  /** What is run, in the order of the run. */
  readonly ids: readonly string[];
  /** The project's root: absolute. */
  readonly root: string;
  readonly database: DatabaseTarget;
}

/** A lock that stays where the command was ended, and that its next run waits for. */
export interface HeldLock {
  /** What is held, for a sentence: `the row in a table`. */
  readonly what: string;
  /** What takes it away. */
  readonly release: string;
}

/** A half of some migrations, in the order of the run. */
export interface ScriptRequest {
  readonly dialect: EngineId;
  readonly direction: 'up' | 'down';
  readonly migrations: readonly {
    readonly id: string;
    readonly statements: readonly {
      /** `notation` is what the language keeps of a statement beside its text. */
      readonly source: MappedText & { readonly notation?: string };
      readonly transaction: TransactionRule;
    }[];
  }[];
}

/** A program that holds migrations and applies them. */
export interface Bundle {
  /** Absolute. */
  readonly path: string;
  /** As a person gave it. */
  readonly name: string;
  /** Where it is not, it is built first. */
  readonly isThere: boolean;
}

/** How a bundle is built and run, in the place of the tool's own command. */
export interface BundleCommand {
  readonly apply: string;
  readonly run: (job: CommandJob) => readonly CommandLine[];
  readonly explain: (printed: readonly string[] | 'missing') => string;
}

/** Who carries migrations out: Lockstep itself, or only the tool's own command, after which the history is read again. */
export type Applier =
  | { readonly kind: 'lockstep' }
  | {
      readonly kind: 'command';
      /** Why Lockstep does not do it itself: a sentence. */
      readonly why: string;
      /** Words of the command that applies what is pending: `sqitch deploy`. */
      readonly apply: string;
      /** Words of the command that tells what is applied, where it has one: for products that Lockstep does not connect to. */
      readonly list?: string;
      /** Words of the command that reverts the newest; undefined where the tool has none. */
      readonly revert?: string;
      /** The commands as Lockstep runs them, one after the other, when a person asks for it; absent where it only names them. */
      readonly run?: (job: CommandJob) => readonly CommandLine[];
      /** Each migration in a transaction of its own, or all that run together in one; absent where it is not known. */
      readonly transactions?: 'each' | 'all';
      /** What stood against it, as sentences, of what it printed last; `missing` where there is no such program. */
      readonly explain?: (printed: readonly string[] | 'missing') => string;
      /** The same by a program that holds the migrations itself, and needs no SDK where it runs; absent where the tool makes none. */
      readonly bundle?: (bundle: Bundle) => BundleCommand;
      /** The command's own lock, where one is held that outlives whoever took it; undefined where it is free. */
      readonly heldLock?: (connection: Connection) => Promise<HeldLock | undefined>;
      /**
       * A script that asks the history before each statement, so that it may run twice; or why there can be none: a
       * sentence. Absent where the tool has no such scripts.
       */
      readonly idempotentScript?: (request: ScriptRequest) => { readonly sql: string } | { readonly refused: string };
    };

/** Lockstep itself. */
export const LOCKSTEP: Applier = { kind: 'lockstep' };
