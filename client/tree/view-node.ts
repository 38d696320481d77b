import type { MigrationState } from './state-badges.ts';

/** One line of a view, without anything of VS Code. */
export interface ViewNode {
  /** Unique in its view; stays the same while the thing it shows does. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** Markdown. */
  readonly tooltip: string;
  /** Codicon and theme colour. */
  readonly icon: { readonly id: string; readonly color?: string };
  /** Words for `viewItem` in `when` clauses. */
  readonly contextValue: string;
  readonly accessibilityLabel: string;
  /** What a command on this node is about. */
  readonly migration?: {
    readonly folderUri: string;
    readonly project: string;
    readonly id: string;
    readonly path: string | null;
    /** What its badge says; absent while it runs. */
    readonly state?: MigrationState;
  };
  /** The change that a command on this node is about. */
  readonly change?: { readonly folderUri: string; readonly project: string; readonly id: string };
  /** The project whose last run a command on this node is about. */
  readonly run?: { readonly folderUri: string; readonly project: string };
  /** What a click does; absent where that follows from `migration` or `run`. */
  readonly command?: { readonly title: string; readonly command: string };
  readonly children: readonly ViewNode[];
}
