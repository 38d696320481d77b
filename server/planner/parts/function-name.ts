import { findFunction } from '../../model/lookup.ts';
import { limitedName } from '../names.ts';
import type { PlanContext } from '../plan.ts';

/** A name for a function in a schema that none has there: `words` and `suffix` joined by `_`, with a number behind it where that is taken. */
export function freeFunctionName(
  context: PlanContext,
  schema: string,
  words: readonly string[],
  suffix: string,
  isTaken: (name: string) => boolean = () => false,
): string {
  let name = limitedName(words, suffix);
  for (let number = 2; findFunction(context.schema, { schema, name }) !== undefined || isTaken(name); number++)
    name = limitedName(words, `${suffix}${number}`);
  return name;
}
