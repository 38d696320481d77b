import {
  applyFleet,
  fleetOf,
  fleetStatus,
  fleetText,
  isGood,
  type FleetDatabase,
  type FleetReport,
} from '../../application/use-cases/fleet.ts';
import type { FolderProject } from '../../application/folder-project.ts';
import { repeated } from '../../core/redact.ts';
import { asReason } from '../refusal-error.ts';
import { SCHEMA_VERSION } from '../../core/schema-version.ts';
import { PROTECTED } from '../../model/environment.ts';
import { declined, demandAnswer } from '../answers.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { eventText } from '../reporters/run-event.ts';
import { json } from '../reporters/lint-formats.ts';
import { resolve, type Session } from '../session.ts';

/** Databases that are worked on at once, unless the fleet or the command says another number. */
const WAVE = 5;

/** `fleet status|apply NAME`: the same migrations on many databases, in waves. */
export async function fleet(session: Session): Promise<number> {
  const { arguments: words, terminal } = session;
  const format = words.choice('format', ['text', 'json']);
  const [action, name, more] = words.positionals;
  if ((action !== 'status' && action !== 'apply') || name === undefined || more !== undefined)
    throw new UsageError('fleet takes status or apply, and the name of a fleet: see "lockstep fleet --help"');
  const project = await session.openOne();
  const databases = await databasesOf(session, project, name);
  const wave = words.count('wave') ?? project.settings.fleets?.[name]?.wave ?? WAVE;
  if (wave === 0) throw new UsageError('--wave takes a number of databases above 0: correct it');
  const context = session.here(project);
  const write = (report: FleetReport): void =>
    terminal.write(format === 'json' ? json({ schemaVersion: SCHEMA_VERSION, ...report }) : fleetText(report));
  if (action === 'status') {
    const report = await fleetStatus(context, { fleet: name, databases, wave });
    write(report);
    return report.databases.some(({ outcome }) => outcome === 'unreachable')
      ? EXIT.database
      : report.databases.every(isGood)
        ? EXIT.done
        : EXIT.findings;
  }
  const isConfirmed = await confirm(session, name, databases);
  if (isConfirmed === undefined) return declined(session);
  const path = words.text('report');
  const to = words.text('to');
  const report = await applyFleet(
    context,
    {
      fleet: name,
      databases,
      wave,
      extent: to === undefined ? { kind: 'all' } : { kind: 'to', id: to },
      earlier: path === undefined ? undefined : await earlierReport(session, path, name),
    },
    {
      isConfirmed,
      onReport: async (now) => {
        if (path !== undefined)
          await session.machine.files.replace(
            resolve(session.root, path),
            json({ schemaVersion: SCHEMA_VERSION, ...now }),
          );
      },
      onEvent: (of, event) => {
        if (format === 'text' && ['applied', 'waiting', 'retry'].includes(event.event))
          terminal.writeError(`${of}:${eventText(event, session.colors)}`);
      },
      signal: terminal.signal,
    },
  );
  write(report);
  const outcomes = report.databases.map(({ outcome }) => outcome);
  if (outcomes.every((outcome) => isGood({ outcome }))) return EXIT.done;
  if (outcomes.includes('failed') || outcomes.includes('unknown')) return EXIT.failed;
  return outcomes.includes('unreachable') ? EXIT.database : EXIT.stopped;
}

/** What a person says of databases of which one is production; undefined where they say no. */
async function confirm(
  session: Session,
  name: string,
  databases: readonly FleetDatabase[],
): Promise<boolean | undefined> {
  const { arguments: words, terminal } = session;
  const given = words.text('confirm');
  const isProtected = databases.some(({ named }) => named.environment === PROTECTED);
  if (given !== undefined || (isProtected && words.flag('yes') && !terminal.isInteractive)) {
    if (given === name) return true;
    throw new UsageError(
      `${name} has databases that are production, and nothing is written to them before the fleet's name is typed: add --confirm ${name}`,
    );
  }
  demandAnswer(session, `fleet apply changes ${databases.length} databases`);
  if (isProtected) {
    terminal.writeError(`To apply to ${databases.length} databases of ${name}, some of which are PRODUCTION.\n`);
    return (await terminal.ask?.(`Type ${name} to go on: `)) === name ? true : undefined;
  }
  if (words.flag('yes')) return false;
  return (await terminal.confirm(`Apply to ${databases.length} databases of ${name}?`)) ? false : undefined;
}

async function databasesOf(session: Session, project: FolderProject, name: string): Promise<readonly FleetDatabase[]> {
  const { arguments: words, terminal, machine } = session;
  const setting = project.settings.fleets?.[name];
  const path = words.text('list');
  let text: string;
  if (path !== undefined) {
    if (!(await machine.files.exists(resolve(session.root, path))))
      throw new UsageError(`there is no file ${path}: correct --list`);
    text = await machine.files.readText(resolve(session.root, path));
  } else {
    if (setting?.env === undefined)
      throw new UsageError(
        `lockstep.jsonc has no fleet ${repeated(name, 'of that name')} with a variable that holds its databases: name it below "fleets", or give --list FILE`,
      );
    const held = terminal.environment[setting.env];
    if (held === undefined || held.trim() === '')
      throw new UsageError(`the environment variable ${setting.env}, which holds the databases of ${name}, is not set`);
    text = held;
  }
  const found = fleetOf(project, text, session.root, setting?.environment ?? null);
  if ('problem' in found) throw new UsageError(asReason(found.problem));
  return found;
}

async function earlierReport(session: Session, path: string, fleetName: string): Promise<FleetReport | undefined> {
  const { files } = session.machine;
  if (!(await files.exists(resolve(session.root, path)))) {
    await files.create(resolve(session.root, path), '');
    return undefined;
  }
  try {
    // Written by this command and by nothing else; anything else is refused below.
    const text = await files.readText(resolve(session.root, path));
    if (text === '') return undefined;
    const read = JSON.parse(text) as Partial<FleetReport>;
    if (read.fleet === fleetName && Array.isArray(read.databases)) return read as FleetReport;
  } catch {
    // It is no JSON: nobody's report.
  }
  throw new UsageError(`${path} is no report of the fleet ${fleetName}: name another file by --report`);
}
