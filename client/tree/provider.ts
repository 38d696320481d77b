import * as vscode from 'vscode';
import type { ProjectStatus } from '../../server/protocol/requests.ts';
import type { Overlay } from './live.ts';
import { stateUri } from './file-badges.ts';
import { changeNodes } from './change-nodes.ts';
import { migrationNodes, RUNNING } from './migration-nodes.ts';
import { statusNodes } from './status-nodes.ts';
import type { ViewNode } from './view-node.ts';
import type { StatusStore } from './store.ts';

/** Pause after the last finding before the list counts them: each keystroke brings some. */
const MARK_PAUSE_MS = 500;

/** What a row does in Restricted Mode in place of its own command; the workbench's own would have it greyed out, too. */
const MANAGE_TRUST: vscode.Command = { title: 'Manage Trust', command: 'lockstep.manageTrust' };

/** Makes the nodes of one workspace folder. */
type MakeNodes = (folderUri: string, statuses: readonly ProjectStatus[], overlay: Overlay) => readonly ViewNode[];

/** What is shown again each second while something runs: all rows, or those alone that run. */
type Ticks = 'all' | 'running';

/** Shows the nodes that a pure function makes of the status. */
export class NodeProvider implements vscode.TreeDataProvider<ViewNode>, vscode.Disposable {
  readonly #store: StatusStore;
  readonly #nodes: MakeNodes;
  readonly #changed = new vscode.EventEmitter<ViewNode | undefined>();
  readonly #listening: vscode.Disposable;
  /** As the view has them: what it is told to show again is one of these. */
  #shown: readonly ViewNode[] = [];
  /** What has changed since, by id. */
  readonly #fresh = new Map<string, ViewNode>();
  readonly onDidChangeTreeData = this.#changed.event;

  /** `also`: what else changes the nodes. */
  constructor(store: StatusStore, nodes: MakeNodes, ticks: Ticks, also?: vscode.Event<void>) {
    this.#store = store;
    this.#nodes = nodes;
    const all = (): void => this.#changed.fire(undefined);
    this.#listening = vscode.Disposable.from(
      store.onDidChange(all),
      store.onDidTick(() => (ticks === 'all' ? all() : this.#showRunning())),
      ...(also === undefined ? [] : [also(all)]),
    );
  }

  dispose(): void {
    this.#listening.dispose();
    this.#changed.dispose();
  }

  /** Thousands of rows are not shown again each second for the sake of one. */
  #showRunning(): void {
    const running = runningOf(this.#shown);
    if (running.length === 0) return;
    const fresh = new Map(runningOf(this.#roots()).map((node) => [node.id, node]));
    for (const node of running) {
      const now = fresh.get(node.id);
      if (now === undefined) continue;
      this.#fresh.set(node.id, now);
      this.#changed.fire(node);
    }
  }

  getChildren(node?: ViewNode): readonly ViewNode[] & ViewNode[] {
    if (node !== undefined) return [...node.children];
    this.#shown = this.#roots();
    this.#fresh.clear();
    return [...this.#shown];
  }

  #roots(): readonly ViewNode[] {
    const folders = this.#store.folders.filter((folder) => folder.statuses.length > 0);
    if (folders.length < 2)
      return folders.flatMap((folder) => this.#nodes(folder.folderUri, folder.statuses, this.#store.overlay));
    return folders.map(
      (folder): ViewNode => ({
        id: folder.folderUri,
        label: folder.name,
        description: '',
        tooltip: folder.name,
        icon: { id: 'root-folder' },
        contextValue: 'folder',
        accessibilityLabel: folder.name,
        children: this.#nodes(folder.folderUri, folder.statuses, this.#store.overlay),
      }),
    );
  }

  /** Nodes of a level above are looked up by what they hold: a view asks only for the one that it reveals. */
  getParent(node: ViewNode): ViewNode | undefined {
    const find = (parent: ViewNode | undefined): ViewNode | undefined => {
      for (const child of parent === undefined ? this.#roots() : parent.children) {
        if (child.id === node.id) return parent;
        if (child.children.length > 0) {
          const found = find(child);
          if (found !== undefined) return found;
        }
      }
      return undefined;
    };
    return find(undefined);
  }

  /** The node of a migration; undefined where the list leaves it out. */
  nodeOf(folderUri: string, project: string, id: string): ViewNode | undefined {
    const find = (nodes: readonly ViewNode[]): ViewNode | undefined => {
      for (const node of nodes) {
        const { migration } = node;
        if (migration?.folderUri === folderUri && migration.project === project && migration.id === id) return node;
        const found = find(node.children);
        if (found !== undefined) return found;
      }
      return undefined;
    };
    return find(this.#roots());
  }

  getTreeItem(shown: ViewNode): vscode.TreeItem {
    const node = this.#fresh.get(shown.id) ?? shown;
    const item = new vscode.TreeItem(
      node.label,
      node.children.length === 0 ? vscode.TreeItemCollapsibleState.None : vscode.TreeItemCollapsibleState.Expanded,
    );
    item.id = node.id;
    item.description = described(node);
    item.tooltip = new vscode.MarkdownString(node.tooltip);
    item.iconPath =
      node.icon.color === undefined
        ? new vscode.ThemeIcon(node.icon.id)
        : new vscode.ThemeIcon(node.icon.id, new vscode.ThemeColor(node.icon.color));
    item.contextValue = node.contextValue;
    item.accessibilityInformation = { label: node.accessibilityLabel };
    const badge = node.migration?.state === undefined ? undefined : stateUri(node.migration.state);
    if (badge !== undefined) item.resourceUri = badge;
    const path = node.migration?.path;
    if (node.migration !== undefined && path !== undefined && path !== null) {
      item.command = {
        title: 'Open',
        command: 'vscode.open',
        arguments: [vscode.Uri.joinPath(vscode.Uri.parse(node.migration.folderUri), path)],
      };
    } else if (node.run !== undefined)
      item.command = { title: 'What Happened', command: 'lockstep.showLastRun', arguments: [node] };
    else if (node.command !== undefined) {
      // A command that may not run would have the row greyed out, and nothing would lead on from there.
      item.command = vscode.workspace.isTrusted ? node.command : MANAGE_TRUST;
      if (!vscode.workspace.isTrusted) item.description = `${node.description}: this workspace is not trusted`;
    }
    return item;
  }
}

/** Those that say that something goes on, at any depth. */
function runningOf(nodes: readonly ViewNode[]): readonly ViewNode[] {
  return nodes.flatMap((node) => [...(node.icon.id === RUNNING.id ? [node] : []), ...runningOf(node.children)]);
}

/** The node's words, and how many errors and warnings its file has. */
function described(node: ViewNode): string {
  const path = node.migration?.path;
  if (node.migration === undefined || path === undefined || path === null) return node.description;
  const found = vscode.languages
    .getDiagnostics(vscode.Uri.joinPath(vscode.Uri.parse(node.migration.folderUri), path))
    .filter((diagnostic) => diagnostic.source === 'lockstep');
  const count = (severity: vscode.DiagnosticSeverity, noun: string): readonly string[] => {
    const number = found.filter((diagnostic) => diagnostic.severity === severity).length;
    return number === 0 ? [] : [`${number} ${noun}${number === 1 ? '' : 's'}`];
  };
  return [
    ...(node.description === '' ? [] : [node.description]),
    ...count(vscode.DiagnosticSeverity.Error, 'error'),
    ...count(vscode.DiagnosticSeverity.Warning, 'warning'),
  ].join(' · ');
}

/** Makes the three views, keeps the badge with the number of pending migrations, and reveals the open file's. */
export function showViews(store: StatusStore): vscode.Disposable {
  const marked = new vscode.EventEmitter<void>();
  const provider = new NodeProvider(store, migrationNodes, 'running', marked.event);
  let marking: NodeJS.Timeout | undefined;
  const marks = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
    if (!uris.some((uri) => store.migrationOf(uri) !== undefined)) return;
    clearTimeout(marking);
    marking = setTimeout(() => marked.fire(), MARK_PAUSE_MS);
  });
  const migrations = vscode.window.createTreeView('lockstep.migrations', {
    treeDataProvider: provider,
    showCollapseAll: false,
  });
  const ofChanges = new NodeProvider(store, changeNodes, 'running');
  const changes = vscode.window.createTreeView('lockstep.changes', {
    treeDataProvider: ofChanges,
    showCollapseAll: true,
  });
  const ofStatus = new NodeProvider(store, statusNodes, 'all');
  const status = vscode.window.createTreeView('lockstep.status', {
    treeDataProvider: ofStatus,
  });
  const listening = store.onDidChange(() => {
    const pending = store.folders
      .flatMap((folder) => folder.statuses)
      .reduce((sum, each) => sum + each.status.counts.pending + each.status.counts.outOfOrder, 0);
    // In place of "no migrations were found", which would not be so.
    const unread = store.folders.flatMap((folder) => folder.unread);
    migrations.message = unread.join('\n');
    migrations.badge = pending === 0 ? undefined : { value: pending, tooltip: `${pending} pending` };
  });
  const reveal = async (uri: vscode.Uri | undefined, focus: boolean): Promise<void> => {
    const owned = uri === undefined ? undefined : store.migrationOf(uri);
    const node =
      owned === undefined
        ? undefined
        : provider.nodeOf(owned.folder.folderUri, owned.project.status.folder, owned.migration.id);
    if (node !== undefined) await migrations.reveal(node, { select: true, focus });
  };
  /** The open file's migration, else the newest: thousands of old ones stand above it. */
  const revealWhatMatters = (): void => {
    if (!migrations.visible) return;
    const open = vscode.window.activeTextEditor?.document.uri;
    if (open !== undefined && store.migrationOf(open) !== undefined) {
      void reveal(open, false);
      return;
    }
    const [folder] = store.folders;
    const [project] = folder?.statuses ?? [];
    const newest = project?.status.migrations.at(-1);
    if (folder === undefined || project === undefined || newest === undefined) return;
    const node = provider.nodeOf(folder.folderUri, project.status.folder, newest.id);
    if (node !== undefined) void migrations.reveal(node, { select: false, focus: false });
  };
  return vscode.Disposable.from(
    migrations,
    changes,
    status,
    provider,
    ofChanges,
    ofStatus,
    listening,
    marked,
    marks,
    new vscode.Disposable(() => clearTimeout(marking)),
    migrations.onDidChangeVisibility(revealWhatMatters),
    // A view that stands open when the window does is there before its migrations are.
    store.onDidLoad(revealWhatMatters),
    vscode.window.onDidChangeActiveTextEditor((editor) => {
      if (migrations.visible) void reveal(editor?.document.uri, false);
    }),
    vscode.commands.registerCommand(MANAGE_TRUST.command, () =>
      vscode.commands.executeCommand('workbench.trust.manage'),
    ),
    vscode.commands.registerCommand('lockstep.reveal', (uri?: vscode.Uri) =>
      reveal(uri ?? vscode.window.activeTextEditor?.document.uri, true),
    ),
  );
}
