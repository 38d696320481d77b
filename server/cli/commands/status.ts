import { projectStatus, unsettled } from '../../application/use-cases/project-status.ts';
import type { MigrationState, StatusReport } from '../../runner/report.ts';
import { EXIT } from '../exit-codes.ts';
import { json } from '../reporters/lint-formats.ts';
import type { Session } from '../session.ts';
import type { Palette } from '../terminal.ts';

/** `status`: every migration and what the database has of it; without a reachable database the states are unknown. */
export async function status(session: Session): Promise<number> {
  const { terminal, arguments: words } = session;
  const format = words.choice('format', ['text', 'json']);
  const { report, failure, runsElsewhere } = await read(session);
  terminal.write(format === 'json' ? json(report) : statusText(report, session.colors));
  if (format === 'text' && runsElsewhere === true) terminal.write(RUN_GOES_ON);
  if (failure === undefined) return EXIT.done;
  terminal.writeError(`lockstep: ${failure}\n`);
  return EXIT.database;
}

/** What is said beside states that may be others in a moment. */
const RUN_GOES_ON = 'Another run goes on in this database now: what it has begun may not have failed.\n';

/** `verify`: the same for pipelines; fails where anything is not as it should be. */
export async function verify(session: Session): Promise<number> {
  const { terminal, arguments: words } = session;
  const format = words.choice('format', ['text', 'json']);
  const { report, failure } = await read(session);
  if (format === 'json') terminal.write(json(report));
  if (failure !== undefined) {
    terminal.writeError(`lockstep: ${failure}\n`);
    return EXIT.database;
  }
  const wrong = unsettled(report);
  if (format === 'text') {
    terminal.write(
      wrong.length === 0 && report.problems.length === 0
        ? `${session.colors.green('Up to date')}: ${report.counts.applied} applied.\n`
        : statusText({ ...report, migrations: wrong }, session.colors),
    );
  }
  return wrong.length === 0 && report.problems.length === 0 ? EXIT.done : EXIT.findings;
}

async function read(
  session: Session,
): Promise<{ readonly report: StatusReport; readonly failure?: string; readonly runsElsewhere?: boolean | null }> {
  const project = await session.openOne();
  // A product that nothing connects to has a list, and no state.
  const context = project.unreadProduct === undefined ? session.on(project) : session.here(project);
  const { report, problem, runsElsewhere } = await projectStatus(context);
  if (problem === null) return { report, runsElsewhere };
  const environment = context.database.named?.environment ?? null;
  return {
    report: { ...report, database: { kind: problem.engine, label: problem.label, version: '', environment } },
    failure: problem.failure.message,
  };
}

const MARKS: Readonly<Record<MigrationState, string>> = {
  applied: '✓',
  pending: '○',
  'out-of-order': '!',
  drifted: '≠',
  missing: '?',
  failed: '✗',
  baseline: '✓',
  'repeatable-outdated': '○',
  unknown: '·',
};

function statusText(report: StatusReport, colors: Session['colors']): string {
  const { database } = report;
  const where =
    database === null
      ? 'no database'
      : `${database.label} (${database.kind}${database.version === '' ? '' : ` ${database.version}`}${database.environment === null ? '' : `, ${database.environment}`})`;
  const lines = [`${colors.bold(report.folder === '' ? '.' : report.folder)} with ${report.tool} on ${where}`, ''];
  for (const migration of report.migrations) {
    const color =
      {
        applied: colors.green,
        baseline: colors.green,
        pending: colors.blue,
        unknown: colors.dim,
        'repeatable-outdated': colors.blue,
      }[migration.state as string] ?? colors.red;
    const phase = migration.phase === null ? '' : colors.dim(` [${migration.change ?? ''}: ${migration.phase}]`);
    lines.push(
      `  ${color(MARKS[migration.state])} ${migration.id}  ${color(migration.state)}${migration.appliedAt === null ? '' : colors.dim(` ${migration.appliedAt}`)}${phase}${nameBeside(migration, colors)}`,
    );
    if (migration.note !== null) lines.push(`      ${migration.note}`);
  }
  if (report.migrations.length === 0) lines.push('  nothing to show');
  lines.push('', countsText(report));
  for (const change of report.changes)
    lines.push(`change ${change.id}: ${change.phase}, ${Math.round(change.progress * 100)} % of its steps`);
  for (const problem of report.problems) lines.push(`${colors.yellow('problem')} ${problem.message}`);
  return `${lines.join('\n')}\n`;
}

/** How many are in which state; without a database that could be asked, how many there are. */
function countsText({ database, counts }: StatusReport): string {
  if (counts.unknown > 0)
    return `${counts.unknown} migration${counts.unknown === 1 ? '' : 's'}; which are applied is not known, since ${database === null ? 'no database was asked' : 'the database could not be asked'}`;
  const rest = [
    [counts.outOfOrder, 'out of order'],
    [counts.drifted, 'drifted'],
    [counts.missing, 'missing'],
    [counts.failed, 'failed'],
  ] as const;
  return [
    `${counts.applied} applied, ${counts.pending} pending`,
    ...rest.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`),
  ].join(', ');
}

/** What a migration is called, where its id is a number that says nothing to people. */
function nameBeside({ id, name }: StatusReport['migrations'][number], colors: Palette): string {
  return /^[\d._-]+$/.test(id) && name !== '' && name !== id ? colors.dim(`  ${name}`) : '';
}
