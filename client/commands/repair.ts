import * as vscode from 'vscode';
import { REPAIR_REQUEST, type RepairStep } from '../../server/protocol/requests.ts';
import { say } from '../say.ts';
import type { ViewNode } from '../tree/view-node.ts';
import { isTrusted, pickTarget, type CommandContext, type CommandTarget } from './command-context.ts';
import { acceptEdit, forgetMigration, markApplied } from './repair-history.ts';

type Way = RepairStep['ways'][number];

/** Goes through what failed, is invalid, missing or edited, with the ways on from each. */
export async function repair(context: CommandContext): Promise<void> {
  if (!(await isTrusted())) return;
  const target = await pickTarget(context);
  if (target === undefined) return;
  const place = { folder: target.folder.folderUri, project: target.project };
  const outcome = await context.server.ask(REPAIR_REQUEST, place);
  if (!outcome.ok) {
    say('error', `Lockstep: ${outcome.message}`);
    return;
  }
  if (outcome.value.length === 0) {
    say('information', 'Lockstep: nothing is to be repaired.');
    return;
  }
  for (const [index, step] of outcome.value.entries()) {
    const picked = await vscode.window.showQuickPick(
      step.ways.map((way) => ({ label: labelOf(way), detail: `Where ${way.when}`, way })),
      {
        title: `Lockstep: Repair, ${index + 1} of ${outcome.value.length}`,
        placeHolder: step.message,
        ignoreFocusOut: true,
      },
    );
    if (picked === undefined) return;
    await take(context, target, step, picked.way);
  }
}

function labelOf({ kind, command }: Way): string {
  switch (kind) {
    case 'mark':
      return 'Mark as Applied';
    case 'unmark':
      return 'Mark as Not Applied';
    case 'accept':
      return 'Accept the New Text…';
    default:
      return command;
  }
}

/** Changes the history, after a question of its own; what a person does by hand is copied. */
async function take(context: CommandContext, target: CommandTarget, { id }: RepairStep, way: Way): Promise<void> {
  const node = id === null ? undefined : nodeOf(target, id);
  if (node !== undefined && way.kind === 'mark') return markApplied(context, node);
  if (node !== undefined && way.kind === 'unmark') return forgetMigration(context, node);
  if (node !== undefined && way.kind === 'accept') return acceptEdit(context, node);
  await vscode.env.clipboard.writeText(way.command);
  say('information', `Lockstep: do this, then look again; it is copied: ${way.command}`);
}

/** A node that stands for a migration where none was clicked. */
function nodeOf(target: CommandTarget, id: string): ViewNode {
  return {
    id,
    label: id,
    description: '',
    tooltip: '',
    icon: { id: 'circle' },
    contextValue: 'migration',
    accessibilityLabel: id,
    migration: { folderUri: target.folder.folderUri, project: target.project, id, path: null },
    children: [],
  };
}
