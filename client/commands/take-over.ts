import * as vscode from 'vscode';
import { OTHER_HISTORY_REQUEST, OTHER_TOOLS_REQUEST, type OtherHistoryParams } from '../../server/protocol/requests.ts';
import { say } from '../say.ts';
import { isTrusted, pickTarget, type CommandContext } from './command-context.ts';
import { markedWords, nameList } from './marked-words.ts';
import { confirmedFor } from './typed-name.ts';

/** Marks as applied what another tool's history has, or there what is applied here, after a look at it; nothing runs. */
export async function moveHistory(context: CommandContext, direction: OtherHistoryParams['direction']): Promise<void> {
  if (!(await isTrusted())) return;
  const target = await pickTarget(context);
  if (target === undefined) return;
  const place = { folder: target.folder.folderUri, project: target.project };
  const isTakeOver = direction === 'take-over';
  const title = isTakeOver ? 'Lockstep: Take Over a History' : 'Lockstep: Hand the History Back';
  const tools = await context.server.ask(OTHER_TOOLS_REQUEST, place);
  const picked = await vscode.window.showQuickPick(
    tools.map((tool) => ({ label: tool.title, tool })),
    {
      title,
      placeHolder: isTakeOver ? 'Which tool has applied these migrations?' : 'Which tool is to go on with them?',
    },
  );
  if (picked === undefined) return;
  const wish = { ...place, tool: picked.tool.id, direction };
  const planned = await context.server.ask(OTHER_HISTORY_REQUEST, { ...wish, expectedIds: null });
  if (!planned.ok) {
    say('error', `Lockstep: ${planned.message}`);
    return;
  }
  const { ids, unmatched, database, tool } = planned.value;
  if (ids.length === 0 && unmatched.length === 0) {
    say('information', 'Lockstep: there is nothing to mark.');
    return;
  }
  const detail = [
    ...(ids.length === 0 ? [] : [`None of them runs: ${nameList(ids)}.`]),
    ...(unmatched.length === 0
      ? []
      : [
          isTakeOver
            ? `${tool} has applied ${nameList(unmatched)}, and no migration here is for that.`
            : `${tool} would not find ${nameList(unmatched)} in this folder.`,
        ]),
  ].join('\n\n');
  const button = 'Mark as Applied';
  const asked = `Mark ${ids.length} as applied in ${isTakeOver ? "this project's history" : `the history of ${tool}`} on ${database}?`;
  if ((await vscode.window.showWarningMessage(asked, { modal: true, detail }, button)) !== button) return;
  const confirmed = await confirmedFor(context, target, title);
  if (confirmed === undefined) return;
  const outcome = await context.server.ask(OTHER_HISTORY_REQUEST, { ...wish, ...confirmed, expectedIds: ids });
  await context.store.settled();
  if (outcome.ok) say('information', markedWords(ids.length));
  else say('error', `Lockstep: ${outcome.message}`);
}
