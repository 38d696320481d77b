import { withoutSecrets } from '../../core/redact.ts';
import { DatabaseError, type Connection, type DatabaseFailure, type DatabaseTarget } from '../../drivers/driver.ts';
import { PRODUCTS } from '../../engines/products.ts';
import { connectOptions } from '../connect-options.ts';
import { refused, type Refused } from './answer.ts';
import type { NamedDatabase } from './project-database.ts';
import type { UseContext } from './use-context.ts';

export interface OpenWish {
  readonly readOnly: boolean;
  /** Makes the file of a database that is one. */
  readonly createIfMissing?: boolean;
  /** Migrations will be run in the session. */
  readonly forRun?: boolean;
}

/** The project's database, or what keeps a use case from it before any session is opened. */
export function databaseOf({ isTrusted, database }: UseContext): NamedDatabase | Refused {
  if (!isTrusted) return refused({ code: 'not-trusted' });
  return database.named ?? refused({ code: 'not-connected' });
}

/** The same for what changes the database or its history: nothing does beside a run. */
export function databaseToChange(context: UseContext): NamedDatabase | Refused {
  const named = databaseOf(context);
  return !('kind' in named) && context.database.inFlight !== undefined ? refused({ code: 'run-in-flight' }) : named;
}

/** Does `work` in a session on the project's database, which ends with it; what the outside refuses is a reason. */
export async function withDatabase<Result>(
  context: UseContext,
  wish: OpenWish,
  work: (connection: Connection, named: NamedDatabase) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result | Refused> {
  const named = databaseOf(context);
  return 'kind' in named ? named : withSession(context, named, wish, (connection) => work(connection, named), signal);
}

/** Does `work` in a session on a database that need not be the project's yet. */
export async function withSession<Result>(
  {
    outside,
    project,
  }: {
    readonly outside: Pick<UseContext['outside'], 'openConnection'>;
    readonly project: Pick<UseContext['project'], 'engine'>;
  },
  { target }: Pick<NamedDatabase, 'target'>,
  wish: OpenWish,
  work: (connection: Connection) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result | Refused> {
  try {
    await using connection = await outside.openConnection(target, connectOptions(project.engine, wish), signal);
    // Awaited: the session would end with the return otherwise.
    return await work(connection);
  } catch (cause) {
    if (!(cause instanceof DatabaseError)) throw cause;
    return refused({ code: 'database', failure: withoutSecretsOf(cause.failure, target) });
  }
}

/** Whether the database is a file that is not there: the first apply makes it. */
export async function isYetToBeMade({ outside: { files } }: UseContext, { target }: NamedDatabase): Promise<boolean> {
  return PRODUCTS[target.dialect].isFile && !(await files.exists(target.url));
}

/** What opens an empty database in place of a file that the first apply will make; undefined where it makes none. */
export async function emptyUrlOf(context: UseContext, named: NamedDatabase): Promise<string | undefined> {
  const { target } = named;
  // Where there is no folder for it, it cannot be made either.
  const isToBeMade =
    (await isYetToBeMade(context, named)) &&
    (await context.outside.files.exists(target.url.replace(/[/\\][^/\\]*$/, '/')));
  return isToBeMade ? PRODUCTS[target.dialect].emptyUrl : undefined;
}

/** A failure without the secrets of a target, should a driver have let one through; its label is none. */
function withoutSecretsOf(failure: DatabaseFailure, target: DatabaseTarget): DatabaseFailure {
  const secrets = target.secrets.filter((secret) => !target.label.includes(secret));
  return { ...failure, message: withoutSecrets(failure.message, secrets) };
}
