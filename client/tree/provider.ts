import * as vscode from 'vscode';
import type { ProjectStatus } from '../../server/protocol/requests.ts';
import type { Overlay } from './live.ts';
import { changeNodes, migrationNodes, statusNodes, type ViewNode } from './nodes.ts';
import type { StatusStore } from './store.ts';

/** Makes the nodes of one workspace folder. */
type MakeNodes = (folderUri: string, statuses: readonly ProjectStatus[], overlay: Overlay) => readonly ViewNode[];

/** Shows the nodes that a pure function makes of the status. */
export class NodeProvider implements vscode.TreeDataProvider<ViewNode> {
  readonly #store: StatusStore;
  readonly #nodes: MakeNodes;
  readonly onDidChangeTreeData: vscode.Event<void>;

  /** `ticks`: shown again each second while something runs, which a list of thousands is not. */
  constructor(store: StatusStore, nodes: MakeNodes, ticks = false) {
    this.#store = store;
    this.#nodes = nodes;
    this.onDidChangeTreeData = ticks
      ? (listener, self, disposables): vscode.Disposable =>
          vscode.Disposable.from(
            store.onDidChange(listener, self, disposables),
            store.onDidTick(listener, self, disposables),
          )
      : store.onDidChange;
  }

  getChildren(node?: ViewNode): readonly ViewNode[] & ViewNode[] {
    if (node !== undefined) return [...node.children];
    const folders = this.#store.folders.filter((folder) => folder.statuses.length > 0);
    if (folders.length < 2)
      return folders.flatMap((folder) => [...this.#nodes(folder.folderUri, folder.statuses, this.#store.overlay)]);
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

  getTreeItem(node: ViewNode): vscode.TreeItem {
    const item = new vscode.TreeItem(
      node.label,
      node.children.length === 0 ? vscode.TreeItemCollapsibleState.None : vscode.TreeItemCollapsibleState.Expanded,
    );
    item.id = node.id;
    item.description = node.description;
    item.tooltip = new vscode.MarkdownString(node.tooltip);
    item.iconPath =
      node.icon.color === undefined
        ? new vscode.ThemeIcon(node.icon.id)
        : new vscode.ThemeIcon(node.icon.id, new vscode.ThemeColor(node.icon.color));
    item.contextValue = node.contextValue;
    item.accessibilityInformation = { label: node.accessibilityLabel };
    const path = node.migration?.path;
    if (node.migration !== undefined && path !== undefined && path !== null) {
      item.command = {
        title: 'Open',
        command: 'vscode.open',
        arguments: [vscode.Uri.joinPath(vscode.Uri.parse(node.migration.folderUri), path)],
      };
    } else if (node.run !== undefined)
      item.command = { title: 'What Happened', command: 'lockstep.showLastRun', arguments: [node] };
    return item;
  }
}

/** Makes the three views and keeps the badge with the number of pending migrations. */
export function showViews(store: StatusStore): vscode.Disposable {
  const migrations = vscode.window.createTreeView('lockstep.migrations', {
    treeDataProvider: new NodeProvider(store, migrationNodes),
    showCollapseAll: false,
  });
  const changes = vscode.window.createTreeView('lockstep.changes', {
    treeDataProvider: new NodeProvider(store, changeNodes),
    showCollapseAll: true,
  });
  const status = vscode.window.createTreeView('lockstep.status', {
    treeDataProvider: new NodeProvider(store, statusNodes, true),
  });
  const listening = store.onDidChange(() => {
    const pending = store.folders
      .flatMap((folder) => folder.statuses)
      .reduce((sum, each) => sum + each.status.counts.pending + each.status.counts.outOfOrder, 0);
    migrations.badge = pending === 0 ? undefined : { value: pending, tooltip: `${pending} pending` };
  });
  return vscode.Disposable.from(migrations, changes, status, listening);
}
