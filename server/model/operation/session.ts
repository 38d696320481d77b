import type { ObjectName } from '../names.ts';
import type { OperationBase } from './base.ts';

export interface SetVariable extends OperationBase {
  readonly kind: 'set-variable';
  /** Lower case; `*` for RESET ALL and DISCARD. */
  readonly name: string;
  readonly values: readonly string[];
  readonly scope: 'session' | 'local';
  /** RESET or SET ... TO DEFAULT. */
  readonly toDefault: boolean;
}

export interface TransactionControl extends OperationBase {
  readonly kind: 'transaction-control';
  readonly action:
    | 'begin'
    | 'commit'
    | 'rollback'
    | 'savepoint'
    | 'release'
    | 'rollback-to'
    | 'prepare'
    | 'commit-prepared'
    | 'rollback-prepared';
  readonly savepoint?: string;
  /** SQLite: BEGIN DEFERRED, IMMEDIATE, EXCLUSIVE. */
  readonly mode?: string;
}

/** SQLite's PRAGMA. */
export interface Pragma extends OperationBase {
  readonly kind: 'pragma';
  readonly name: string;
  readonly value?: string;
}

/** Parsed, or not even that, but what it does cannot be known: dynamic SQL, a called procedure, psql commands. */
export interface Opaque extends OperationBase {
  readonly kind: 'opaque';
  readonly reason: string;
  /** Another statement of the document says that nothing of it is analysed. */
  readonly isToldElsewhere?: true;
  /** It makes and drops nothing, so that what is known of the schema stays so. */
  readonly keepsSchema?: true;
  /** Relations that are not what the schema says any more, in a way that is not known. */
  readonly doubts?: readonly ObjectName[];
  /** Only this program of the product understands it, which runs scripts: the database does not. */
  readonly client?: string;
  /** Of such a program: its command, as it is written. */
  readonly command?: string;
  /** Of such a program: what stands between may not be run. */
  readonly condition?: 'opens' | 'closes';
}
