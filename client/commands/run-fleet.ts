import * as vscode from 'vscode';
import { FLEET_REQUEST, FLEETS_REQUEST } from '../../server/protocol/requests.ts';
import { say } from '../say.ts';
import { isTrusted, pickTarget, type CommandContext } from './command-context.ts';
import { typedName } from './typed-name.ts';

/** Shows how the databases of a fleet stand, and applies to all of them, in waves, where a person says so. */
export async function runFleet(context: CommandContext): Promise<void> {
  if (!(await isTrusted())) return;
  const target = await pickTarget(context);
  if (target === undefined) return;
  const place = { folder: target.folder.folderUri, project: target.project };
  const fleets = await context.server.ask(FLEETS_REQUEST, place);
  if (fleets.length === 0) {
    say('information', 'Lockstep: lockstep.jsonc names no fleet: write one below "fleets".');
    return;
  }
  const fleet = await vscode.window.showQuickPick(fleets, {
    title: 'Lockstep: Fleet',
    placeHolder: 'Which databases?',
  });
  if (fleet === undefined) return;
  const page = `Fleet ${fleet}.txt`;
  const ask = (action: 'status' | 'apply', confirmed?: string) =>
    vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        cancellable: true,
        title: action === 'status' ? `Asking ${fleet}` : `Applying to ${fleet}`,
      },
      (_progress, cancellation) =>
        context.server.ask(
          FLEET_REQUEST,
          { ...place, fleet, action, ...(confirmed === undefined ? {} : { confirmed }) },
          cancellation,
        ),
    );
  const status = await ask('status');
  if (!status.ok) {
    say('error', `Lockstep: ${status.message}`);
    return;
  }
  const { text, databases, isGood, isProtected } = status.value;
  await context.documents.show(page, text, { preserveFocus: true });
  if (isGood) {
    say('information', `Lockstep: all ${databases} databases of ${fleet} are up to date.`);
    return;
  }
  const button = `Apply to ${databases} Databases`;
  const detail = 'One alone first, then in waves, up to the wave in which one is not well.';
  const asked = `Apply what is due to ${fleet}${isProtected ? ', which is PRODUCTION' : ''}?`;
  if ((await vscode.window.showWarningMessage(asked, { modal: true, detail }, button)) !== button) return;
  const typed = isProtected
    ? await typedName({ title: asked, prompt: `Type ${fleet} to go on`, name: fleet })
    : { confirmed: undefined };
  if (typed === undefined) return;
  const applied = await ask('apply', typed.confirmed);
  await context.store.settled();
  if (!applied.ok) {
    say('error', `Lockstep: ${applied.message}`);
    return;
  }
  await context.documents.show(page, applied.value.text);
  if (applied.value.isGood) say('information', `Lockstep: all ${databases} databases of ${fleet} are up to date.`);
  else say('warning', `Lockstep: not every database of ${fleet} is up to date: the page says which, and why.`);
}
