import type { Remark } from '../../language.ts';
import type { SourceCheck } from './source-check.ts';

/** A connection string in quotes: name and value pairs, with a password among them. */
const STRING = /"((?:[^"\\\r\n]|\\.)*\b(?:Password|Pwd)\s*=(?:[^"\\\r\n]|\\.)*)"/gi;
/** What stands for a password that is somewhere else: `{password}`, `<...>`, `${DB}`, `%DB%`, `***`, `your-password`. */
const PLACEHOLDER =
  /^(?:[{<$%#[(].*|\*+|x+|\.{2,}|.*\byour\b.*|.*(?:placeholder|change.?me|secret.?here|to.?be.?set).*)$/i;
/** Machines of whoever writes the program. */
const LOCAL = /^(?:localhost|127\.0\.0\.1|\[?::1\]?|\.|\(local\)|\(localdb\).*|host\.docker\.internal|\.\\.*|)$/i;

/** The password of a database that is not the writer's own, in `appsettings*.json` or in the code that builds a context. */
export const passwordInSource: SourceCheck = ({ name, text }) =>
  [...text.matchAll(STRING)].flatMap((match): readonly Remark[] => {
    const [, whole = ''] = match;
    const pairs = new Map(
      whole.split(';').flatMap((pair): readonly (readonly [string, string])[] => {
        const equals = pair.indexOf('=');
        return equals < 0 ? [] : [[pair.slice(0, equals).trim().toLowerCase(), pair.slice(equals + 1).trim()]];
      }),
    );
    const host = ['host', 'server', 'data source', 'addr', 'address'].map((key) => pairs.get(key)).find(Boolean);
    const password = pairs.get('password') ?? pairs.get('pwd') ?? '';
    // An address may have the port behind it, and SQL Server's the protocol before it.
    const address = (host ?? '').replace(/^tcp:/i, '').replace(/[,:]\d+$/, '');
    if (
      host === undefined ||
      password === '' ||
      PLACEHOLDER.test(password) ||
      LOCAL.test(address) ||
      PLACEHOLDER.test(address)
    )
      return [];
    const start = match.index + 1 + whole.search(/\b(?:Password|Pwd)\s*=/i);
    return [
      {
        code: 'password-in-source',
        span: { start, end: start + (/^\w+/.exec(text.slice(start))?.[0].length ?? 0) },
        message: `The password of a database that is not on this machine stands in ${name}, and so in the history of the repository and in every build: take it from the environment, from user secrets or from a vault, and change it.`,
      },
    ];
  });
