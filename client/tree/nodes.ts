import { ENGINE_TITLES, type ProjectStatus } from '../../server/protocol/requests.ts';
import { type Fill, fillKey } from './fill.ts';
import type { MigrationState } from './state-badges.ts';
import { NOTHING_LIVE, projectKey, runWords, type LastRun, type LiveRun, type Overlay } from './live.ts';

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

type Migration = ProjectStatus['status']['migrations'][number];

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
      if (run?.id === migration.id && !run.through.includes(migration.id)) return runningNode(node, run, now);
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
function liveState(migration: Migration, run: LiveRun | undefined): Migration {
  if (run?.through.includes(migration.id) !== true) return migration;
  return { ...migration, state: run.direction === 'up' ? 'applied' : 'pending' };
}

function runningNode(node: ViewNode, run: LiveRun, now: number): ViewNode {
  const words = `${run.direction === 'up' ? 'applying' : 'reverting'}, ${runWords(run, now)}`;
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
      run.direction === 'up' ? 'applying' : 'reverting',
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

function failedWords({ outcome, message }: Failure): string {
  return `${outcome === 'unknown' ? 'end not known' : 'failed'}: ${message}`;
}

function migrationNode(folderUri: string, project: string, migration: Migration): ViewNode {
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
function labelOf({ id, name }: Migration): { readonly label: string; readonly version?: string } {
  const [, version, rest = ''] = /^(\d{10,})[_-]?(.*)$/.exec(id) ?? [];
  const label = rest === '' ? name : rest;
  if (version !== undefined && label !== '') return { label, version };
  return { label: name === '' || id.includes(name) ? id : `${id} ${name}` };
}

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
        ? FILLING
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
      : { icon: FILLING, accessibilityLabel: `${node.accessibilityLabel}, ${fillWords(fill)}` }),
  };
}

const FILLING = { id: 'loading~spin' } as const;
const RUNNING = { id: 'loading~spin' } as const;

/** `30 %, 14,000,000 rows`; without a share where the planner has no estimate. */
function fillWords({ rows, remaining }: Fill): string {
  const share = remaining === null ? [] : [`${Math.floor((100 * rows) / (rows + remaining))} %`];
  return [...share, `${rows.toLocaleString('en')} rows`].join(', ');
}

/** Lines of the Status view. */
export function statusNodes(
  folderUri: string,
  statuses: readonly ProjectStatus[],
  { runs, lastRuns }: Overlay = NOTHING_LIVE,
  now: number = Date.now(),
): readonly ViewNode[] {
  return statuses.flatMap((project) => {
    const { status } = project;
    const line = (
      name: string,
      label: string,
      description: string,
      icon: ViewNode['icon'],
      tooltip = '',
    ): ViewNode => ({
      id: `${folderUri} ${status.folder} ${name}`,
      label,
      description,
      tooltip: tooltip === '' ? `${label}: ${description}` : tooltip,
      icon,
      contextValue: name,
      accessibilityLabel: `${label}, ${description}`,
      children: [],
    });
    const { database, counts } = status;
    const last = lastRuns.get(projectKey(folderUri, status.folder));
    const attention = [
      ...(last?.done.failed == null
        ? []
        : [last.done.failed.outcome === 'unknown' ? 'the end of the last run is not known' : 'the last run failed']),
      ...(last?.done.stopped == null ? [] : ['the last run stopped']),
      counts.drifted > 0 ? `${counts.drifted} drifted` : '',
      counts.missing > 0 ? `${counts.missing} missing` : '',
      counts.outOfOrder > 0 ? `${counts.outOfOrder} out of order` : '',
      counts.failed > 0 && project.runsElsewhere !== true ? `${counts.failed} failed` : '',
    ].filter((words) => words !== '');
    return [
      connectionLine(project, line),
      ...(database === null
        ? []
        : [
            line('server', 'Server', `${ENGINE_TITLES[database.kind]} ${database.version}`, { id: 'server' }),
            line(
              'environment',
              'Environment',
              database.environment ?? 'not named',
              environmentIcon(database.environment),
            ),
            ...(last === undefined ? [] : [lastRunLine(folderUri, status.folder, last, line)]),
            line('counts', 'Migrations', countWords(counts), { id: 'list-ordered' }),
            line(
              'attention',
              'Needs attention',
              attention.length === 0 ? 'nothing' : attention.join(', '),
              attention.length === 0
                ? { id: 'pass', color: 'testing.iconPassed' }
                : { id: 'warning', color: 'list.warningForeground' },
            ),
          ]),
      line(
        'history',
        'History',
        status.history === null
          ? `${project.toolTitle}, seen when connected`
          : status.history.exists
            ? status.history.table
            : `${status.history.table}, made by the first apply`,
        { id: 'history' },
      ),
      inFlightLine(project, runs.get(projectKey(folderUri, status.folder)), now, line),
      ...status.problems.map((problem, index) =>
        line(
          `problem-${index}`,
          'Problem',
          problem.message,
          { id: 'warning', color: 'list.warningForeground' },
          problem.message,
        ),
      ),
    ];
  });
}

type Line = (name: string, label: string, description: string, icon: ViewNode['icon'], tooltip?: string) => ViewNode;

function connectionLine({ connected, databaseProblem, status }: ProjectStatus, line: Line): ViewNode {
  if (databaseProblem !== null)
    return line(
      'connection',
      'Connection',
      databaseProblem,
      { id: 'warning', color: 'list.warningForeground' },
      databaseProblem,
    );
  if (!connected || status.database === null)
    return {
      ...line(
        'connection',
        'Connection',
        'not connected',
        { id: 'debug-disconnect' },
        'Click to connect to the last database, or to choose one. Nothing connects by itself unless you allow it.',
      ),
      command: { title: 'Connect', command: 'lockstep.reconnect' },
    };
  return line('connection', 'Connection', status.database.label, { id: 'database' });
}

/** What the last run failed or stopped at: it stays until something has run through. */
function lastRunLine(folderUri: string, project: string, { done, left }: LastRun, line: Line): ViewNode {
  const { failed, stopped } = done;
  const words =
    failed !== null
      ? `${failed.id === '' ? '' : `${failed.id} `}${failedWords(failed)}`
      : `stopped before ${stopped?.id ?? 'a step'}`;
  return {
    ...line(
      'last-run',
      'Last run',
      words,
      failed === null ? { id: 'debug-pause', color: 'list.warningForeground' } : ERROR,
      [words, ...(stopped === null ? [] : [stopped.message]), ...left].join('\n\n'),
    ),
    run: { folderUri, project },
  };
}

const ERROR = { id: 'error', color: 'list.errorForeground' } as const;

function inFlightLine(
  { inFlight, runsElsewhere }: ProjectStatus,
  run: LiveRun | undefined,
  now: number,
  line: Line,
): ViewNode {
  if (run !== undefined)
    return line(
      'in-flight',
      'In flight',
      `${run.direction === 'up' ? 'applying' : 'reverting'} ${run.id ?? '…'}, ${runWords(run, now)}`,
      RUNNING,
    );
  if (inFlight === null)
    return runsElsewhere === true
      ? line('in-flight', 'In flight', 'another run on this database', { id: 'sync~spin' })
      : line('in-flight', 'In flight', runsElsewhere === null ? 'nothing from this window' : 'nothing', { id: 'dash' });
  const what = `${inFlight.direction === 'up' ? 'applying' : 'reverting'} ${inFlight.id ?? '…'}`;
  const wait = inFlight.blockers.length === 0 ? '' : `, waits for ${inFlight.blockers.join(', ')}`;
  return line('in-flight', 'In flight', `${what}${wait}`, { id: 'sync~spin' });
}

/** Shape and colour both tell environments apart. */
export function environmentIcon(environment: string | null): ViewNode['icon'] {
  if (environment === 'production') return { id: 'flame', color: 'list.errorForeground' };
  if (environment === 'staging') return { id: 'beaker', color: 'list.warningForeground' };
  return { id: 'device-desktop' };
}

function countWords(counts: ProjectStatus['status']['counts']): string {
  if (counts.unknown > 0) return `${counts.unknown} migration${counts.unknown === 1 ? '' : 's'}, not connected`;
  // What was edited since, or whose file is gone, is in the database all the same.
  return `${counts.applied + counts.drifted + counts.missing} applied, ${counts.pending + counts.outOfOrder} pending`;
}
