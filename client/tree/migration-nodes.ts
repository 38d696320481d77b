import type { ProjectStatus } from '../../server/protocol/requests.ts';
import { NOTHING_LIVE, projectKey, runWords, type LastRun, type LiveRun, type Overlay } from './live.ts';
import type { ViewNode } from './view-node.ts';

export type Migration = ProjectStatus['status']['migrations'][number];

const STATES: Readonly<
  Record<
    Migration['state'],
    {
      readonly icon: string;
      readonly color?: string;
      readonly words: string;
      /** For a narrow sidebar; `words` where there is none. */
      readonly short?: string;
    }
  >
> = {
  applied: { icon: 'pass-filled', color: 'testing.iconPassed', words: 'applied' },
  pending: { icon: 'circle-large-outline', words: 'pending' },
  'out-of-order': { icon: 'sort-precedence', color: 'list.warningForeground', words: 'out of order' },
  drifted: {
    icon: 'diff-modified',
    color: 'list.warningForeground',
    words: 'edited after it was applied',
    short: 'edited',
  },
  missing: {
    icon: 'question',
    color: 'list.warningForeground',
    words: 'applied, but its file is missing',
    short: 'no file',
  },
  failed: { icon: 'error', color: 'list.errorForeground', words: 'failed half-way', short: 'failed' },
  baseline: { icon: 'milestone', words: 'baseline' },
  'repeatable-outdated': { icon: 'sync', words: 'to be repeated' },
  unknown: { icon: 'circle-outline', color: 'disabledForeground', words: 'not connected' },
};

/** What a list of pending migrations leaves out. */
const DONE: readonly Migration['state'][] = ['applied', 'baseline'];

/** Nodes of the Migrations view; projects are a level of their own only where there are several. */
export function migrationNodes(
  folderUri: string,
  statuses: readonly ProjectStatus[],
  { runs, lastRuns, pendingOnly }: Overlay = NOTHING_LIVE,
  now: number = Date.now(),
): readonly ViewNode[] {
  const groups = statuses.map(({ status, runsElsewhere }) => {
    const key = projectKey(folderUri, status.folder);
    const run = runs.get(key);
    const failed = run === undefined ? lastRuns.get(key)?.done.failed : undefined;
    const shown = pendingOnly
      ? status.migrations.filter(({ id, state }) => !DONE.includes(state) || run?.id === id || failed?.id === id)
      : status.migrations;
    return shown.map((migration) => {
      const node = migrationNode(folderUri, status.folder, liveState(migration, run));
      if (runsElsewhere === true && migration.state === 'failed') return begunElsewhereNode(node);
      if (run !== undefined && isRunning(migration, run)) return runningNode(node, run, now);
      return failed?.id === migration.id ? failedNode(node, failed) : node;
    });
  });
  if (statuses.length === 1) return groups[0] ?? [];
  return statuses.map(
    ({ status, toolTitle }, index): ViewNode => ({
      id: `${folderUri} ${status.folder}`,
      label: status.folder === '' ? '.' : status.folder,
      description: `${toolTitle}, ${countWords(status.counts)}`,
      tooltip: `Migrations of ${toolTitle} in \`${status.folder}\``,
      icon: { id: 'folder' },
      contextValue: 'project',
      accessibilityLabel: `${status.folder}, ${countWords(status.counts)}`,
      children: groups[index] ?? [],
    }),
  );
}

/** The state that a run has brought a migration to, before the status is asked for again. */
export function liveState(migration: Migration, run: LiveRun | undefined): Migration {
  if (run?.through.includes(migration.id) !== true) return migration;
  return { ...migration, state: run.direction === 'up' ? 'applied' : 'pending' };
}

/** Whether a run is at a migration now. */
export function isRunning({ id }: Migration, run: LiveRun | undefined): boolean {
  return run?.id === id && !run.through.includes(id);
}

/** `applying` or `reverting`. */
export function runningWord({ direction }: Pick<LiveRun, 'direction'>): string {
  return direction === 'up' ? 'applying' : 'reverting';
}

export function runningNode(node: ViewNode, run: LiveRun, now: number): ViewNode {
  const words = `${runningWord(run)}, ${runWords(run, now)}`;
  const { migration } = node;
  return {
    ...node,
    ...(migration === undefined
      ? {}
      : {
          migration: {
            folderUri: migration.folderUri,
            project: migration.project,
            id: migration.id,
            path: migration.path,
          },
        }),
    description: words,
    tooltip: `**${node.label}**: ${words}`,
    icon: RUNNING,
    contextValue: 'migration running',
    // Without the seconds, which would be read out again each time.
    accessibilityLabel: [
      node.label,
      runningWord(run),
      ...(run.blockers.length === 0 ? [] : [`waits for ${run.blockers.join(', ')}`]),
    ].join(', '),
  };
}

/** A migration that was begun and has not ended, while another's run goes on: whether it has failed is not known yet. */
function begunElsewhereNode(node: ViewNode): ViewNode {
  const words = 'begun, and another run goes on';
  return {
    ...node,
    description: words,
    tooltip: `**${node.label}**: ${words}`,
    icon: RUNNING,
    contextValue: 'migration running',
    accessibilityLabel: `${node.label}, ${words}`,
  };
}

type Failure = NonNullable<LastRun['done']['failed']>;

/** A migration that the last run failed at, for as long as nothing has run since. */
function failedNode(node: ViewNode, failed: Failure): ViewNode {
  return {
    ...node,
    description: failedWords(failed),
    tooltip: `${node.tooltip}\n\nThe last run: ${failedWords(failed)}`,
    icon: { id: 'error', color: 'list.errorForeground' },
    contextValue: `${node.contextValue} last-failed`,
    accessibilityLabel: `${node.accessibilityLabel}, in the last run: ${failedWords(failed)}`,
  };
}

export function failedWords({ outcome, message }: Failure): string {
  return `${outcome === 'unknown' ? 'end not known' : 'failed'}: ${message}`;
}

export function migrationNode(folderUri: string, project: string, migration: Migration): ViewNode {
  const { icon, color, words, short = words } = STATES[migration.state];
  // The phase stands in the Changes view and in the tooltip: both words are cut off at the width that a sidebar has.
  const state = migration.state === 'unknown' ? (migration.phase ?? '') : short;
  const { label, version } = labelOf(migration);
  const whole = version === undefined ? label : `${version} ${label}`;
  const facts = [
    `**${whole}**: ${words}`,
    ...(migration.appliedAt === null
      ? []
      : [`Applied at ${migration.appliedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}`]),
    ...(migration.change === null ? [] : [`Step *${migration.phase ?? ''}* of the change \`${migration.change}\``]),
    ...(migration.note === null ? [] : [migration.note]),
    ...(migration.reversible || migration.state === 'missing'
      ? []
      : ['Cannot be reverted: it has no down half that does something']),
  ];
  return {
    id: `${folderUri} ${project} ${migration.id}`,
    label,
    description: [state, version ?? ''].filter((part) => part !== '').join(' · '),
    tooltip: facts.join('\n\n'),
    icon: color === undefined ? { id: icon } : { id: icon, color },
    contextValue: `migration ${migration.state}${migration.reversible ? ' reversible' : ''}${migration.paths.length === 0 ? '' : ' file'}`,
    accessibilityLabel: [whole, words, ...(migration.phase === null ? [] : [migration.phase])].join(', '),
    migration: { folderUri, project, id: migration.id, path: migration.paths[0] ?? null, state: migration.state },
    children: [],
  };
}

/** A version that is a point in time fills a narrow sidebar and says nothing: it comes last, and the state is seen. */
export function labelOf({ id, name }: Pick<Migration, 'id' | 'name'>): {
  readonly label: string;
  readonly version?: string;
} {
  const [, version, rest = ''] = /^(\d{10,})[_-]?(.*)$/.exec(id) ?? [];
  const label = rest === '' ? name : rest;
  if (version !== undefined && label !== '') return { label, version };
  return { label: name === '' || id.includes(name) ? id : `${id} ${name}` };
}

/** Icon of what goes on now. */
export const RUNNING = { id: 'loading~spin' } as const;

export function countWords(counts: ProjectStatus['status']['counts']): string {
  if (counts.unknown > 0) return `${counts.unknown} migration${counts.unknown === 1 ? '' : 's'}, not connected`;
  // What was edited since, or whose file is gone, is in the database all the same.
  return `${counts.applied + counts.drifted + counts.missing} applied, ${counts.pending + counts.outOfOrder} pending`;
}
