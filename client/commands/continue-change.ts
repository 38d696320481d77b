import * as vscode from 'vscode';
import { userInfo } from 'node:os';
import {
  CHANGE_REQUEST,
  type ChangeActionResult,
  type ChangeParams,
  type Outcome,
} from '../../server/protocol/requests.ts';
import type { ViewNode } from '../tree/view-node.ts';
import {
  isTrusted,
  pickChange,
  type CommandContext,
  type CommandTarget,
  type StatusChange,
} from './command-context.ts';
import { connect } from './connect.ts';
import { confirmedFor } from './typed-name.ts';
import { runMigrations } from './run-migrations.ts';
import { say } from '../say.ts';

/** Does the next thing of a change: applies its next step, takes a person's word for a deploy, or compares old and new. */
export async function continueChange(context: CommandContext, node?: ViewNode): Promise<void> {
  if (!(await isTrusted())) return;
  const picked = await pickChange(context, node, 'Continue which change?', (change) => change.phase !== 'contracted');
  if (picked === undefined) return;
  const { target } = picked;
  let { change } = picked;
  if (change.next === null && change.phase !== 'contracted') {
    if (!(await connect(context, target.folder.folderUri))) return;
    change =
      context.store
        .statuses(target.folder.folderUri)
        .flatMap((each) => each.status.changes)
        .find((each) => each.id === change.id) ?? change;
  }
  const { next } = change;
  if (next === null) {
    say('information', `Lockstep: every step of ${change.id} is applied.`);
    return;
  }
  switch (next.action) {
    case 'apply':
    case 'backfill':
      return runMigrations(context, { target, direction: 'up', extent: { kind: 'to', id: next.migration } });
    case 'confirm-deploy':
      return confirmDeploy(context, target, change, next.deploy ?? '');
    case 'check-parity':
      return compare(context, target, change);
  }
}

async function confirmDeploy(
  context: CommandContext,
  target: CommandTarget,
  change: StatusChange,
  deploy: string,
): Promise<void> {
  const label =
    context.store.statuses(target.folder.folderUri).find((each) => each.status.folder === target.project)?.status
      .database?.label ?? 'the database';
  const button = 'Every Instance Runs It';
  const answer = await vscode.window.showWarningMessage(
    `Is this deployed everywhere that uses ${label}?`,
    {
      modal: true,
      detail: `${deploy}\n\nYour word is recorded in the database, and the next step of ${change.id} may then run. Nothing runs now.`,
    },
    button,
  );
  if (answer !== button) return;
  const confirmed = await confirmedFor(context, target, 'Confirm Deploy');
  if (confirmed === undefined) return;
  sayOutcome(
    await context.server.ask(CHANGE_REQUEST, {
      ...paramsOf(target, change),
      ...confirmed,
      action: 'confirm-deploy',
      deploy,
    }),
  );
  await context.store.settled();
}

async function compare(context: CommandContext, target: CommandTarget, change: StatusChange): Promise<void> {
  const confirmed = await confirmedFor(context, target, 'Compare Old and New');
  if (confirmed === undefined) return;
  const outcome = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      cancellable: true,
      title: `Comparing old and new of ${change.id}`,
    },
    (_progress, cancellation) =>
      context.server.ask(
        CHANGE_REQUEST,
        { ...paramsOf(target, change), ...confirmed, action: 'check-parity' },
        cancellation,
      ),
  );
  sayOutcome(outcome);
  await context.store.settled();
}

function paramsOf(
  target: CommandTarget,
  change: StatusChange,
): Pick<ChangeParams, 'folder' | 'project' | 'change' | 'by'> {
  return { folder: target.folder.folderUri, project: target.project, change: change.id, by: userInfo().username };
}

function sayOutcome(outcome: Outcome<ChangeActionResult>): void {
  if (!outcome.ok) say('error', `Lockstep: ${outcome.message}`);
  else if (outcome.value.isMet) say('information', `Lockstep: ${outcome.value.message}`);
  else say('warning', `Lockstep: ${outcome.value.message}`);
}
