import { readDirectives } from '../../model/directives.ts';
import { readChangeRecords, recordMet } from '../../runner/change-records.ts';
import { readStatus } from '../../runner/status.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { json } from '../reporters/lint-formats.ts';
import type { Session } from '../session.ts';

/** `change list | show ID | confirm-deploy ID [--by NAME]` */
export async function change(session: Session): Promise<number> {
  const { arguments: words, terminal, machine } = session;
  const format = words.choice('format', ['text', 'json']);
  const [action, id] = words.positionals;
  const { project, settings } = await session.openOne();
  if (action !== 'list' && action !== 'show' && action !== 'confirm-deploy') throw new UsageError('change takes list, show ID or confirm-deploy ID: name one');
  await using connection = await session.connect(settings, project, { readOnly: action !== 'confirm-deploy' });
  const report = await readStatus(project, connection, settings.database.environment ?? null);
  if (action === 'list') {
    terminal.write(format === 'json' ? json({ schemaVersion: 1, changes: report.changes })
      : report.changes.length === 0 ? 'No changes.\n' : report.changes.map((each) => `${each.id}: ${each.phase}, ${Math.round(each.progress * 100)} % (${each.title})\n`).join(''));
    return EXIT.done;
  }
  const found = report.changes.find((each) => each.id === id);
  if (id === undefined || found === undefined) throw new UsageError(`there is no change "${id ?? ''}": see "lockstep change list"`);
  const steps = report.migrations.filter((migration) => migration.change === id);
  const requirements = steps.flatMap((step) => step.paths.slice(0, 1).flatMap((path) => readDirectives(project.textOf(path) ?? '').requires));
  if (action === 'confirm-deploy') {
    const deploys = requirements.flatMap((requirement) => (requirement.kind === 'deploy' ? [requirement.description] : []));
    if (deploys.length === 0) throw new UsageError(`no step of ${id} waits for a deploy: nothing is to be confirmed`);
    const by = words.text('by') ?? session.terminal.environment['USER'] ?? session.terminal.environment['USERNAME'] ?? 'unknown';
    for (const description of deploys) await recordMet(connection, { change: id, requirement: 'deploy', description, metAt: machine.clock.now().toISOString(), metBy: by });
    terminal.write(format === 'json' ? json({ schemaVersion: 1, change: id, confirmed: deploys, by }) : deploys.map((description) => `Confirmed by ${by} on ${connection.label}: ${description}\n`).join(''));
    return EXIT.done;
  }
  const records = (await readChangeRecords(connection)).filter((record) => record.change === id);
  terminal.write(format === 'json' ? json({ schemaVersion: 1, change: found, steps, records })
    : [`${found.title} (${found.id}): ${found.phase}`, ...steps.map((step) => `  ${step.state.padEnd(10)} ${step.phase ?? ''}  ${step.id}`), ...records.map((record) => `  met: ${record.requirement} ${record.description} (${record.metBy}, ${record.metAt})`), ''].join('\n'));
  return EXIT.done;
}
