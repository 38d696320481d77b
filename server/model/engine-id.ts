/**
 * Database products that the engines' room knows, as the configuration and JSON name them.
 *
 * The only place outside `server/engines` and `server/drivers` where a product's id is written: whatever differs
 * between products is a `Record<EngineId, ...>`, a member of `Engine` or one of its capabilities.
 */
export type EngineId = 'postgresql' | 'sqlite';
