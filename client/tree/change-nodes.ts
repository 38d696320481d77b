import type { ProjectStatus } from '../../server/protocol/requests.ts';
import { type Fill, fillKey } from './fill.ts';
import { NOTHING_LIVE, type Overlay } from './live.ts';
import { migrationNode, RUNNING, type Migration } from './migration-nodes.ts';
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
  { fills }: Overlay = NOTHING_LIVE,
): readonly ViewNode[] {
  const nodes = statuses.flatMap(({ status, connected }) =>
    status.changes.map((change) => ({
      isDone: change.phase === 'contracted',
      node: changeNode(
        folderUri,
        status.folder,
        change,
        connected,
        status.migrations.filter((migration) => migration.change === change.id),
        fills,
      ),
    })),
  );
  return [...nodes.filter((each) => !each.isDone), ...nodes.filter((each) => each.isDone)].map((each) => each.node);
}

function changeNode(
  folderUri: string,
  project: string,
  change: Change,
  isConnected: boolean,
  steps: readonly Migration[],
  fills: ReadonlyMap<string, Fill>,
): ViewNode {
  const { icon, color, words } = PHASES[change.phase];
  const applied = steps.filter((step) => step.state === 'applied' || step.state === 'drifted').length;
  const count = `${applied}/${steps.length}`;
  const fill = steps.map((step) => fills.get(fillKey(folderUri, project, step.id))).find((each) => each !== undefined);
  const waits =
    fill !== undefined ? [`filling, ${fillWords(fill)}`] : change.next === null ? [] : [WAITS[change.next.action]];
  return {
    id: `${folderUri} ${project} change ${change.id}`,
    label: change.id, // What comes next is what a person looks for; the phase is in the icon.
    description: isConnected ? [...(waits.length > 0 ? waits : [words]), count].join(' · ') : 'not connected',
    tooltip: [
      `**${change.title}**`,
      ...(isConnected ? [`${words}: ${applied} of ${steps.length} steps applied`] : []),
      ...(change.next === null ? [] : [change.next.message]),
    ].join('\n\n'),
    icon:
      fill !== undefined
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
    children: steps.map((step) =>
      stepNode(folderUri, project, change.id, step, fills.get(fillKey(folderUri, project, step.id))),
    ),
  };
}

/** A migration as a step: its icon shows the state, so that its words have room for the phase. */
function stepNode(
  folderUri: string,
  project: string,
  change: string,
  step: Migration,
  fill: Fill | undefined,
): ViewNode {
  const node = migrationNode(folderUri, project, step);
  const isUsual = step.state === 'applied' || step.state === 'pending' || step.state === 'unknown';
  const words = fill !== undefined ? [fillWords(fill)] : isUsual ? [] : [node.description];
  return {
    ...node,
    id: `${folderUri} ${project} change ${change} ${step.id}`,
    description: [step.phase ?? '', ...words].filter((part) => part !== '').join(' · '),
    ...(fill === undefined
      ? {}
      : { icon: RUNNING, accessibilityLabel: `${node.accessibilityLabel}, ${fillWords(fill)}` }),
  };
}

/** `30 %, 14,000,000 rows`; without a share where the planner has no estimate. */
function fillWords({ rows, remaining }: Fill): string {
  const share = remaining === null ? [] : [`${Math.floor((100 * rows) / (rows + remaining))} %`];
  return [...share, `${rows.toLocaleString('en')} rows`].join(', ');
}
