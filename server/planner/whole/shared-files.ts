import type { PlanContext } from '../plan.ts';
import { slugOf } from '../names.ts';
import type { Step } from '../step.ts';
import type { Schema } from '../../model/schema.ts';
import { INDEX_GOES_NOTE } from '../parts/index-steps.ts';
import { withoutTransactions } from './repeatable-files.ts';
import { keepingIndex, takesOverIndexOf } from './taken-over-index.ts';

/** Locks that keep nobody from reading or writing. */
const MILD = new Set(['AccessShareLock', 'RowShareLock', 'RowExclusiveLock', 'ShareUpdateExclusiveLock']);

/** What a file may hold beside others. */
type Sharing =
  /** Brief work on a table in use, or on those that one statement locks; `table` undefined where only new things are made. */
  | { readonly kind: 'brief'; readonly table: string | undefined }
  /** Reads one table whole while everybody goes on; beside a table that it points at, whose lock the way back needs. */
  | { readonly kind: 'check'; readonly table: string }
  /** Index builds and drops, each on its own. */
  | { readonly kind: 'concurrent' }
  | { readonly kind: 'alone' };

/**
 * Steps of one phase and one transaction rule that follow each other, as one each. No lock is held for longer by that: only
 * brief work on one table shares a transaction, and concurrent builds share a file only where the tool sends it statement
 * by statement.
 */
export function sharingFiles(
  steps: readonly Step[],
  schema: Schema,
  context: Pick<PlanContext, 'engine' | 'target'>,
  options: {
    readonly id: string;
    readonly sendsStatements: boolean;
    /** What is there before the migration: of what it makes, nobody waits for a lock before the next deploy. */
    readonly running: Schema;
  },
): readonly Step[] {
  const groups: { steps: Step[]; sharing: Sharing; made: string[] }[] = [];
  let before = schema;
  for (const written of steps) {
    const last = groups.at(-1);
    const isOwn =
      options.sendsStatements &&
      last?.sharing.kind === 'concurrent' &&
      written.requires.length === 0 &&
      takesOverIndexOf(written, last.steps);
    const step = (!isOwn && options.sendsStatements ? keepingIndex(written, steps) : undefined) ?? written;
    const { sharing, after, made } = sharingOf(step, before, options.running, context);
    before = after;
    const previous = last?.steps.at(-1);
    const joint = isOwn
      ? last.sharing
      : last === undefined || previous === undefined || !maySit(previous, step)
        ? undefined
        : together(last.sharing, sharing, options.sendsStatements);
    if (last === undefined || joint === undefined) groups.push({ steps: [step], sharing, made: [made] });
    else {
      last.steps.push(step);
      last.made.push(made);
      last.sharing = joint;
    }
  }
  const slugs = new Set<string>();
  return (options.sendsStatements ? withoutTransactions(groups) : groups).map((group) => {
    const step = asOne(withAllowedDown(group.steps, group.made), options.id);
    let { slug } = step;
    for (let number = 2; slugs.has(slug); number++) slug = `${step.slug}_${number}`;
    slugs.add(slug);
    return { ...step, slug };
  });
}

function maySit(previous: Step, step: Step): boolean {
  return (
    previous.phase === step.phase &&
    previous.transaction === step.transaction &&
    step.requires.length === 0 &&
    step.parity === undefined &&
    (previous.down === undefined) === (step.down === undefined)
  );
}

function together(one: Sharing, other: Sharing, sendsStatements: boolean): Sharing | undefined {
  if (one.kind === 'brief' && other.kind === 'brief') {
    if (one.table === undefined) return other;
    return other.table === undefined || one.table === other.table ? one : undefined;
  }
  if (one.kind === 'check' && other.kind === 'check') return one.table === other.table ? one : undefined;
  return one.kind === 'concurrent' && other.kind === 'concurrent' && sendsStatements ? one : undefined;
}

const DROPS_CONSTRAINT = /^ALTER TABLE [^;]* DROP CONSTRAINT [^;]*;$/i;
const CONCURRENT = /^(?:create\s+(?:unique\s+)?|drop\s+)index\s+concurrently\b/i;

function sharingOf(
  step: Step,
  before: Schema,
  running: Schema,
  { engine, target }: Pick<PlanContext, 'engine' | 'target'>,
): {
  readonly sharing: Sharing;
  readonly after: Schema;
  /** Names of the tables that it locks and the migration makes. */
  readonly made: string;
} {
  const tables = new Set<string>();
  const checked = new Set<string>();
  let after = before;
  let isRead = true;
  let isBrief = true;
  const statements = engine.split(step.up, { start: 0, end: step.up.length });
  for (const { text } of statements) {
    const { operations, problems } = engine.parse(text);
    isRead &&= problems.length === 0;
    for (const effect of engine.effects(operations, after, target)) {
      const isMild = MILD.has(effect.lock);
      if (effect.rewrite || (effect.scan && !isMild)) isBrief = false;
      else if (effect.scan || effect.lock === 'RowShareLock') checked.add(`${effect.schema}.${effect.relation}`);
      else if (!isMild && effect.relationKind !== 'index') tables.add(`${effect.schema}.${effect.relation}`);
    }
    after = engine.fold(after, operations, { fileIndex: -1 }, target);
  }
  const isOld = (table: string): boolean => running.relations.has(table.replace('.', '\u0000'));
  const held = step.phase === 'expand' ? [...tables].filter(isOld) : [...tables];
  // Two tables that one statement locks at once may be locked by the next one as well.
  const isWithNew = held.length < tables.size;
  const table = held.length === 0 ? undefined : [...held.sort(), ...(isWithNew ? ['and new ones'] : [])].join(' ');
  // A foreign key that goes locks both of its tables whole: before a deploy it goes alone.
  const dropsKey = step.phase !== 'contract' && held.length > 1 && DROPS_CONSTRAINT.test(step.up);
  const sharing: Sharing =
    !isRead || !isBrief || dropsKey
      ? { kind: 'alone' }
      : step.transaction === 'none'
        ? statements.every(({ text }) => CONCURRENT.test(text))
          ? { kind: 'concurrent' }
          : { kind: 'alone' }
        : checked.size > 0 && table !== undefined
          ? { kind: 'alone' }
          : checked.size === 0
            ? { kind: 'brief', table }
            : { kind: 'check', table: [...checked].join(' ') };
  return { sharing, after, made: [...tables].filter((name) => !isOld(name)).join(' ') };
}

/** Ways back of what shares a file since nobody uses the new tables: their drop locks one of them after the other. */
function withAllowedDown(steps: readonly Step[], made: readonly string[]): readonly Step[] {
  const last = made.at(-1);
  const other = made.findLastIndex((name) => name !== '' && name !== last);
  return last === undefined || last === '' || other < 0
    ? steps
    : steps.map((step, index) =>
        index === other && step.down !== undefined
          ? {
              ...step,
              down: `-- lockstep: allow several-tables-locked because nobody uses the new tables yet\n${step.down}`,
            }
          : step,
      );
}

/** Tables that others wait for until the statements' transaction ends, each as `schema.name`. */
export function heldTables(
  sql: string,
  before: Schema,
  { engine, target }: Pick<PlanContext, 'engine' | 'target'>,
): readonly string[] {
  const tables = new Set<string>();
  let schema = before;
  for (const { text } of engine.split(sql, { start: 0, end: sql.length })) {
    const { operations } = engine.parse(text);
    for (const effect of engine.effects(operations, schema, target))
      if (!MILD.has(effect.lock) && effect.relationKind !== 'index') tables.add(`${effect.schema}.${effect.relation}`);
    schema = engine.fold(schema, operations, { fileIndex: -1 }, target);
  }
  return [...tables];
}

function asOne(steps: readonly Step[], id: string): Step {
  const [first] = steps;
  if (first === undefined) throw new Error('no steps to join');
  if (steps.length === 1) return first;
  const [, ...later] = steps;
  const titles = steps.map(({ title }) => title);
  const irreversible = steps.flatMap((step) => step.irreversible ?? []);
  const { down: _down, irreversible: _irreversible, ...rest } = first;
  // What takes an index over that the same file builds goes back with it.
  const phase = steps.at(-1)?.phase ?? first.phase;
  return {
    ...rest,
    phase,
    title: titles.length <= 3 ? titles.join('; ') : `${titles.slice(0, 2).join('; ')}; and ${titles.length - 2} more`,
    // The new file has a number of its own.
    slug: slugOf(id.replace(/^\d{10,}-(?=.)/, ''), phase),
    up: checksFirst(steps.map((step) => rerunnable(step))).join('\n'),
    ...(irreversible.length > 0
      ? { irreversible: irreversible.join(' ') }
      : {
          down: [...steps]
            .reverse()
            .map((step) => rerunnableBack(step))
            .join('\n'),
        }),
    asked: steps.flatMap((step) => step.asked ?? []),
    notes: [
      ...new Set(
        steps.flatMap((step, index) =>
          takesOverIndexOf(step, steps.slice(0, index))
            ? step.notes.filter((note) => note !== INDEX_GOES_NOTE)
            : step.notes,
        ),
      ),
    ],
    requires: [...first.requires, ...later.flatMap((step) => step.requires)],
  };
}

/** Before what needs it, the check of a constraint that an earlier file checked: only after a way back is there something to read. */
const CHECKED_AGAIN = /^ALTER TABLE [^;]* VALIDATE CONSTRAINT [^;]*;\n(?=[^])/;

/** What is read again after a way back is read before the first lock is taken. */
function checksFirst(texts: readonly string[]): readonly string[] {
  const checks = texts.flatMap((text) => CHECKED_AGAIN.exec(text)?.[0].trimEnd() ?? []);
  return [...checks, ...texts.map((text) => text.replace(CHECKED_AGAIN, ''))];
}

const DROPS = /^(drop\s+index\s+concurrently\s+)(?!if\s+exists\b)/i;
const BUILDS = /^create\b/i;

/** What may run again: a build that an earlier try left half done is begun again, and what is dropped is asked for. */
function rerunnable(step: Step): string {
  const { up, down, transaction } = step;
  if (transaction !== 'none') return up;
  return BUILDS.test(up) && down !== undefined && ASKS.test(down)
    ? `${down}\n${up}`
    : up.replace(DROPS, '$1IF EXISTS ');
}

const ASKS = /^drop\s+index\s+concurrently\s+if\s+exists\b/i;

/** The same for the way back. */
function rerunnableBack({ up, down = '', transaction }: Step): string {
  if (transaction !== 'none' || !BUILDS.test(down)) return down;
  const drop = up.replace(DROPS, '$1IF EXISTS ');
  return ASKS.test(drop) ? `${drop}\n${down}` : down;
}
