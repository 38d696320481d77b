import * as vscode from 'vscode';
import type { SavedConnections } from '../connections/saved-connections.ts';
import type { FixJournal } from '../fixes/fix-journal.ts';
import type { ProjectStatus, RunParams } from '../../server/protocol/requests.ts';
import type { LockstepServer } from '../server.ts';
import type { FolderStatus, StatusStore } from '../tree/store.ts';
import type { ViewNode } from '../tree/view-node.ts';
import type { OpenRunbooks } from './open-runbooks.ts';
import type { SqlDocuments } from './sql-documents.ts';
import { say } from '../say.ts';

/** What every command works with. */
export interface CommandContext {
  readonly server: LockstepServer;
  readonly store: StatusStore;
  readonly saved: SavedConnections;
  readonly documents: SqlDocuments;
  readonly runbooks: OpenRunbooks;
  readonly journal: FixJournal;
}

/** A project of a workspace folder. */
export interface CommandTarget {
  readonly folder: FolderStatus;
  /** `StatusReport.folder`. */
  readonly project: string;
}

/** What a command wants to run. */
export interface RunWish {
  readonly target: CommandTarget;
  readonly direction: RunParams['direction'];
  readonly extent: RunParams['extent'];
  readonly despite?: RunParams['despite'];
  readonly interrupted?: RunParams['interrupted'];
}

/** A change as the status has it. */
export type StatusChange = ProjectStatus['status']['changes'][number];

/** A node that stands for a change where none was clicked. */
export function nodeOfChange(target: CommandTarget, change: StatusChange): ViewNode {
  return {
    id: change.id,
    label: change.id,
    description: '',
    tooltip: '',
    icon: { id: 'circle' },
    contextValue: 'change',
    accessibilityLabel: change.id,
    change: { folderUri: target.folder.folderUri, project: target.project, id: change.id },
    children: [],
  };
}

/** Whether the workspace is trusted; says what to do where it is not. A hidden command can still be called by name. */
export async function isTrusted(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = 'Manage Trust';
  const answer = await vscode.window.showWarningMessage(
    'This workspace is not trusted, so Lockstep only lints it.',
    manage,
  );
  if (answer === manage) await vscode.commands.executeCommand('workbench.trust.manage');
  return false;
}

/** The project that a node belongs to, the only one, or the one that the person picks. */
export async function pickTarget(context: CommandContext, node?: ViewNode): Promise<CommandTarget | undefined> {
  await context.store.loaded();
  const all = context.store.folders.flatMap((folder) =>
    folder.statuses.map(({ status }): CommandTarget => ({ folder, project: status.folder })),
  );
  const owner = node?.migration ?? node?.change ?? node?.run;
  if (owner !== undefined)
    return all.find((target) => target.folder.folderUri === owner.folderUri && target.project === owner.project);
  if (all.length === 0) {
    const unread = context.store.folders.flatMap((folder) => folder.unread);
    say(
      'information',
      unread.length > 0
        ? unread.join(' ')
        : 'Lockstep found no migrations here: open a folder with migrations, or name their folder in lockstep.jsonc.',
    );
    return undefined;
  }
  if (all.length === 1) return all[0];
  const items = all.map((target) => ({
    label: target.project === '' ? target.folder.name : target.project,
    description: target.folder.name,
    target,
  }));
  return (await vscode.window.showQuickPick(items, { title: 'Lockstep', placeHolder: 'Which migrations?' }))?.target;
}

/** Migration of a node, or one that the person picks from those in some states, newest first. */
export async function pickMigration(
  context: CommandContext,
  node: ViewNode | undefined,
  placeHolder: string,
  states: readonly string[],
): Promise<{ readonly target: CommandTarget; readonly id: string } | undefined> {
  const target = await pickTarget(context, node);
  if (target === undefined) return undefined;
  if (node?.migration !== undefined) return { target, id: node.migration.id };
  const status = target.folder.statuses.find((each) => each.status.folder === target.project)?.status;
  const items = (status?.migrations ?? [])
    .filter((migration) => states.includes(migration.state))
    .toReversed()
    .map((migration) => ({ label: migration.id, description: migration.state }));
  if (items.length === 0) {
    say('information', 'Lockstep: there is no such migration.');
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(items, { title: 'Lockstep', placeHolder });
  return picked === undefined ? undefined : { target, id: picked.label };
}

/** Change of a node, or one that the person picks from those that satisfy a condition. */
export async function pickChange(
  context: CommandContext,
  node: ViewNode | undefined,
  placeHolder: string,
  isOffered: (change: StatusChange) => boolean,
): Promise<{ readonly target: CommandTarget; readonly change: StatusChange } | undefined> {
  const target = await pickTarget(context, node);
  if (target === undefined) return undefined;
  const changes = target.folder.statuses.find((each) => each.status.folder === target.project)?.status.changes ?? [];
  const given = changes.find((change) => change.id === node?.change?.id);
  if (given !== undefined) return { target, change: given };
  const items = changes.filter(isOffered).map((change) => ({ label: change.id, description: change.title, change }));
  if (items.length === 0) {
    say(
      'information',
      changes.length === 0
        ? 'Lockstep: there is no change here yet. A fix that splits a statement makes one.'
        : 'Lockstep: every change here is done.',
    );
    return undefined;
  }
  const picked =
    items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: 'Lockstep', placeHolder });
  return picked === undefined ? undefined : { target, change: picked.change };
}
