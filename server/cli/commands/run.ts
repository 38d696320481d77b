import { planRun } from '../../runner/plan-run.ts';
import type { RunEvent } from '../../runner/report.ts';
import { run } from '../../runner/run.ts';
import { RUN_CONCERNS, type RunExtent } from '../../runner/runner.ts';
import { script } from '../../runner/script.ts';
import { readStatus } from '../../runner/status.ts';
import type { Phase } from '../../planner/step.ts';
import type { Arguments } from '../arguments.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { eventText } from '../reporters/run-event.ts';
import type { Session } from '../session.ts';

/** `apply [--to ID | --next | --all] [--phase P] [--dry-run] [--yes]` */
export async function apply(session: Session): Promise<number> {
  const words = session.arguments;
  only(words, ['to', 'next', 'all']);
  const to = words.text('to');
  return runCommand(
    session,
    'up',
    to !== undefined ? { kind: 'to', id: to } : words.flag('next') ? { kind: 'next' } : { kind: 'all' },
    phaseOf(words),
  );
}

/** `revert [--to ID | --last | --steps N] [--dry-run] [--yes]` */
export async function revert(session: Session): Promise<number> {
  const words = session.arguments;
  only(words, ['to', 'last', 'steps']);
  const to = words.text('to');
  const steps = words.count('steps');
  return runCommand(
    session,
    'down',
    to !== undefined
      ? { kind: 'to', id: to }
      : steps !== undefined
        ? { kind: 'steps', count: steps }
        : { kind: 'next' },
    undefined,
  );
}

function only(words: Arguments, names: readonly string[]): void {
  const given = names.filter((name) => words.text(name) !== undefined || words.flag(name));
  if (given.length > 1)
    throw new UsageError(`${given.map((name) => `--${name}`).join(' and ')} exclude each other: give one`);
  if (words.positionals.length > 0)
    throw new UsageError(`"${words.positionals[0] ?? ''}" is not expected here: name a migration by --to`);
}

function phaseOf(words: Arguments): Phase | undefined {
  const phases = ['expand', 'migrate', 'contract'] as const;
  return words.text('phase') === undefined ? undefined : words.choice('phase', phases);
}

async function runCommand(
  session: Session,
  direction: 'up' | 'down',
  extent: RunExtent,
  phase: Phase | undefined,
): Promise<number> {
  const { terminal, arguments: words, machine, colors } = session;
  const format = words.choice('format', ['text', 'json']);
  const isDryRun = words.flag('dry-run');
  const project = await session.openOne();
  if (!isDryRun && !words.flag('yes') && !terminal.isInteractive) {
    throw new UsageError(
      `${direction === 'up' ? 'apply' : 'revert'} changes the database and there is no terminal to ask on: add --yes, or --dry-run to see what would run`,
    );
  }
  await using connection = await session.connect(project, {
    readOnly: isDryRun,
    createIfMissing: direction === 'up' && !isDryRun,
  });
  const despite = words.list('despite').map((word) => {
    const concern = RUN_CONCERNS.find((candidate) => candidate === word);
    if (concern === undefined)
      throw new UsageError(`--despite takes ${RUN_CONCERNS.join(', ')}, not "${word}": correct it`);
    return concern;
  });
  const interrupted =
    words.text('interrupted') === undefined ? undefined : words.choice('interrupted', ['again', 'done']);
  const limits = { phase, despite };
  const plan = planRun(project, await readStatus(project, connection, null), direction, extent, limits);
  if (plan.kind !== 'planned') {
    terminal.writeError(`lockstep: ${plan.message}\n`);
    return plan.kind === 'stopped' ? EXIT.stopped : EXIT.failed;
  }
  const ids = plan.migrations.map((migration) => migration.id);
  if (isDryRun) {
    terminal.write(
      format === 'json'
        ? `${JSON.stringify({ event: 'done', direction, applied: [], elsewhere: [], failed: null, stopped: null, refusal: null, notRun: ids, dryRun: true, sql: script(project, { direction, migrations: plan.migrations }) })}\n`
        : ids.length === 0
          ? 'Nothing to do.\n'
          : script(project, { direction, migrations: plan.migrations }),
    );
    return EXIT.done;
  }
  if (!words.flag('yes') && ids.length > 0) {
    terminal.writeError(
      `${direction === 'up' ? 'To apply to' : 'To revert on'} ${connection.label}:\n${ids.map((id) => `  ${id}`).join('\n')}\n`,
    );
    if (!(await terminal.confirm(direction === 'up' ? 'Apply?' : 'Revert?'))) {
      terminal.writeError('lockstep: nothing was done: the question was not answered by yes\n');
      return EXIT.usage;
    }
  }
  const onEvent = (event: RunEvent): void => {
    if (format === 'json') terminal.write(`${JSON.stringify(event)}\n`);
    else terminal.write(eventText(event, colors));
  };
  const done = await run({
    project,
    connection,
    direction,
    extent,
    ...(phase === undefined ? {} : { phase }),
    // Whoever said yes beforehand wants what there is to do then; whoever was asked wants what was shown.
    ...(words.flag('yes') ? {} : { expectedIds: ids }),
    ...(interrupted === undefined ? {} : { interrupted }),
    despite,
    settings: session.runSettings(project),
    clock: machine.clock,
    onEvent,
    signal: terminal.signal,
  });
  if (done.failed !== null) {
    if (format === 'json')
      terminal.writeError(
        `lockstep: ${done.failed.id === '' ? '' : `${done.failed.id} failed: `}${done.failed.message}\n`,
      );
    return done.refusal === 'locked' ? EXIT.locked : done.refusal === 'database' ? EXIT.database : EXIT.failed;
  }
  if (done.stopped !== null) {
    terminal.writeError(`lockstep: ${done.stopped.message}\n`);
    return EXIT.stopped;
  }
  return EXIT.done;
}
