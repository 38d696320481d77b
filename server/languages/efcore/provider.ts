import type { Command } from '../csharp/command.ts';
import type { Call } from '../csharp/call.ts';
import type { KnownModel } from './model/ef-model.ts';
import type { LateCommand } from './sqlite-rebuild.ts';

/** What a provider of EF Core makes of an operation. */
export interface Provider {
  /** As people know it: `Npgsql`. */
  readonly title: string;
  /**
   * The commands of one call, in order. `siblings` are all calls of the method, since some providers fold one into
   * another; `model` is the one that the method ends in.
   */
  lower(call: Call, siblings: readonly Call[], model: KnownModel): readonly Command[];
  /** Commands that come after those of all calls, whatever the order of these. */
  after?(calls: readonly Call[], model: KnownModel): readonly LateCommand[];
  /** The turns in which such commands may come; none where none can. */
  turns?(calls: readonly Call[]): readonly { readonly turn: number; readonly isBare: boolean }[];
}
