import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Engine } from '../../../server/engines/engine.ts';
import { createPostgresEngine } from '../../../server/engines/postgresql/engine.ts';
import type { Effect } from '../../../server/model/effect.ts';
import type { Schema } from '../../../server/model/schema.ts';
import type { Form } from '../forms/form.ts';
import type { Measurement, Seen } from './lock-oracle.ts';
import { FIXTURE } from './locks-fixture.ts';

/** Session time zone of the probes where a form names none: one that is not UTC. */
export const PROBE_TIME_ZONE = 'America/New_York';

/** The dialect as the engine has it. */
export async function loadPostgres(): Promise<Engine> {
  return createPostgresEngine(
    readFileSync(createRequire(import.meta.url).resolve('libpg-query/wasm/libpg-query.wasm')),
  );
}

/** The fixture, folded as migrations are. */
export function foldFixture(engine: Engine, major: number): Schema {
  let schema = engine.emptySchema(true);
  FIXTURE.forEach((part, fileIndex) => {
    if (part.from !== undefined && major < part.from) return;
    for (const statement of engine.split(part.fold, { start: 0, end: part.fold.length })) {
      schema = engine.fold(
        schema,
        engine.parse(statement.text).operations,
        { migration: String(fileIndex), fileIndex },
        { version: major, timeZone: PROBE_TIME_ZONE },
      );
    }
  });
  return schema;
}

/** What the engine says of a form, on a schema. */
export function explain(engine: Engine, schema: Schema, form: Form, major: number): readonly Effect[] {
  const [statement] = engine.split(form.sql, { start: 0, end: form.sql.length });
  const body = engine.parse(statement?.text ?? '');
  return engine.effects((engine.resolveCalls(body, schema) ?? body).operations, schema, {
    version: major,
    timeZone: form.timeZone ?? PROBE_TIME_ZONE,
  });
}

function line(name: string, lock: string, rewrite: boolean, scan: boolean): string {
  return `${name} ${lock}${rewrite ? ' rewrite' : ''}${scan ? ' scan' : ''}`;
}

function lineOfSeen(seen: Seen): string {
  return line(seen.relation, seen.lock, seen.rewrite, seen.scan);
}

/** An effect as it may be seen: with its scan, and without where only the lock is certain. */
function linesOfEffect(effect: Effect): readonly string[] {
  const name = `${effect.schema}.${effect.relation}`;
  const whole = line(name, effect.lock, effect.rewrite, effect.scan);
  return effect.scanCertainty === 'may' ? [whole, line(name, effect.lock, effect.rewrite, false)] : [whole];
}

/**
 * How the engine's answer differs from the server's; empty where it is exactly right.
 *
 * Every certain effect must have been seen as it is, its scan where that is certain too, and everything seen must be an effect. An effect that only may
 * happen is allowed not to happen (a row that went to another partition), never to be seen otherwise.
 */
export function differences(measured: Measurement, effects: readonly Effect[]): readonly string[] {
  const seen = measured.seen.map(lineOfSeen);
  const said = effects.flatMap(linesOfEffect);
  const certain = effects.filter((effect) => effect.certainty === 'certain');
  return [
    ...seen.filter((entry) => !said.includes(entry)).map((entry) => `server: ${entry}`),
    ...certain
      .map(linesOfEffect)
      .filter((entries) => !entries.some((entry) => seen.includes(entry)))
      .map(([entry = '']) => `engine: ${entry}`),
  ];
}
