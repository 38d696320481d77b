import type { Engine } from '../../server/engines/engine.ts';
import type { Engines } from '../../server/host/load-engines.ts';
import { blockedBy, strongerLock, type Effect, type LockMode } from '../../server/model/effect.ts';
import { objectKey } from '../../server/model/names.ts';
import type { RuleExample } from '../../server/rules/rule.ts';
import { blockedTitle, lockTitle } from '../../server/rules/facts/subject.ts';
import { ALL_MAJORS } from './postgres.ts';
import { unmark } from './rule-check.ts';

/** What the statements of an example's last migration do to tables that were there before, in sentences; versions that agree share one. */
export function locksOf(engines: Engines, example: RuleExample): readonly string[] {
  if (example.dialect !== 'postgresql' || example.down !== undefined) return [];
  const versions =
    example.version === undefined ? ALL_MAJORS : ALL_MAJORS.filter((major) => major >= Number(example.version));
  const byText = new Map<string, number[]>();
  for (const version of versions) {
    const text = locksOn(engines.postgresql, example, version);
    if (text !== '') byText.set(text, [...(byText.get(text) ?? []), version]);
  }
  const isSame = byText.size === 1 && [...byText.values()][0]?.length === versions.length;
  return [...byText].map(([text, majors]) =>
    isSame
      ? text
      : `PostgreSQL ${majors.length > 1 && majors.at(-1) === (majors[0] ?? 0) + majors.length - 1 ? `${majors[0]} to ${majors.at(-1)}` : majors.join(', ')}: ${text}`,
  );
}

function locksOn(engine: Engine, example: RuleExample, version: number): string {
  const target = { version, timeZone: 'unknown' as const };
  let schema = engine.emptySchema(false);
  const texts = (sql: string): readonly string[] =>
    engine.split(sql, { start: 0, end: sql.length }).map((statement) => statement.text);
  for (const sql of example.before ?? [])
    for (const text of texts(sql))
      schema = engine.fold(schema, engine.parse(text).operations, { fileIndex: 0 }, target);
  const old = schema;
  const strongest = new Map<string, Pick<Effect, 'relation' | 'rewrite' | 'scan'> & { readonly lock: LockMode }>();
  for (const text of texts(unmark(example.sql).text)) {
    const { operations } = engine.parse(text);
    for (const effect of engine.effects(operations, schema, target)) {
      const key = objectKey(effect.schema, effect.relation);
      if (!effect.blocks.includes('writes') || effect.certainty === 'may' || !old.relations.has(key)) continue;
      const known = strongest.get(key);
      strongest.set(key, {
        relation: effect.relation,
        lock: known === undefined ? effect.lock : strongerLock(known.lock, effect.lock),
        rewrite: effect.rewrite || known?.rewrite === true,
        scan: effect.scan || known?.scan === true,
      });
    }
    schema = engine.fold(schema, operations, { fileIndex: 1 }, target);
  }
  return [...strongest.values()]
    .map(
      ({ relation, lock, rewrite, scan }) =>
        `\`${relation}\` is locked with ${lockTitle(lock)}, which blocks ${blockedTitle(blockedBy(lock))}${rewrite ? ', while it is written anew' : scan ? ', while all of it is read' : ''}.`,
    )
    .join(' ');
}
