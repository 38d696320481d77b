import ignore from 'ignore';

/**
 * Reads a `.gitignore` and tells which paths below its folder it leaves out.
 *
 * Paths are relative to the ignore file's folder, with `/`. Undefined: no line speaks of the path.
 */
export function readIgnoreFile(text: string): (path: string, isDirectory: boolean) => boolean | undefined {
  const matcher = ignore({ ignorecase: false }).add(text);
  return (path, isDirectory) => {
    const { ignored, unignored } = matcher.test(isDirectory ? `${path}/` : path);
    return ignored ? true : unignored ? false : undefined;
  };
}
