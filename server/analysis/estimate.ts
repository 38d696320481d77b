import type { RelationPlace } from '../rules/rule.ts';
import { aboutWords, bytesWords, durationWords, rowsWords } from '../core/amount-words.ts';
import { conflicts, type LockHolder } from '../model/activity.ts';
import { lockWords, type Effect } from '../model/effect.ts';
import { displayName, objectKey } from '../model/names.ts';
import type { RelationSize, Schema } from '../model/schema.ts';
import { sizeOf } from '../model/size.ts';
import type { Settings } from './settings.ts';

/**
 * Throughput that estimates take for granted where the configuration says nothing.
 *
 * 125 MB/s is what the smallest general purpose disks of the large clouds promise; writing is slower by the log, which gets
 * every row once more, and by building indexes.
 */
const DEFAULT_READ_MB_PER_SECOND = 125;
const DEFAULT_WRITE_MB_PER_SECOND = 50;

const BYTES_PER_MB = 1024 * 1024;

/** How long an effect's work takes, and how that was worked out. Never a promise: caches and load change it by far. */
export interface Estimate {
  readonly seconds: number;
  /** A clause: `12 GB read at an assumed 125 MB/s`. */
  readonly how: string;
}

/** What a connected database adds to an effect. */
export interface LiveEffect {
  readonly size?: RelationSize;
  readonly estimate?: Estimate;
  /** Transactions that the statement would have to wait for, oldest first. */
  readonly waitsFor: readonly LockHolder[];
}

/** Size of the relation that an effect is on, how long the work takes, and who holds it up; empty where nothing is connected. */
export function liveEffect(
  effect: Effect,
  schema: Schema,
  settings: Pick<Settings, 'estimates'>,
  holders: readonly LockHolder[],
): LiveEffect {
  const key = objectKey(effect.schema, effect.relation);
  const size = effect.relationKind === 'index' || effect.relationKind === 'sequence' ? undefined : sizeOf(schema, key);
  const estimate = size === undefined ? undefined : estimateOf(effect, size, settings);
  const { lock } = effect;
  return {
    ...(size === undefined ? {} : { size }),
    ...(estimate === undefined ? {} : { estimate }),
    waitsFor:
      lock === 'DatabaseWriteLock'
        ? []
        : holders.filter((holder) => holder.relationKey === key && conflicts(lock, holder.lock)),
  };
}

function estimateOf(
  effect: Effect,
  size: RelationSize,
  { estimates }: Pick<Settings, 'estimates'>,
): Estimate | undefined {
  const read = estimates?.readMegabytesPerSecond ?? DEFAULT_READ_MB_PER_SECOND;
  const write = estimates?.writeMegabytesPerSecond ?? DEFAULT_WRITE_MB_PER_SECOND;
  if (effect.rewrite)
    return {
      seconds: size.bytes / BYTES_PER_MB / write,
      how: `${bytesWords(size.bytes)}, indexes included, written at an assumed ${write} MB/s`,
    };
  if (!effect.scan) return undefined;
  const bytes = size.heapBytes ?? size.bytes;
  return { seconds: bytes / BYTES_PER_MB / read, how: `${bytesWords(bytes)} read at an assumed ${read} MB/s` };
}

/** `about 48 million rows, 12 GB (table 8 GB, stored apart 1 GB, indexes 3 GB)`. */
export function sizeWords(size: RelationSize, detail: 'short' | 'full' = 'short'): string {
  const parts =
    detail === 'short' || size.heapBytes === undefined
      ? []
      : [
          `table ${bytesWords(size.heapBytes)}`,
          ...((size.toastBytes ?? 0) > size.heapBytes / 100
            ? [`values stored apart ${bytesWords(size.toastBytes ?? 0)}`]
            : []),
          `indexes ${bytesWords(size.indexBytes ?? 0)}`,
        ];
  return `about ${rowsWords(size.rows)}, ${bytesWords(size.bytes)}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
}

/** A sentence: `Rewriting it takes about 4 min by estimate: 12 GB, indexes included, written at an assumed 50 MB/s.` */
export function estimateWords(effect: Pick<Effect, 'rewrite'>, estimate: Estimate): string {
  return `${effect.rewrite ? 'Rewriting it' : 'Reading it'} takes ${aboutWords(estimate.seconds)} by estimate: ${estimate.how}.`;
}

/** A sentence about one transaction that has to end first. */
export function holderWords(holder: LockHolder): string {
  const who = [
    ...(holder.application === '' ? [] : [holder.application]),
    ...(holder.user === '' ? [] : [holder.user]),
  ].join(', ');
  return `Process ${holder.processId}${who === '' ? '' : ` (${who})`} held ${lockWords(holder.lock)} on it in a transaction ${holder.isIdle ? 'that was idle' : 'that was open'} for ${durationWords(holder.ageSeconds)} when the database was last read: this statement waits for its end, and everything that comes later waits behind this statement.`;
}

/** What a connected database adds to a finding on a relation, as further sentences; empty where it knows nothing of it. */
export function findingNote(
  effects: readonly Effect[],
  relation: RelationPlace,
  schema: Schema,
  settings: Pick<Settings, 'estimates'>,
  holders: readonly LockHolder[],
): string {
  const effect = heaviest(
    effects.filter((candidate) => candidate.schema === relation.schema && candidate.relation === relation.name),
  );
  if (effect === undefined) return '';
  const { size, estimate, waitsFor } = liveEffect(effect, schema, settings, holders);
  const [holder] = waitsFor;
  return [
    ...(size === undefined ? [] : [`${displayName({ name: effect.relation })} has ${sizeWords(size)}.`]),
    ...(estimate === undefined ? [] : [estimateWords(effect, estimate)]),
    ...(holder === undefined ? [] : [holderWords(holder)]),
  ]
    .map((sentence) => ` ${sentence}`)
    .join('');
}

/** Whether every relation that the effects read whole or rewrite is known to be smaller than what counts as large. */
export function isSmall(
  effects: readonly Effect[],
  schema: Schema,
  largeTable: NonNullable<Settings['largeTable']>,
): boolean {
  const heavy = effects.filter((effect) => (effect.rewrite || effect.scan) && effect.relationKind !== 'index');
  return (
    heavy.length > 0 &&
    heavy.every((effect) => {
      const size = sizeOf(schema, objectKey(effect.schema, effect.relation));
      return (
        size !== undefined &&
        (largeTable.rows === undefined || size.rows < largeTable.rows) &&
        (largeTable.bytes === undefined || size.bytes < largeTable.bytes)
      );
    })
  );
}

function heaviest(effects: readonly Effect[]): Effect | undefined {
  return effects.find((effect) => effect.rewrite) ?? effects.find((effect) => effect.scan) ?? effects[0];
}
