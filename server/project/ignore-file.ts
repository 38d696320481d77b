/** One line of an ignore file. */
interface IgnoreLine {
  readonly pattern: RegExp;
  readonly isKept: boolean;
  readonly onlyDirectories: boolean;
}

/**
 * Reads a `.gitignore` and tells which paths below its folder it leaves out.
 *
 * Paths are relative to the ignore file's folder, with `/`. Undefined: no line speaks of the path. Source: git-scm.com/docs/gitignore.
 */
export function readIgnoreFile(text: string): (path: string, isDirectory: boolean) => boolean | undefined {
  const lines = text.split(/\r?\n/).flatMap((line) => parseLine(line) ?? []);
  return (path, isDirectory) => {
    const last = lines.findLast((line) => (isDirectory || !line.onlyDirectories) && line.pattern.test(path));
    return last === undefined ? undefined : !last.isKept;
  };
}

function parseLine(line: string): IgnoreLine | undefined {
  let pattern = line.replace(/(?<!\\)\s+$/, '');
  if (pattern === '' || pattern.startsWith('#')) return undefined;
  const isKept = pattern.startsWith('!');
  if (isKept) pattern = pattern.slice(1);
  const onlyDirectories = pattern.endsWith('/');
  if (onlyDirectories) pattern = pattern.slice(0, -1);
  const isAnchored = pattern.includes('/');
  const body = pattern.replace(/^\//, '').split('/').map((part) => (part === '**' ? '**' : partPattern(part)));
  const source = body.reduce((result, part, index) => {
    if (part !== '**') return result + part + (index < body.length - 1 ? '/' : '');
    return result + (index === body.length - 1 ? '.*' : '(?:[^/]+/)*');
  }, '');
  try {
    return { pattern: new RegExp(`^${isAnchored ? '' : '(?:.*/)?'}${source}$`), isKept, onlyDirectories };
  } catch {
    // A class such as [z-a], which git takes for no match either.
    return undefined;
  }
}

function partPattern(part: string): string {
  return part.replaceAll(/\\(.)|\[(!?)([^\]]+)\]|[*?]|[.+^${}()|[\]\\]/g, (found, escaped: string | undefined, not: string | undefined, set: string | undefined) => {
    if (escaped !== undefined) return escaped.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    if (set !== undefined) return `[${not === '!' ? '^' : ''}${set.replaceAll('\\', '\\\\')}]`;
    if (found === '*') return '[^/]*';
    return found === '?' ? '[^/]' : `\\${found}`;
  });
}
