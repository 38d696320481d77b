import { readDatabaseFacts } from '../database-facts.ts';
import { done, refused, type Answer, type Refused } from './answer.ts';
import { chooseDatabase, type DatabaseWish } from './choose-database.ts';
import type { NamedDatabase } from './project-database.ts';
import type { UseContext } from './use-context.ts';
import { isYetToBeMade, withSession } from './with-database.ts';

/** A project that is connected now. */
export interface ConnectedProject {
  readonly folder: string;
  /** Of the database, for people. */
  readonly label: string;
  /** Empty where the database is a file that the first apply makes. */
  readonly version: string;
}

/**
 * Connects each project to its own database: the one that is named for all, or what its configuration names. Those that are
 * written for another product are left alone; lint knows what the databases have after it.
 */
export async function connectProjects(
  contexts: readonly UseContext[],
  wish: DatabaseWish,
): Promise<Answer<readonly ConnectedProject[]>> {
  const wanted: { readonly context: UseContext; readonly named: NamedDatabase }[] = [];
  let why: Refused | undefined;
  for (const context of contexts) {
    if (!context.isTrusted) return refused({ code: 'not-trusted' });
    const named = chooseDatabase(context, wish);
    if ('kind' in named) why ??= named;
    else wanted.push({ context, named });
  }
  const [first] = wanted;
  if (first === undefined) return why ?? refused({ code: 'no-project' });
  const fitting = wanted.filter(({ context, named }) => context.project.engine.id === named.target.dialect);
  if (fitting.length === 0)
    return refused({ code: 'other-engine', folder: first.context.project.folder, database: first.named.target.label });
  const connected: ConnectedProject[] = [];
  for (const { context, named } of fitting) {
    const answer = await connect(context, named);
    if (answer.kind === 'refused') return answer;
    connected.push(answer.value);
  }
  return done(connected);
}

async function connect(context: UseContext, named: NamedDatabase): Promise<Answer<ConnectedProject>> {
  const { project, database } = context;
  const { folder } = project;
  if (await isYetToBeMade(context, named)) {
    database.named = named;
    return done({ folder, label: named.target.label, version: '' });
  }
  return withSession(context, named, { readOnly: true }, async (connection) => {
    project.setDatabase(await readDatabaseFacts(project, connection));
    database.named = named;
    return done({ folder, label: connection.label, version: connection.version });
  });
}

/** Forgets the project's database, and what lint knew of it. */
export function disconnect({ project, database }: UseContext): void {
  database.named = undefined;
  project.setDatabase(undefined);
}
