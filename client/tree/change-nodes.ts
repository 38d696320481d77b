import type { ProjectStatus } from '../../server/protocol/requests.ts';
import { type Fill, fillKey } from './fill.ts';
import { NOTHING_LIVE, projectKey, type LiveRun, type Overlay } from './live.ts';
import {
  isRunning,
  labelOf,
  liveState,
  migrationNode,
  RUNNING,
  runningNode,
  runningWord,
  type Migration,
} from './migration-nodes.ts';
import type { ViewNode } from './view-node.ts';

type Change = ProjectStatus['status']['changes'][number];

const PHASES: Readonly<
  Record<Change['phase'], { readonly icon: string; readonly color?: string; readonly words: string }>
> = {
  planned: { icon: 'circle-large-outline', words: 'planned' },
  expanded: { icon: 'expand-all', color: 'charts.blue', words: 'expanded' },
  migrating: { icon: 'arrow-swap', color: 'charts.blue', words: 'migrating' },
  'ready-to-contract': { icon: 'collapse-all', color: 'charts.yellow', words: 'before contract' },
  contracted: { icon: 'pass-filled', color: 'testing.iconPassed', words: 'done' },
};

const WAITS: Readonly<Record<NonNullable<Change['next']>['action'], string>> = {
  apply: 'ready to apply',
  'confirm-deploy': 'waits for a deploy',
  'check-parity': 'to be compared',
  backfill: 'backfill not finished',
};

/** Nodes of the Changes view: those in flight first, each with its steps. */
export function changeNodes(
  folderUri: string,
  statuses: readonly ProjectStatus[],
  { fills, runs }: Overlay = NOTHING_LIVE,
  now: number = Date.now(),
): readonly ViewNode[] {
  const nodes = statuses.flatMap(({ status, connected }) => {
    const run = runs.get(projectKey(folderUri, status.folder));
    return status.changes.map((change) => ({
      isDone: change.phase === 'contracted',
      node: changeNode(
        { folderUri, project: status.folder, change, isConnected: connected, run, fills, now },
        status.migrations
          .filter((migration) => migration.change === change.id)
          .map((migration) => liveState(migration, run)),
      ),
    }));
  });
  return [...nodes.filter((each) => !each.isDone), ...nodes.filter((each) => each.isDone)].map((each) => each.node);
}

interface ShownChange {
  readonly folderUri: string;
  readonly project: string;
  readonly change: Change;
  readonly isConnected: boolean;
  /** What runs in its project now. */
  readonly run: LiveRun | undefined;
  readonly fills: ReadonlyMap<string, Fill>;
  readonly now: number;
}

function changeNode(shown: ShownChange, steps: readonly Migration[]): ViewNode {
  const { folderUri, project, change, isConnected, run, fills } = shown;
  const { icon, color, words } = PHASES[change.phase];
  const applied = steps.filter((step) => step.state === 'applied' || step.state === 'drifted').length;
  const count = `${applied}/${steps.length}`;
  const fill = steps.map((step) => fills.get(fillKey(folderUri, project, step.id))).find((each) => each !== undefined);
  const running = steps.some((step) => isRunning(step, run)) ? run : undefined;
  const waits =
    fill !== undefined
      ? [`filling, ${fillWords(fill)}`]
      : running !== undefined
        ? [runningWord(running)]
        : change.next === null
          ? []
          : [WAITS[change.next.action]];
  const { label, version } = labelOf({ id: change.id, name: '' });
  return {
    id: `${folderUri} ${project} change ${change.id}`,
    label, // What comes next is what a person looks for; the phase is in the icon.
    description: [
      ...(isConnected ? [...(waits.length > 0 ? waits : [words]), count] : ['not connected']),
      ...(version === undefined ? [] : [version]),
    ].join(' · '),
    tooltip: [
      `**${change.title}**`,
      ...(isConnected ? [`${words}: ${applied} of ${steps.length} steps applied`] : []),
      ...(change.next === null || running !== undefined ? [] : [change.next.message]),
    ].join('\n\n'),
    icon:
      fill !== undefined || running !== undefined
        ? RUNNING
        : !isConnected
          ? { id: 'git-compare' }
          : color === undefined
            ? { id: icon }
            : { id: icon, color },
    contextValue: `change ${change.phase}${change.next === null ? '' : ` next-${change.next.action}`}`,
    accessibilityLabel: [
      change.id,
      ...(isConnected ? [`${words}, ${count} steps applied`] : ['not connected']),
      ...waits,
    ].join(', '),
    change: { folderUri, project, id: change.id },
    children: steps.map((step) => stepNode(shown, step)),
  };
}

/** A migration as a step: its icon shows the state, so that its words have room for the phase. */
function stepNode({ folderUri, project, change, run, fills, now }: ShownChange, step: Migration): ViewNode {
  const own = migrationNode(folderUri, project, step);
  const node = {
    ...(run !== undefined && isRunning(step, run) ? runningNode(own, run, now) : own),
    id: `${folderUri} ${project} change ${change.id} ${step.id}`,
  };
  const fill = fills.get(fillKey(folderUri, project, step.id));
  const isUsual = step.state === 'applied' || step.state === 'pending' || step.state === 'unknown';
  const words = fill !== undefined ? [fillWords(fill)] : isUsual && !isRunning(step, run) ? [] : [node.description];
  return {
    ...node,
    description: [step.phase ?? '', ...words].filter((part) => part !== '').join(' · '),
    ...(fill === undefined
      ? {}
      : { icon: RUNNING, accessibilityLabel: `${own.accessibilityLabel}, ${fillWords(fill)}` }),
  };
}

/** `30 %, 14,000,000 rows`; without a share where the planner has no estimate. */
function fillWords({ rows, remaining }: Fill): string {
  const share = remaining === null ? [] : [`${Math.floor((100 * rows) / (rows + remaining))} %`];
  return [...share, `${rows.toLocaleString('en')} rows`].join(', ');
}
