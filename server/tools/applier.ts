/** Who carries migrations out: Lockstep itself, or only the tool's own command, after which the history is read again. */
export type Applier =
  | { readonly kind: 'lockstep' }
  | {
      readonly kind: 'command';
      /** Why Lockstep does not do it itself: a sentence. */
      readonly why: string;
      /** Words of the command that applies what is pending: `sqitch deploy`. */
      readonly apply: string;
      /** Words of the command that reverts the newest; undefined where the tool has none. */
      readonly revert?: string;
    };

/** Lockstep itself. */
export const LOCKSTEP: Applier = { kind: 'lockstep' };
