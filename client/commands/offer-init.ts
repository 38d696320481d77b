import * as vscode from 'vscode';
import { INIT_REQUEST, type InitResult } from '../../server/protocol/requests.ts';
import type { LockstepServer } from '../server.ts';
import { offerWords } from './init-words.ts';
import { say } from '../say.ts';

/** Errors and warnings of migrations from which on it is asked whether the past is to be left out. */
const MANY_FINDINGS = 10;

/** Workspace folders that were asked about, whatever the answer was. */
const ASKED = 'lockstep.initAsked';

/** Of the diagnostics that are Lockstep's. */
const SOURCE = 'lockstep';

/**
 * Offers a first configuration where a workspace without one shows many findings: the migrations that ran long ago are
 * accepted. Each folder is asked about once, and never again.
 */
export function offerInit(server: LockstepServer, memory: vscode.Memento): vscode.Disposable {
  const listening = vscode.languages.onDidChangeDiagnostics(() => {
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      const key = folder.uri.toString();
      const asked = memory.get<readonly string[]>(ASKED, []);
      if (asked.includes(key) || !vscode.workspace.isTrusted || findingsIn(folder) < MANY_FINDINGS) continue;
      // Kept before anything is asked, so that a window that is closed meanwhile does not ask again.
      void Promise.resolve(memory.update(ASKED, [...asked, key])).then(() => offer(server, key));
    }
  });
  return listening;
}

async function offer(server: LockstepServer, folder: string): Promise<void> {
  const planned = await server.ask(INIT_REQUEST, { folder, write: false });
  const words = planned.ok ? offerWords(planned.value) : undefined;
  if (words === undefined) return;
  const accept = 'Accept the Past';
  const answer = await vscode.window.showInformationMessage(words, accept, 'Not Now');
  if (answer !== accept) return;
  const written = await server.ask(INIT_REQUEST, { folder, write: true });
  await show(written.ok ? written.value : undefined, written.ok ? undefined : written.message);
}

async function show(result: InitResult | undefined, failure: string | undefined): Promise<void> {
  if (result === undefined) {
    if (failure !== undefined) say('error', failure);
    return;
  }
  await vscode.window.showTextDocument(vscode.Uri.file(result.path));
}

function findingsIn(folder: vscode.WorkspaceFolder): number {
  let count = 0;
  for (const [uri, diagnostics] of vscode.languages.getDiagnostics()) {
    if (vscode.workspace.getWorkspaceFolder(uri)?.uri.toString() !== folder.uri.toString()) continue;
    count += diagnostics.filter(
      ({ source, severity }) => source?.toLowerCase() === SOURCE && severity <= vscode.DiagnosticSeverity.Warning,
    ).length;
  }
  return count;
}
