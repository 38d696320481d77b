import { callsIn, type Check } from './check.ts';
import type { Remark } from '../../language.ts';

/** Calls whose value is another one at each run. */
export const CHANGING =
  /\bGuid\.(?:NewGuid|CreateVersion7)\s*\(|\bDateTime(?:Offset)?\.(?:Now|UtcNow|Today)\b|\bnew\s+Random\s*\(|\bRandom\.Shared\b|\bEnvironment\.(?:MachineName|UserName|TickCount\w*|GetEnvironmentVariable)\b/g;

/** Values that are others at each run, so that no two databases get the same. */
export const changingValue: Check = ({ migration, text }) =>
  [migration.up, migration.down].flatMap((method) => {
    if (method === undefined) return [];
    const { start, end } = method.bodySpan;
    const code = codeOnly(text.slice(start, end));
    const calls = callsIn(method);
    return [...code.matchAll(CHANGING)].flatMap((match): readonly Remark[] => {
      const place = start + match.index;
      const call = calls.find(({ span }) => place >= span.start && place < span.end);
      const name = match[0].replace(/\s*\($/, '');
      // A value that no operation takes, such as one that is logged.
      if (call === undefined) return [];
      return [
        {
          code: 'changing-value',
          span: { start: place, end: place + name.length },
          from: call.span,
          message: `${name} is another value on each database and in each script: rows and defaults then differ between environments, and a script that was reviewed is not what runs. Write a fixed value, or let the database make one.`,
        },
      ];
    });
  });

/** The same text without comments and without what strings say, but with the code in their holes. */
export function codeOnly(text: string): string {
  return text.replaceAll(
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|\$*@?\$*"""[\s\S]*?"""|\$@"(?:[^"]|"")*"|@\$"(?:[^"]|"")*"|@"(?:[^"]|"")*"|\$?"(?:\\[\s\S]|[^"\\\n])*"/g,
    (found) => {
      if (!found.startsWith('$') && !found.startsWith('@$')) return ' '.repeat(found.length);
      // Holes stay, the words between them go.
      let depth = 0;
      return found.replaceAll(/\{\{|\}\}|[{}]|[^{}]+/g, (part) => {
        if (part === '{') depth++;
        else if (part === '}') depth = Math.max(0, depth - 1);
        else if (depth > 0) return part;
        return ' '.repeat(part.length);
      });
    },
  );
}
