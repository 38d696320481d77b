import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadEngines } from '../../server/host/load-engines.ts';
import { nodeFiles } from '../../server/host/node-files.ts';
import { openProjects } from '../../server/application/open-project.ts';
import { configurationFault } from '../../server/analysis/configuration-fault.ts';
import { NAMED_TOOLS } from '../../server/tools/registry.ts';
import { cliFolder } from '../support/cli.ts';
import { projectFiles, TOOL_CASES } from '../support/tool-cases.ts';

const TOML = `# a comment
title = "a [text] # that = holds all"
[a.b."c d"] # of a table
list = [ 1, 2, # of some
  { x = 'y' }, ["z"],
]
long = """
[not a table
and "quotes" in it"""
raw = '''
it's'''
when = 1979-05-27T07:32:00Z
site."google.com" = true\r
[[tables]]
empty = []
none = ""
last = 1`;

test('TOML as its specification has it has no fault, and neither have the configurations of the projects here', () => {
  expect(configurationFault('a.toml', TOML)).toBeUndefined();
  expect(configurationFault('a.toml', '')).toBeUndefined();
  expect(configurationFault('wrangler.jsonc', '// of a worker\n{ "a": [1, 2,], /* b */ }\n')).toBeUndefined();
  for (const { id } of TOOL_CASES)
    for (const [file, text] of Object.entries(projectFiles(id)))
      expect(configurationFault(path.posix.basename(file), text), `${id} ${file}`).toBeUndefined();
});

test.each([
  ['a.toml', 'a = [1,\n2', 'a bracket has no end', 3],
  ['a.toml', 'a = "x\nb = 1', 'a text has no end', 4],
  ['a.toml', 'a = 1\nb\n', 'no setting and no table begins so', 6],
  ['a.toml', '[a\nb = 1', 'no setting and no table begins so', 0],
  ['a.toml', 'a =\nb = 1', 'a setting has no value', 0],
  ['a.toml', 'a = 1]', 'a bracket closes nothing', 5],
  ['a.json', '{ "a": [1', 'is no valid JSON', 9],
  ['.gmrc', 'nothing', 'is no valid JSON', 0],
  ['a.yml', 'a: 1\n\u0000', 'a byte that no text has', 5],
  ['a.ts', 'a\uD800', 'a byte that no text has', 1],
])('%s of %j: %s', (name, text, what, offset) => {
  const fault = configurationFault(name, text);
  expect(fault?.what).toContain(what);
  expect(fault?.offset).toBe(offset);
});

/** These are looked for, and nothing of what they say is taken. */
const LOOKED_FOR = ['manage.py', '.sequelizerc'];

const CONFIGURED = TOOL_CASES.flatMap(({ id }) => {
  const tool = NAMED_TOOLS.find((each) => each.id === id);
  const files = projectFiles(id);
  const own = Object.keys(files).filter(
    (file) => tool?.configurationFiles.includes(path.posix.basename(file)) === true,
  );
  const read = own.filter((file) => !LOOKED_FOR.includes(path.posix.basename(file)));
  return read.map((file) => ({ id, title: tool?.title ?? '', file, files }));
});

/** Each of them damaged by a byte; those that have a form cut in the middle, too. */
const DAMAGES = CONFIGURED.flatMap((each) => {
  const text = each.files[each.file] ?? '';
  const hasForm = /\.(?:toml|jsonc?)$|^\.gmrc$/.test(path.posix.basename(each.file));
  return [
    { ...each, damage: 'a byte in it', broken: `${text}\u0000` },
    ...(hasForm ? [{ ...each, damage: 'cut in the middle', broken: cutIn(text) }] : []),
  ];
});

/** Behind the last sign that a value is to follow. */
function cutIn(text: string): string {
  return text.slice(0, Math.max(text.lastIndexOf('='), text.lastIndexOf(':')) + 1);
}

test.each(DAMAGES)('$id, $file: $damage is told with its place, and nothing is written', async (each) => {
  using project = cliFolder({ ...each.files, [each.file]: each.broken });
  const opened = await openProjects({ root: project.folder, files: nodeFiles, engines: await loadEngines() });
  const [problem] = opened.problems.filter((candidate) => candidate.path.endsWith(each.file));
  expect(problem?.message).toContain(`The configuration of ${each.title} `);
  expect(problem?.message).toContain(': correct it');
  expect(problem?.range).not.toBeNull();
  expect(readFileSync(path.join(project.folder, each.file), 'utf8')).toBe(each.broken);
});
