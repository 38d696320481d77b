import type { ProjectStatus } from '../../server/protocol/requests.ts';

/** State of a migration on the connected database. */
export type MigrationState = ProjectStatus['status']['migrations'][number]['state'];

/** Two characters at the most, which are seen at any width; words for the tooltip; a theme colour where a person should look. */
export interface StateBadge {
  readonly text: string;
  readonly words: string;
  readonly color?: string;
}

/** The same in the Explorer, on tabs and in the tree; without a database that can be asked there is nothing to tell. */
export const STATE_BADGES: Readonly<Partial<Record<MigrationState, StateBadge>>> = {
  applied: { text: '✓', words: 'applied' },
  baseline: { text: '✓', words: 'part of the baseline' },
  pending: { text: 'P', words: 'pending' },
  'out-of-order': { text: 'P!', words: 'pending, out of order', color: 'list.warningForeground' },
  drifted: { text: 'E!', words: 'edited after it was applied', color: 'list.warningForeground' },
  missing: { text: '?', words: 'applied, but its file is missing', color: 'list.warningForeground' },
  failed: { text: 'F!', words: 'failed half-way', color: 'list.errorForeground' },
  'repeatable-outdated': { text: 'R', words: 'to be repeated' },
};
