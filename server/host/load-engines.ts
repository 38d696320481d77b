import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { Engine } from '../engines/engine.ts';
import { createPostgresEngine } from '../engines/postgresql/engine.ts';
import { sqliteEngine } from '../engines/sqlite/engine.ts';
import type { EngineId } from '../model/engine-id.ts';

/** Every dialect by its id. */
export type Engines = Readonly<Record<EngineId, Engine>>;

/**
 * Loads the parsers: once a process.
 *
 * The PostgreSQL parser's WebAssembly stands beside the bundle, and in its npm package when run from source.
 */
export async function loadEngines(): Promise<Engines> {
  // V8 would compile the parser's hot functions a second time, with its optimizing compiler: that takes up to 500 MB for
  // a grammar of this size and gains nothing that can be measured, while the parser runs a few microseconds a statement.
  for (const flag of ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag);
  const beside = path.join(import.meta.dirname, 'libpg-query.wasm');
  const file = existsSync(beside)
    ? beside
    : createRequire(import.meta.url).resolve('libpg-query/wasm/libpg-query.wasm');
  return { postgresql: await createPostgresEngine(await readFile(file)), sqlite: sqliteEngine };
}
