import { blockedBy, LOCK_MODES, type Effect, lockWords } from '../model/effect.ts';
import { displayName } from '../model/names.ts';
import type { StepLock } from './report.ts';

/** Relations that one line names before it counts the rest. */
const MOST_NAMED = 2;

/**
 * What a statement's effects come to, in one short line: `ACCESS EXCLUSIVE on users · rewrites`; undefined where nobody
 * waits for it.
 *
 * Locks that keep only other changes of the schema out count where the relation is read whole or written anew under them.
 * `note` adds what is known of the relation besides: its size.
 */
export function impactLine(
  effects: readonly Effect[],
  note: (effect: Effect) => string | undefined = () => undefined,
): string | undefined {
  const notable = effects.filter((effect) => effect.relationKind !== 'index' && isNotable(effect));
  const rebuilt = effects.filter((effect) => effect.relationKind === 'index' && effect.rewrite);
  const [firstRebuilt, ...moreRebuilt] = rebuilt;
  if (notable.length === 0)
    return firstRebuilt === undefined
      ? undefined
      : `rebuilds ${moreRebuilt.length === 0 ? shortName(firstRebuilt) : `${rebuilt.length} indexes`}`;
  const sorted = notable.toSorted((left, right) => weight(right) - weight(left));
  const lines = sorted.slice(0, MOST_NAMED).map((effect) => lineOf(effect, note(effect)));
  if (sorted.length > MOST_NAMED) lines.push(`and ${sorted.length - MOST_NAMED} more`);
  return lines.join('; ');
}

/** `ACCESS EXCLUSIVE on public.users: reads and writes wait`. */
export function stepLockWords({ relation, lock, blocks }: StepLock): string {
  // SQLite's one lock is that of the whole database, whichever it is.
  const what = lock === 'DatabaseWriteLock' ? 'the database' : relation;
  return `${lockWords(lock)} on ${what}: ${blocks.filter((blocked) => blocked !== 'ddl').join(' and ')} wait`;
}

function isNotable(effect: Effect): boolean {
  if (effect.rewrite || effect.scan) return true;
  // Every statement that writes to SQLite takes its lock, most of them for a moment.
  return effect.lock !== 'DatabaseWriteLock' && blockedBy(effect.lock).includes('writes');
}

function lineOf(effect: Effect, note: string | undefined): string {
  const work = [
    ...(effect.rewrite
      ? ['rewrites']
      : effect.scan
        ? [effect.scanCertainty === 'may' ? 'may read all rows' : 'reads all rows']
        : []),
    ...(note === undefined ? [] : [note]),
  ];
  return [
    `${effect.certainty === 'may' ? 'may take ' : ''}${lockWords(effect.lock)} on ${shortName(effect)}`,
    ...work,
  ].join(' · ');
}

function weight(effect: Effect): number {
  const lock = effect.lock === 'DatabaseWriteLock' ? 0 : LOCK_MODES.indexOf(effect.lock);
  return lock + (effect.rewrite ? 100 : effect.scan ? 50 : 0);
}

function shortName(effect: Effect): string {
  if (effect.relationKind === 'database') return 'the database';
  return displayName(
    effect.schema === 'public' || effect.schema === 'main'
      ? { name: effect.relation }
      : { schema: effect.schema, name: effect.relation },
  );
}
