import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseError } from './driver.ts';
import { isParameter, type ParameterName, type Parameters } from './postgres-parameters.ts';

/**
 * Parameters that a file of services has under a name: the user's own file, then the system's.
 *
 * Source: PostgreSQL manual, "The Connection Service File". Errors: throws `DatabaseError` where no file names it.
 */
export function parametersOfService(
  service: string,
  variableOf: (name: string) => string | undefined,
  home: string,
): Parameters {
  const own = variableOf('PGSERVICEFILE') ?? path.join(home, '.pg_service.conf');
  const system = variableOf('PGSYSCONFDIR');
  const files = [own, ...(system === undefined ? [] : [path.join(system, 'pg_service.conf')])];
  for (const file of files) {
    const found = existsSync(file) ? section(readFileSync(file, 'utf8'), service) : undefined;
    if (found !== undefined) return found;
  }
  const shown = /^[\w.-]+$/.test(service) ? ` "${service}"` : '';
  throw new DatabaseError({
    kind: 'missing',
    message: `The definition of the service${shown} was not found: write it into ${own}, or name another.`,
  });
}

function section(text: string, service: string): Parameters | undefined {
  let result: Map<ParameterName, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    if (trimmed.startsWith('[')) {
      if (result !== undefined) return result;
      if (trimmed === `[${service}]`) result = new Map();
      continue;
    }
    const equals = trimmed.indexOf('=');
    if (result === undefined || equals < 0) continue;
    const name = trimmed.slice(0, equals).trim();
    const value = trimmed.slice(equals + 1).trim();
    // A service that names a service is refused by libpq; here it says nothing.
    if (isParameter(name) && name !== 'service' && value !== '' && !result.has(name)) result.set(name, value);
  }
  return result;
}
