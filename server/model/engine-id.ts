/**
 * Database products that the engines' room knows, as the configuration and JSON name them; where two would do, the first.
 *
 * Together with their titles these are the only names of products outside `server/engines` and `server/drivers`: whatever
 * differs between products is a `Record<EngineId, ...>`, a member of `Engine` or a fact of its `Product`.
 */
export const ENGINE_IDS = ['postgresql', 'sqlite'] as const;

export type EngineId = (typeof ENGINE_IDS)[number];

/** Products as their makers write them. */
export const ENGINE_TITLES: Readonly<Record<EngineId, string>> = { postgresql: 'PostgreSQL', sqlite: 'SQLite' };

/** The one of several values that is for an engine. */
export function byEngine<Value>(id: EngineId, values: Readonly<Record<EngineId, Value>>): Value {
  return values[id];
}
