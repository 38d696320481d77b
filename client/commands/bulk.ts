import type { ViewNode } from '../tree/view-node.ts';
import { say } from '../say.ts';
import type { CommandContext, CommandTarget } from './command-context.ts';
import { databaseOf } from './typed-name.ts';

/**
 * Whether a command that runs several migrations may go on. On production it must have been given on a migration of the view:
 * a keybinding, or the last line of a palette, must not be able to mean all of them.
 */
export function isAimed(context: CommandContext, target: CommandTarget, node?: ViewNode): boolean {
  const database = databaseOf(context.store, target);
  if (node?.migration !== undefined || database?.environment !== 'production') return true;
  say(
    'warning',
    `Lockstep: ${database.label} is PRODUCTION, where several migrations run only by a command on one of them in the Lockstep view. Nothing was done.`,
  );
  return false;
}
