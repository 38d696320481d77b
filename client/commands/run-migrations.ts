import * as vscode from 'vscode';
import {
  RUN_EVENT,
  RUN_REQUEST,
  type Confirmed,
  type Outcome,
  type RunConcern,
  type RunEvent,
  type RunParams,
  type RunResult,
} from '../../server/protocol/requests.ts';
import { fillKey } from '../tree/fill.ts';
import { afterEvent, begun, cutShort } from '../tree/live.ts';
import { typedName } from './typed-name.ts';
import { concernQuestion, confirmationOf } from './confirmation.ts';
import { sayHowItEnded, sayLastRun } from './how-it-ended.ts';
import { connect } from './connect.ts';
import { isTrusted, type CommandContext, type RunWish } from './command-context.ts';
import { openAt } from './open-at.ts';
import { say } from '../say.ts';

/** Shows what would run, asks where that is due, runs it with progress, and says how it ended. */
export async function runMigrations(context: CommandContext, asked: RunWish): Promise<void> {
  const agreed = await planWithConsent(context, asked);
  if (agreed === undefined) return;
  const { planned } = agreed;
  const wish = { ...asked, despite: agreed.despite };
  const ids = planned.done.notRun;
  if (ids.length === 0) {
    say('information', `Lockstep: there is nothing to ${wish.direction === 'up' ? 'apply' : 'revert'}.`);
    return;
  }
  const consent = await consentTo(context, wish, planned);
  if (consent === undefined) return;
  const token = crypto.randomUUID();
  const { folderUri } = wish.target.folder;
  let live = begun(wish.direction, Date.now());
  context.store.setRun(folderUri, wish.target.project, live);
  const keepBegun = (id: string | null): void =>
    void context.store.setBegun(folderUri, wish.target.project, {
      direction: wish.direction,
      extent: wish.extent,
      id,
    });
  keepBegun(null);
  let isCancelled = false;
  const running = vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      cancellable: true,
      title: wish.direction === 'up' ? 'Applying' : 'Reverting',
    },
    async (progress, cancellation) => {
      const share = 100 / ids.length;
      const filling = new Set<string>();
      const listening = context.server.on(RUN_EVENT, (params) => {
        if (params.token !== token) return;
        const message = eventWords(params.event);
        const before = live.id;
        live = afterEvent(live, params.event, Date.now());
        if (live.id !== before) keepBegun(live.id);
        context.store.setRun(folderUri, wish.target.project, live);
        if (params.event.event === 'backfill') {
          const { id, rows, remaining } = params.event;
          const key = fillKey(folderUri, wish.target.project, id);
          filling.add(key);
          context.store.setFill(key, { rows, remaining });
        }
        const isStep = params.event.event === 'applied' || params.event.event === 'reverted';
        if (message !== undefined || isStep)
          progress.report({ ...(message === undefined ? {} : { message }), ...(isStep ? { increment: share } : {}) });
      });
      try {
        return await context.server.ask(
          RUN_REQUEST,
          {
            ...paramsOf(wish),
            ...consent,
            dryRun: false,
            token,
            expectedIds: ids,
            ...(planned.digest === null ? {} : { expectedDigest: planned.digest }),
          },
          cancellation,
        );
      } finally {
        isCancelled = cancellation.isCancellationRequested;
        listening.dispose();
        for (const key of filling) context.store.setFill(key, undefined);
      }
    },
  );
  let outcome: Outcome<RunResult>;
  try {
    outcome = await running;
  } catch {
    // The server has ended, or is not asked any more: nobody here knows how far it came.
    const { direction, extent } = wish;
    const last = cutShort({ direction, extent, id: live.id });
    context.store.setRun(folderUri, wish.target.project, undefined);
    await context.store.setLastRun(folderUri, wish.target.project, last);
    await context.store.setBegun(folderUri, wish.target.project, undefined);
    await sayLastRun(context, wish.target, last);
    return;
  }
  await context.store.setBegun(folderUri, wish.target.project, undefined);
  await context.store.settled();
  context.store.setRun(folderUri, wish.target.project, undefined);
  await sayHowItEnded(context, wish, outcome, isCancelled);
}

/** Connects where nothing is connected yet, and asks the server what would run; undefined when that is refused. */
export async function plan(context: CommandContext, wish: RunWish): Promise<RunResult | undefined> {
  return (await planWithConsent(context, wish))?.planned;
}

/** What would run, and what the person passed over to get there: one question for each thing that stands against it. */
async function planWithConsent(
  context: CommandContext,
  wish: RunWish,
): Promise<{ readonly planned: RunResult; readonly despite: readonly RunConcern[] } | undefined> {
  if (!(await isTrusted())) return undefined;
  if (
    !context.store.statuses(wish.target.folder.folderUri).some((each) => each.connected) &&
    !(await connect(context, wish.target.folder.folderUri))
  )
    return undefined;
  let despite = wish.despite ?? [];
  for (;;) {
    const outcome = await context.server.ask(RUN_REQUEST, {
      ...paramsOf({ ...wish, despite }),
      dryRun: true,
      token: '',
      expectedIds: null,
    });
    if (outcome.ok) return { planned: outcome.value, despite };
    const { concern } = outcome;
    if (concern === undefined || despite.includes(concern)) {
      say('error', `Lockstep: ${outcome.message}`);
      return undefined;
    }
    if (!(await isChosen(concernQuestion(wish.direction, concern, outcome.message)))) return undefined;
    despite = [...despite, concern];
  }
}

function paramsOf({
  target,
  direction,
  extent,
  despite,
  interrupted,
}: RunWish): Pick<RunParams, 'folder' | 'project' | 'direction' | 'extent' | 'despite' | 'interrupted'> {
  return {
    folder: target.folder.folderUri,
    project: target.project,
    direction,
    extent,
    ...(despite === undefined ? {} : { despite }),
    ...(interrupted === undefined ? {} : { interrupted }),
  };
}

/** A revert always shows what it takes back; errors are asked about; on production a person types the database's name. */
async function consentTo(
  context: CommandContext,
  { target, direction }: RunWish,
  planned: RunResult,
): Promise<Confirmed | undefined> {
  const { database } = context.store
    .statuses(target.folder.folderUri)
    .find((each) => each.status.folder === target.project)?.status ?? { database: null };
  const { revert, findings, production } = confirmationOf(
    direction,
    planned.done.notRun,
    database,
    planned.checks,
    planned.notes,
  );
  if (revert !== null && !(await isChosen(revert))) return undefined;
  // Production's own question names the errors too.
  if (findings !== null && production === null) {
    const show = 'Show the Error';
    const answer = await vscode.window.showWarningMessage(
      findings.question,
      { modal: true, detail: findings.detail },
      findings.button,
      show,
    );
    if (answer === show) await showFirstError(planned);
    if (answer !== findings.button) return undefined;
  }
  if (production === null) return {};
  await context.documents.show('What runs.sql', planned.sql ?? '', { preserveFocus: true });
  const goOn = 'Type the Name…';
  if (!(await isChosen({ question: production.question, detail: production.detail, button: goOn }))) return undefined;
  return typedName(production);
}

async function isChosen(asked: {
  readonly question: string;
  readonly detail: string;
  readonly button: string;
}): Promise<boolean> {
  const { question, detail, button } = asked;
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, button)) === button;
}

async function showFirstError({ checks }: RunResult): Promise<void> {
  const check = checks.find((each) => each.errors.length > 0);
  const [error] = check?.errors ?? [];
  if (check !== undefined && error !== undefined) await openAt(vscode.Uri.parse(check.uri), error.position);
}

function eventWords(event: RunEvent): string | undefined {
  switch (event.event) {
    case 'migration':
      return event.id;
    case 'waiting':
      return event.blockers.length === 0 ? event.reason : `waits: ${event.reason} (${event.blockers.join(', ')})`;
    case 'retry':
      return `${event.id}: try ${event.attempt}: ${event.reason}`;
    case 'output':
      return event.line;
    case 'preflight':
      return event.notes.map((note) => note.message).join(' ');
    case 'blocking':
      return `${event.id} keeps waiting: ${event.sessions.join(', ')}`;
    case 'backfill':
      return `${event.id}: ${event.rows} rows${event.remaining === null ? '' : `, ${event.remaining} to go`}`;
    default:
      return undefined;
  }
}
