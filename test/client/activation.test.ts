import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFiles, TOOL_CASES } from '../support/tool-cases.ts';

const ROOT = path.join(import.meta.dirname, '../..');
// The manifest of an extension has this list.
const { activationEvents } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  readonly activationEvents: readonly string[];
};

/** Whether a folder with these files starts the extension before a document is opened. */
function startsBy(files: readonly string[]): boolean {
  return activationEvents.some((event) => {
    const [kind, glob = ''] = event.split(/:(.*)/s);
    return kind === 'workspaceContains' && files.some((file) => path.matchesGlob(file, glob));
  });
}

describe('the extension starts by itself where no document of SQL ever opens', () => {
  test.each(
    TOOL_CASES.map(({ id }) => ({ id, files: Object.keys(projectFiles(id)) })).filter(
      ({ files }) => !files.some((file) => file.endsWith('.sql')),
    ),
  )('a folder of $id alone', ({ files }) => {
    expect(startsBy(files), files.join('\n')).toBe(true);
  });

  test('and not where nothing of the kind is there', () => {
    expect(startsBy(['src/Program.cs', 'README.md', 'migrate/main.go'])).toBe(false);
  });
});
