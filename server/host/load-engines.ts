import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { Engine } from '../engines/engine.ts';
import { createPostgresEngine } from '../engines/postgresql/engine.ts';
import { sqliteEngine } from '../engines/sqlite/engine.ts';
import { provideCSharp } from '../languages/csharp/csharp-parser.ts';
import type { EngineId } from '../model/engine-id.ts';

/** Every dialect by its id. */
export type Engines = Readonly<Record<EngineId, Engine>>;

/**
 * Loads the parsers: once a process.
 * The parser of C# is only loaded when a project needs it.
 */
export async function loadEngines(): Promise<Engines> {
  // V8 would compile the parser's hot functions a second time, with its optimizing compiler: that takes up to 500 MB for
  // a grammar of this size and gains nothing that can be measured, while the parser runs a few microseconds a statement.
  for (const flag of ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag);
  // Only read where a project is written in C#.
  provideCSharp(async () => ({
    runtime: await readFile(besideOr('web-tree-sitter/web-tree-sitter.wasm')),
    grammar: await readFile(besideOr('tree-sitter-c-sharp/tree-sitter-c_sharp.wasm')),
  }));
  const file = besideOr('libpg-query/wasm/libpg-query.wasm');
  return { postgresql: await createPostgresEngine(await readFile(file)), sqlite: sqliteEngine };
}

/** A file that stands beside the bundle, and in its npm package when run from source. */
function besideOr(inPackage: string): string {
  const beside = path.join(import.meta.dirname, path.basename(inPackage));
  return existsSync(beside) ? beside : createRequire(import.meta.url).resolve(inPackage);
}
