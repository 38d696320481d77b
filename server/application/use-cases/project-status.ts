import type { DatabaseFailure } from '../../drivers/driver.ts';
import { PRODUCTS } from '../../engines/products.ts';
import type { EngineId } from '../../model/engine-id.ts';
import { strictest, type Environment } from '../../model/environment.ts';
import type { MigrationStatus, StatusReport } from '../../runner/report.ts';
import { isRunGoingOn } from '../../runner/run-lock.ts';
import { readStatus } from '../../runner/status.ts';
import { readDatabaseFacts } from '../database-facts.ts';
import { environmentOfName } from '../configured-database.ts';
import { chooseDatabase } from './choose-database.ts';
import { environmentOn } from './production.ts';
import type { RunInFlight } from './project-database.ts';
import type { UseContext } from './use-context.ts';
import { withSession } from './with-database.ts';

/** Age at which the sizes of tables, the catalog and who holds locks are read again when a person looks. */
const FACTS_AGE_MS = 300_000;

/** Why the states are unknown although a database is named. */
export interface StatusProblem {
  /** `yet-to-be-made`: a file that the first apply makes. */
  readonly code: 'yet-to-be-made' | 'database';
  readonly engine: EngineId;
  /** Of the database, for people. */
  readonly label: string;
  readonly failure: DatabaseFailure;
}

/** One of the environments that the configuration names. */
export interface KnownEnvironment {
  readonly name: string;
  readonly environment: Environment | null;
  /** Of the database, for people; null where it is not known. */
  readonly label: string | null;
  /** The environment variable that is to hold its URL and is not set. */
  readonly unset: string | null;
}

/** What is known of a project now. */
export interface ProjectState {
  readonly report: StatusReport;
  readonly isConnected: boolean;
  readonly problem: StatusProblem | null;
  /** The database that the configuration names; null where it names none that can be used. */
  readonly configured: { readonly label: string; readonly environment: string | null } | null;
  /** The environments that the configuration names, with where their databases are as far as that is known. */
  readonly environments: readonly KnownEnvironment[];
  /** The environment variable that the configuration names and that is not set; null where that is not what is wrong. */
  readonly unsetVariable: string | null;
  readonly inFlight: RunInFlight | null;
  /**
   * Whether a run goes on in the database that this process did not begin. Null where that is not known: nobody could be
   * asked, the tool's own command carries runs out, or a run of this process holds the lock.
   */
  readonly runsElsewhere: boolean | null;
}

/** State of every migration; without a database that can be asked the states are unknown, and `problem` says why. */
export async function projectStatus(context: UseContext): Promise<ProjectState> {
  const { project, database, isTrusted, isKept, outside } = context;
  if (project.unreadProduct !== undefined) {
    const report = await readStatus(project, undefined, null);
    const problems = [
      { path: project.folder, message: unreadStatus(project, project.unreadProduct) },
      ...report.problems,
    ];
    return {
      isConnected: false,
      configured: null,
      environments: [],
      unsetVariable: null,
      problem: null,
      report: { ...report, problems },
      inFlight: null,
      runsElsewhere: null,
    };
  }
  const named = isTrusted ? database.named : undefined;
  const rest = { isConnected: named !== undefined, ...configuredFor(context) };
  const inFlight = (): RunInFlight | null => database.inFlight ?? null;
  const offline = (): Promise<StatusReport> =>
    readStatus(project, undefined, named?.environment ?? project.settings.database.environment ?? null);
  if (named === undefined)
    return { ...rest, problem: null, report: await offline(), inFlight: inFlight(), runsElsewhere: null };
  const asked = await withSession(context, named, { readOnly: true }, async (connection) => {
    // Before the status: what a run did that ends between the two is in it.
    const held = database.inFlight === undefined ? await isRunGoingOn(project, connection) : null;
    const report = await readStatus(project, connection, await environmentOn(connection, named));
    // A run of this process that began meanwhile is what was seen.
    const runsElsewhere = database.inFlight === undefined ? held : null;
    if (isKept && areFactsDue(context)) project.setDatabase(await readDatabaseFacts(project, connection));
    database.seen =
      database.seen !== undefined && database.seen.facts === project.database
        ? database.seen
        : { facts: project.database, at: outside.clock.now().getTime() };
    return { kind: 'done', report, runsElsewhere } as const;
  });
  if (asked.kind === 'done')
    return {
      ...rest,
      problem: null,
      report: asked.report,
      inFlight: inFlight(),
      runsElsewhere: asked.runsElsewhere,
    };
  // Nothing else keeps from a session that is asked for by the database itself.
  if (asked.reason.code !== 'database') throw new Error(`no status: ${asked.reason.code}`);
  const { failure } = asked.reason;
  const isNew = failure.kind === 'missing' && PRODUCTS[named.target.dialect].isFile;
  return {
    ...rest,
    problem: {
      code: isNew ? 'yet-to-be-made' : 'database',
      engine: named.target.dialect,
      label: named.target.label,
      failure,
    },
    report: await offline(),
    inFlight: inFlight(),
    runsElsewhere: null,
  };
}

/**
 * Whether what is known of the database is to be read: a project that was opened again after its configuration has changed
 * may know nothing of it yet, and tables grow and are changed by others. Not while a run works on it, which reads it itself.
 */
function areFactsDue({ project, database, outside }: UseContext): boolean {
  if (project.database === undefined) return true;
  if (database.inFlight !== undefined || database.seen?.facts !== project.database) return false;
  return outside.clock.now().getTime() - database.seen.at > FACTS_AGE_MS;
}

/** What of the state is known, where no engine reads the product. */
function unreadStatus({ applier }: UseContext['project'], product: string): string {
  const asked = applier.kind === 'command' && applier.list !== undefined ? `: "${applier.list}" says which` : '';
  return `Lockstep connects to no ${product}, so that it is not known which of these are applied${asked}.`;
}

/** Migrations that keep a database from being as its folder says. */
export function unsettled({ migrations }: StatusReport): readonly MigrationStatus[] {
  return migrations.filter(({ state }) => state !== 'applied' && state !== 'baseline');
}

function environmentsFor(context: UseContext): readonly KnownEnvironment[] {
  const { project } = context;
  return Object.keys(project.settings.environments ?? {}).map((named) => {
    const chosen = chooseDatabase(context, { base: project.root, named });
    return 'kind' in chosen
      ? {
          name: named,
          environment: environmentOfName(project, named),
          label: null,
          unset: chosen.reason.code === 'variable-unset' ? chosen.reason.variable : null,
        }
      : { name: named, environment: strictest(chosen.environment), label: chosen.target.label, unset: null };
  });
}

function configuredFor(context: UseContext): Pick<ProjectState, 'configured' | 'unsetVariable' | 'environments'> {
  const environments = environmentsFor(context);
  const chosen = chooseDatabase(context, { base: context.project.root });
  if (!('kind' in chosen))
    return {
      configured: { label: chosen.target.label, environment: chosen.environment },
      unsetVariable: null,
      environments,
    };
  return {
    environments,
    configured: null,
    unsetVariable: chosen.reason.code === 'variable-unset' ? chosen.reason.variable : null,
  };
}
