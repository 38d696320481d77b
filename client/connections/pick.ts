import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { isDatabaseName, isFileUrl, isServerUrl, urlExamples } from '../../server/protocol/database-url.ts';
import type { ProjectStatus } from '../../server/protocol/requests.ts';
import { choicesOf, nameOf, type Choice, type ChoiceItem } from './choices.ts';
import {
  databasesInFile,
  databasesInPasswordFile,
  databasesInServiceFile,
  databasesInVariables,
  FOUND_GLOB,
  shownUrl,
  userSecretsIdIn,
  VARIABLE_FILES,
  variableIn,
  type FoundDatabase,
} from '../../server/protocol/found-databases.ts';
import type { SavedConnection, SavedConnections } from './saved-connections.ts';

const TITLE = 'Lockstep: Connect';

/** What the buttons beside a connection do. */
type ItemButton = vscode.QuickInputButton & { readonly does: 'rename' | 'forget' | 'allow' | 'disallow' };

interface PickItem extends vscode.QuickPickItem {
  readonly choice: Choice;
  readonly buttons: readonly ItemButton[];
}

/** Asks which database to connect to; undefined when the person leaves. An empty URL without a variable means what `lockstep.jsonc` names. */
export async function pickConnection(
  folderUri: string,
  statuses: readonly ProjectStatus[],
  saved: SavedConnections,
): Promise<SavedConnection | undefined> {
  const found = await foundIn(folderUri);
  const items = async (): Promise<readonly ChoiceItem[]> =>
    choicesOf({
      configured: statuses[0]?.configured ?? null,
      environments: statuses[0]?.environments ?? [],
      unset: statuses[0]?.unsetVariable ?? null,
      saved: await saved.all(folderUri),
      found,
    });
  const first = await items();
  const choice = first.length === 1 ? first[0]?.choice : await pickChoice(folderUri, saved, items);
  switch (choice?.kind) {
    case undefined:
      return undefined;
    case 'configured':
      return { url: '', environment: null };
    case 'environment': {
      const { name, label, environment } = choice.named;
      if (label !== null) return { url: '', environment, named: name };
      const entered = await enterUrl();
      return entered === undefined ? undefined : { url: entered, environment, named: name };
    }
    case 'saved':
      return choice.connection;
    case 'found':
      return ofFound(choice.database);
    case 'unset':
      return explainUnset(choice.variable);
    case 'enter':
      return enterConnection();
  }
}

/** The list with its buttons, which change it while it stands. */
async function pickChoice(
  folderUri: string,
  saved: SavedConnections,
  items: () => Promise<readonly ChoiceItem[]>,
): Promise<Choice | undefined> {
  const picker = vscode.window.createQuickPick<PickItem>();
  picker.title = TITLE;
  picker.placeholder = 'Which database?';
  picker.matchOnDetail = true;
  const refill = async (): Promise<void> => {
    picker.items = (await items()).map((item) => ({ ...item, buttons: buttonsOf(item.choice) }));
  };
  await refill();
  try {
    return await new Promise<Choice | undefined>((resolve) => {
      picker.onDidAccept(() => resolve(picker.selectedItems[0]?.choice));
      picker.onDidHide(() => resolve(undefined));
      picker.onDidTriggerItemButton(({ item, button }) => {
        // The buttons are those of `buttonsOf`.
        const { does } = button as ItemButton;
        if (item.choice.kind === 'saved') void act(does, item.choice.connection);
      });
      picker.show();

      async function act(does: ItemButton['does'], connection: SavedConnection): Promise<void> {
        switch (does) {
          case 'forget':
            await saved.forget(folderUri, connection);
            break;
          case 'allow':
          case 'disallow':
            await saved.change(folderUri, connection, { reconnects: does === 'allow' });
            break;
          case 'rename': {
            // Asking for the name closes the list, which ends this.
            const name = await vscode.window.showInputBox({
              title: 'Lockstep: Rename a Connection',
              value: nameOf(connection),
            });
            if (name !== undefined && name.trim() !== '')
              await saved.change(folderUri, connection, { name: name.trim() });
            await vscode.commands.executeCommand('lockstep.connect');
            return;
          }
        }
        await refill();
      }
    });
  } finally {
    picker.dispose();
  }
}

function buttonsOf(choice: Choice): readonly ItemButton[] {
  if (choice.kind !== 'saved') return [];
  const button = (does: ItemButton['does'], icon: string, tooltip: string): ItemButton => ({
    does,
    iconPath: new vscode.ThemeIcon(icon),
    tooltip,
  });
  const { environment, reconnects } = choice.connection;
  return [
    ...(environment === 'production'
      ? []
      : [
          reconnects === true
            ? button('disallow', 'sync-ignored', 'Do Not Connect by Itself')
            : button('allow', 'sync', 'Connect by Itself When This Folder Opens'),
        ]),
    button('rename', 'edit', 'Rename'),
    button('forget', 'trash', 'Forget'),
  ];
}

/** Databases that files of a trusted folder, and PostgreSQL's password file, name. */
async function foundIn(folderUri: string): Promise<readonly FoundDatabase[]> {
  const found: FoundDatabase[] = [];
  for (const file of VARIABLE_FILES) found.push(...databasesInVariables(file, await textOf(inFolder(folderUri, file))));
  const variables = await variablesOf(folderUri);
  for (const name of URL_VARIABLES) {
    const url = process.env[name];
    const label = url === undefined ? undefined : shownUrl(url);
    if (url !== undefined && label !== undefined)
      found.push({ url, label, from: `${name} of this editor's environment` });
  }
  const uris = await vscode.workspace.findFiles(
    new vscode.RelativePattern(vscode.Uri.parse(folderUri), FOUND_GLOB),
    '**/{node_modules,bin,obj,target,vendor}/**',
    MOST_FILES,
  );
  for (const uri of uris.toSorted((left, right) => (left.path < right.path ? -1 : 1)))
    found.push(
      ...databasesInFile(uri.path.slice(vscode.Uri.parse(folderUri).path.length + 1), await textOf(uri), variables),
    );
  found.push(...(await userSecrets(folderUri)));
  // Where the file lies on Windows is known to the driver alone: there its variable names it.
  const passwordFile = process.env['PGPASSFILE'] ?? path.join(homedir(), '.pgpass');
  found.push(...databasesInPasswordFile(await textOf(vscode.Uri.file(passwordFile))));
  const serviceFile = process.env['PGSERVICEFILE'] ?? path.join(homedir(), '.pg_service.conf');
  found.push(...databasesInServiceFile(await textOf(vscode.Uri.file(serviceFile))));
  // The files say the same of one database again and again.
  return found.filter((each, index) => found.findIndex((other) => other.url === each.url) === index);
}

/** Variables that hold a database's URL by convention. */
const URL_VARIABLES = ['DATABASE_URL', 'POSTGRES_URL'] as const;

/** Files that are looked into, at the most: a workspace may hold anything. */
const MOST_FILES = 100;

/** The folder's own variables before those of the editor's environment. */
async function variablesOf(folderUri: string): Promise<(name: string) => string | undefined> {
  const texts: string[] = [];
  for (const file of VARIABLE_FILES) texts.push(await textOf(inFolder(folderUri, file)));
  return (name) =>
    texts.map((text) => variableIn(text, name)).find((value) => value !== undefined) ?? process.env[name];
}

/** Databases of the secrets that .NET keeps for the projects of a folder in the person's home. */
async function userSecrets(folderUri: string): Promise<readonly FoundDatabase[]> {
  const projects = await vscode.workspace.findFiles(
    new vscode.RelativePattern(vscode.Uri.parse(folderUri), '**/*.csproj'),
    '**/{node_modules,bin,obj}/**',
    MOST_FILES,
  );
  const found: FoundDatabase[] = [];
  for (const uri of projects) {
    const id = userSecretsIdIn(await textOf(uri));
    if (id === undefined) continue;
    const home =
      process.env['APPDATA'] === undefined
        ? path.join(homedir(), '.microsoft/usersecrets')
        : path.join(process.env['APPDATA'], 'Microsoft/UserSecrets');
    const text = await textOf(vscode.Uri.file(path.join(home, id, 'secrets.json')));
    found.push(
      ...databasesInFile('secrets.json', text, () => undefined).map((each) => ({
        ...each,
        from: `${each.from.replace(/ in secrets\.json$/, '')} in the user secrets of ${path.basename(uri.fsPath)}`,
      })),
    );
  }
  return found;
}

/** A file's text; empty where there is none that can be read. */
async function textOf(uri: vscode.Uri): Promise<string> {
  try {
    return Buffer.from(await vscode.workspace.fs.readFile(uri)).toString('utf8');
  } catch {
    return '';
  }
}

function inFolder(folderUri: string, file: string): vscode.Uri {
  return vscode.Uri.joinPath(vscode.Uri.parse(folderUri), file);
}

/** The URL to connect by: of a variable what its file holds now. Undefined where it holds none any more. */
export async function urlOf(folderUri: string, { url, variable }: SavedConnection): Promise<string | undefined> {
  if (variable === undefined) return url;
  const value = variableIn(await textOf(inFolder(folderUri, variable.file)), variable.name);
  return value === '' ? undefined : value;
}

async function ofFound({ url, variable }: FoundDatabase): Promise<SavedConnection | undefined> {
  const environment = await askEnvironment();
  return environment === undefined
    ? undefined
    : { url: variable === undefined ? url : '', environment, ...(variable === undefined ? {} : { variable }) };
}

async function explainUnset(variable: string): Promise<SavedConnection | undefined> {
  const enter = 'Enter a URL…';
  const answer = await vscode.window.showInformationMessage(
    `${variable} is not set`,
    {
      modal: true,
      detail: `lockstep.jsonc names the environment variable ${variable} for its database, and this editor was started without it. Set it and start the editor from there, write it into ${VARIABLE_FILES[0]} of this folder, or enter a URL for now.`,
    },
    enter,
  );
  return answer === enter ? enterConnection() : undefined;
}

/** What was entered last, without its password, so that a typing error costs no second typing. */
let entered = '';

/** Asks for a URL, its password and what the database is for; what was entered last stands there again. */
export async function enterConnection(): Promise<SavedConnection | undefined> {
  const url = await enterUrl();
  if (url === undefined) return undefined;
  const environment = await askEnvironment();
  return environment === undefined ? undefined : { url, environment };
}

/** Asks for a URL and its password. */
async function enterUrl(): Promise<string | undefined> {
  const url = await vscode.window.showInputBox({
    title: TITLE,
    value: entered,
    prompt: "URL of the database. It is kept in the editor's secret storage.",
    placeHolder: urlExamples(),
    password: false,
    ignoreFocusOut: true,
    validateInput: (text) => (isDatabaseName(text.trim()) || text === '' ? undefined : `Write it as ${urlExamples()}.`),
  });
  if (url === undefined || url.trim() === '') return undefined;
  entered = withoutPassword(url.trim());
  return withPassword(url.trim());
}

async function askEnvironment(): Promise<NonNullable<SavedConnection['environment']> | undefined> {
  const picked = await vscode.window.showQuickPick(
    [
      { label: 'development', description: 'yours alone' },
      { label: 'staging', description: 'shared, without real users' },
      { label: 'production', description: "each run is confirmed by the database's name" },
    ],
    { title: TITLE, placeHolder: 'What is this database for?', ignoreFocusOut: true },
  );
  // The labels are the three words of the type.
  return picked?.label as NonNullable<SavedConnection['environment']> | undefined;
}

/** Asks for the password where a server's URL has a user and no password; none is needed where the server asks for none. */
async function withPassword(url: string): Promise<string | undefined> {
  if (!isServerUrl(url) || !URL.canParse(url)) return url;
  const parsed = new URL(url);
  if (parsed.username === '' || parsed.password !== '') return url;
  const password = await vscode.window.showInputBox({
    title: TITLE,
    prompt: `Password of ${parsed.username}; empty where none is needed, or the password file has it`,
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
