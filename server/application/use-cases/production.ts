import type { Connection } from '../../drivers/driver.ts';
import { databaseName, environmentInComment, PROTECTED, strictest, type Environment } from '../../model/environment.ts';
import { refused, type Refused } from './answer.ts';
import type { NamedDatabase } from './project-database.ts';
import type { UseContext } from './use-context.ts';

/** What a database is for: what it was called, or what the comment on it says, whichever is more protected. */
export async function environmentOn(
  connection: Connection,
  { environment }: Pick<NamedDatabase, 'environment'>,
): Promise<Environment | null> {
  return strictest(environment, environmentInComment(await connection.databaseComment()));
}

/**
 * Why nothing may be written to a database: it is production, and its name was not typed. Undefined where it may.
 *
 * Asked right before the first write, so that whoever types the name has seen what it is for. `environment`: where it is known.
 */
export async function unconfirmed(
  { confirmName }: Pick<UseContext, 'confirmName'>,
  connection: Connection,
  named: NamedDatabase,
  environment?: Environment | null,
): Promise<Refused | undefined> {
  if ((environment === undefined ? await environmentOn(connection, named) : environment) !== PROTECTED)
    return undefined;
  const name = databaseName(connection.label);
  const typed = await confirmName?.(name);
  return typed === name ? undefined : refused({ code: 'not-confirmed', name, given: typed !== undefined });
}
