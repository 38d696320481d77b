import * as vscode from 'vscode';
import { isDatabaseName, isFileUrl, isServerUrl, urlExamples } from '../../server/protocol/database-url.ts';
import type { ProjectStatus } from '../../server/protocol/requests.ts';
import type { SavedConnection, SavedConnections } from './saved-connections.ts';

interface ConnectionItem extends vscode.QuickPickItem {
  readonly choice: 'configured' | 'saved' | 'enter' | 'forget';
}

/** Asks which database to connect to; undefined when the person leaves. An empty URL means what `lockstep.jsonc` names. */
export async function pickConnection(
  folderUri: string,
  statuses: readonly ProjectStatus[],
  saved: SavedConnections,
): Promise<SavedConnection | undefined> {
  const configured = statuses[0]?.configured ?? null;
  const last = await saved.get(folderUri);
  const items: ConnectionItem[] = [
    ...(configured === null
      ? []
      : [
          {
            choice: 'configured',
            label: `$(database) ${configured.label}`,
            description: configured.environment ?? '',
            detail: 'Named by lockstep.jsonc',
          } satisfies ConnectionItem,
        ]),
    ...(last === undefined
      ? []
      : [
          {
            choice: 'saved',
            label: `$(history) ${last.label ?? 'A database'}`,
            description: last.environment ?? '',
            detail: 'Connected to before',
          } satisfies ConnectionItem,
        ]),
    { choice: 'enter', label: '$(add) Another Database…', detail: 'PostgreSQL or SQLite, by URL' },
    ...(last === undefined
      ? []
      : [{ choice: 'forget', label: '$(trash) Forget the Saved Database' } satisfies ConnectionItem]),
  ];
  const picked =
    items.length === 1
      ? items[0]
      : await vscode.window.showQuickPick(items, { title: 'Lockstep: Connect', placeHolder: 'Which database?' });
  switch (picked?.choice) {
    case undefined:
      return undefined;
    case 'configured':
      return { url: '', environment: null };
    case 'saved':
      return last;
    case 'forget':
      await saved.forget(folderUri);
      return undefined;
    case 'enter':
      return enterConnection();
  }
}

/** What was entered last, without its password, so that a typing error costs no second typing. */
let entered = '';

async function enterConnection(): Promise<SavedConnection | undefined> {
  const url = await vscode.window.showInputBox({
    title: 'Lockstep: Connect',
    value: entered,
    prompt: "URL of the database. It is kept in the editor's secret storage.",
    placeHolder: urlExamples(),
    password: false,
    ignoreFocusOut: true,
    validateInput: (text) => (isDatabaseName(text.trim()) || text === '' ? undefined : `Write it as ${urlExamples()}.`),
  });
  if (url === undefined || url.trim() === '') return undefined;
  entered = withoutPassword(url.trim());
  const whole = await withPassword(url.trim());
  if (whole === undefined) return undefined;
  const environment = await vscode.window.showQuickPick(
    [
      { label: 'development', description: 'yours alone' },
      { label: 'staging', description: 'shared, without real users' },
      { label: 'production', description: "each run is confirmed by the database's name" },
    ],
    { title: 'Lockstep: Connect', placeHolder: 'What is this database for?', ignoreFocusOut: true },
  );
  // The labels are the three words of the type.
  return environment === undefined
    ? undefined
    : { url: whole, environment: environment.label as SavedConnection['environment'] };
}

/** Asks for the password where a server's URL has a user and no password; none is needed where the server asks for none. */
async function withPassword(url: string): Promise<string | undefined> {
  if (!isServerUrl(url) || !URL.canParse(url)) return url;
  const parsed = new URL(url);
  if (parsed.username === '' || parsed.password !== '') return url;
  const password = await vscode.window.showInputBox({
    title: 'Lockstep: Connect',
    prompt: `Password of ${parsed.username}; empty where none is needed`,
    password: true,
    ignoreFocusOut: true,
  });
  if (password === undefined) return undefined;
  if (password !== '') parsed.password = encodeURIComponent(password);
  return parsed.toString();
}

/** A URL whose password is gone, from its query too; empty where it cannot be read. */
function withoutPassword(url: string): string {
  if (isFileUrl(url)) return url;
  if (!isServerUrl(url)) return '';
  if (!URL.canParse(url)) return '';
  const parsed = new URL(url);
  // What has an @ in its path may be a password that was cut at a slash.
  if (/[@#]/.test(parsed.pathname + parsed.hash)) return '';
  parsed.password = '';
  for (const name of ['password', 'sslpassword']) parsed.searchParams.delete(name);
  return parsed.toString();
}
