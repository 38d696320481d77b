import { ENGINE_TITLES, type ProjectStatus } from '../../server/protocol/requests.ts';
import { NOTHING_LIVE, projectKey, runWords, type LastRun, type LiveRun, type Overlay } from './live.ts';
import { countWords, failedWords, RUNNING, runningWord } from './migration-nodes.ts';
import type { ViewNode } from './view-node.ts';

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
    return line('in-flight', 'In flight', `${runningWord(run)} ${run.id ?? '…'}, ${runWords(run, now)}`, RUNNING);
  if (inFlight === null)
    return runsElsewhere === true
      ? line('in-flight', 'In flight', 'another run on this database', { id: 'sync~spin' })
      : line('in-flight', 'In flight', runsElsewhere === null ? 'nothing from this window' : 'nothing', { id: 'dash' });
  const what = `${runningWord(inFlight)} ${inFlight.id ?? '…'}`;
  const wait = inFlight.blockers.length === 0 ? '' : `, waits for ${inFlight.blockers.join(', ')}`;
  return line('in-flight', 'In flight', `${what}${wait}`, { id: 'sync~spin' });
}

/** Shape and colour both tell environments apart. */
export function environmentIcon(environment: string | null): ViewNode['icon'] {
  if (environment === 'production') return { id: 'flame', color: 'list.errorForeground' };
  if (environment === 'staging') return { id: 'beaker', color: 'list.warningForeground' };
  return { id: 'device-desktop' };
}
