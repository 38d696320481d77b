import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Engine } from '../../server/engines/engine.ts';
import { createPostgresFront, type PostgresFront } from '../../server/engines/postgresql/front.ts';

async function wasm(): Promise<Uint8Array> {
  return readFile(createRequire(import.meta.url).resolve('libpg-query/wasm/libpg-query.wasm'));
}

let front: Promise<PostgresFront> | undefined;
let engine: Promise<Engine> | undefined;

/** Splitter, parser and lowering alone; loaded once a process. */
export function postgresFront(): Promise<PostgresFront> {
  front ??= wasm().then(createPostgresFront);
  return front;
}

/** The whole dialect; loaded once a process. */
export function postgresEngine(): Promise<Engine> {
  // Imported late, so that the splitter's and the parser's tests need neither fold nor effects.
  engine ??= Promise.all([wasm(), import('../../server/engines/postgresql/engine.ts')]).then(([bytes, module]) =>
    module.createPostgresEngine(bytes),
  );
  return engine;
}
