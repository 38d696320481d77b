import { PRODUCTS } from '../../engines/products.ts';
import { FILL_SETTINGS } from '../../model/fill-notice.ts';
import {
  changeInHand,
  checkChangeParity,
  confirmDeploys,
  type ChangeInHand,
  type ParityOutcome,
} from '../../runner/change-actions.ts';
import { readChangeRecords, recordMet, type ChangeRecord } from '../../runner/change-records.ts';
import type { ChangeStatus, MigrationStatus } from '../../runner/report.ts';
import type { DoneEvent } from '../../runner/runner.ts';
import { readStatus } from '../../runner/status.ts';
import type { Connection } from '../../drivers/driver.ts';
import { changeRunbook } from '../change-runbook.ts';
import { done, refused, type Answer, type Refused } from './answer.ts';
import { unconfirmed } from './production.ts';
import { runMigrations, type RunHooks } from './run-migrations.ts';
import type { UseContext } from './use-context.ts';
import { databaseOf, withDatabase } from './with-database.ts';

const MS_PER_SECOND = 1_000;

/** Every change of the folder as the database has it. */
export async function listChanges(context: UseContext): Promise<Answer<readonly ChangeStatus[]>> {
  return withDatabase(context, { readOnly: true }, async (connection, { environment }) =>
    done((await readStatus(context.project, connection, environment)).changes),
  );
}

/** A change with its steps and what was met for it. */
export interface ShownChange {
  readonly change: ChangeStatus;
  readonly steps: readonly MigrationStatus[];
  readonly records: readonly ChangeRecord[];
}

export async function showChange(context: UseContext, id: string): Promise<Answer<ShownChange>> {
  return withDatabase(context, { readOnly: true }, (connection) =>
    onChange(context, connection, id, async ({ status, steps }) =>
      done({
        change: status,
        steps,
        records: (await readChangeRecords(connection)).filter((record) => record.change === id),
      }),
    ),
  );
}

/** What a person does for a change. */
export interface ChangeWish {
  /** Id of the change. */
  readonly change: string;
  /** Who says so. */
  readonly by: string;
}

/** Deploys that were confirmed, and where. */
export interface ConfirmedDeploys {
  /** Of the database, for people. */
  readonly database: string;
  readonly deploys: readonly string[];
}

/** Records a person's word that deploys have happened: the one that is named, or all that the change waits for. */
export async function confirmDeploy(
  context: UseContext,
  wish: ChangeWish & { readonly deploy?: string },
): Promise<Answer<ConfirmedDeploys>> {
  return withDatabase(context, { readOnly: false }, (connection, named) =>
    onChange(context, connection, wish.change, async (change) => {
      const refusedAs = await unconfirmed(context, connection, named);
      if (refusedAs !== undefined) return refusedAs;
      const confirmed = await confirmDeploys(connection, change, context.outside.clock, wish.by, wish.deploy);
      return confirmed.kind === 'refused'
        ? refused(confirmed.reason)
        : done({ database: connection.label, deploys: confirmed.value });
    }),
  );
}

/** Compares old and new; that they agree is recorded, so that the contract may run. */
export async function checkParity(
  context: UseContext,
  wish: ChangeWish,
  signal?: AbortSignal,
): Promise<Answer<ParityOutcome>> {
  return withDatabase(
    context,
    { readOnly: false },
    (connection, named) =>
      onChange(context, connection, wish.change, async (change) => {
        // Before the comparison, which may take its time.
        const refusedAs = await unconfirmed(context, connection, named);
        if (refusedAs !== undefined) return refusedAs;
        const compared = await checkChangeParity(connection, change, context.outside.clock, wish.by, signal);
        return compared.kind === 'refused' ? refused(compared.reason) : done(compared.value);
      }),
    signal,
  );
}

export interface FillWish extends ChangeWish {
  /** Rows of one batch. */
  readonly batch?: number | undefined;
  readonly pauseMs?: number | undefined;
  /** Seconds that a replica may be behind before the next batch waits for it. */
  readonly maxLagSeconds?: number | undefined;
}

/** How a fill ended: it had finished before and is recorded, or its steps were run. */
export type Filled = { readonly kind: 'had-finished' } | { readonly kind: 'ran'; readonly done: DoneEvent };

/** Runs a change's steps up to its last fill, with the batch size and pause that were asked for. */
export async function fillChange(
  context: UseContext,
  { change: id, by, batch, pauseMs, maxLagSeconds }: FillWish,
  hooks: RunHooks,
): Promise<Answer<Filled>> {
  const looked = await withDatabase(
    context,
    { readOnly: false },
    (connection, named) =>
      onChange(context, connection, id, async ({ steps }) => {
        const last = steps.findLast((step) => step.phase === 'migrate');
        if (last === undefined) return refused({ code: 'nothing-to-fill', change: id });
        const hasFinished = last.state === 'applied' || last.state === 'drifted';
        if (hasFinished) {
          const refusedAs = await unconfirmed(context, connection, named);
          if (refusedAs !== undefined) return refusedAs;
          await recordMet(connection, {
            change: id,
            requirement: 'backfill',
            description: '',
            metAt: context.outside.clock.now().toISOString(),
            metBy: by,
          });
        }
        return done({ last: last.id, hasFinished });
      }),
    hooks.signal,
  );
  if (looked.kind === 'refused') return looked;
  const { last, hasFinished } = looked.value;
  if (hasFinished) return done({ kind: 'had-finished' });
  const sessionSettings = PRODUCTS[context.project.engine.id].capabilities.commitsInBlocks
    ? {
        ...(batch === undefined ? {} : { [FILL_SETTINGS.rows]: String(batch) }),
        ...(maxLagSeconds === undefined ? {} : { [FILL_SETTINGS.maxLag]: String(maxLagSeconds) }),
        ...(pauseMs === undefined ? {} : { [FILL_SETTINGS.pause]: String(pauseMs / MS_PER_SECOND) }),
      }
    : {};
  const ran = await runMigrations(
    context,
    { direction: 'up', extent: { kind: 'to', id: last }, sessionSettings },
    hooks,
  );
  if (ran.kind === 'refused') return ran;
  if (ran.kind !== 'ended') throw new Error('nobody was asked whether to fill');
  return done({ kind: 'ran', done: ran.done });
}

/** A change as a Markdown page; with a database that can be asked it says how far the change is. */
export async function runbookOf(context: UseContext, id: string): Promise<Answer<string>> {
  const { project } = context;
  const page = async (connection: Connection | undefined): Promise<Answer<string>> =>
    onChange(context, connection, id, async (change) => done(changeRunbook(project, change)));
  if ('kind' in databaseOf(context)) return page(undefined);
  const answer = await withDatabase(context, { readOnly: true }, page);
  return answer.kind === 'refused' && answer.reason.code === 'database' ? page(undefined) : answer;
}

/** Does `work` with a change as it stands on the database, where there is such a change. */
async function onChange<Result>(
  { project, database }: UseContext,
  connection: Connection | undefined,
  id: string,
  work: (change: ChangeInHand & { readonly status: ChangeStatus }) => Promise<Result>,
): Promise<Result | Refused> {
  const report = await readStatus(project, connection, database.named?.environment ?? null);
  const status = report.changes.find((each) => each.id === id);
  return status === undefined
    ? refused({ code: 'no-such-change', change: id })
    : work({ ...changeInHand(project, report, id), status });
}
