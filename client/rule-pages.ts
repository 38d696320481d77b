import * as vscode from 'vscode';
import { RULE_REQUEST, RULE_SCHEME } from '../server/protocol/requests.ts';
import type { LockstepServer } from './server.ts';

/** Opens the page of a rule where a person clicks a finding's code. */
export function registerRulePages(server: LockstepServer): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(RULE_SCHEME, {
    provideTextDocumentContent: async (uri) => {
      const code = uri.path.replace(/^\//, '').replace(/\.md$/, '');
      return (await server.ask(RULE_REQUEST, { code })) ?? `There is no rule "${code}" in this version of Lockstep.`;
    },
  });
}
