import { mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerAlike } from '../support/answer-alike.ts';
import { RepositoryCopy } from '../support/repository-copy.ts';

/*
 * The paths of CONTRIBUTING.md to an engine and to a language, followed in a copy of the repository: a third engine, over
 * the parser of one that is there, and a language whose files hold SQL in strings. Both end in a finding of the command
 * line at its exact place.
 */

let copy: RepositoryCopy;

const PRODUCT = `import { ENGINE_TITLES } from '../../model/engine-id.ts';
import type { Product } from '../../model/product.ts';
import { SQLITE } from '../sqlite/product.ts';

/** A server that speaks SQLite's SQL. */
export const LIBSQL: Product = { ...SQLITE, id: 'libsql', title: ENGINE_TITLES.libsql };
`;

const ENGINE = `import { emptySchema } from '../../model/fold/fold.ts';
import type { Engine } from '../engine.ts';
import { sqliteEngine } from '../sqlite/engine.ts';
import { LIBSQL } from './product.ts';

/** libSQL, as far as it is SQLite. */
export const libsqlEngine: Engine = {
  ...sqliteEngine,
  id: LIBSQL.id,
  product: LIBSQL,
  emptySchema: (isComplete) => emptySchema(LIBSQL, isComplete),
};
`;

const TOOL = `import { fileFormat, slugOf } from './blocks/file-format.ts';
import { folderTool } from './blocks/folder-tool.ts';
import { isMentioned } from './blocks/mentions.ts';
import { wholeFile } from './blocks/whole-file.ts';
import { lockstepHistory } from './lockstep-history.ts';
import { CERTAINTY } from './tool.ts';
import { jsonLanguage } from '../languages/json/json-language.ts';

const NAME = /^(\\d+)-(.+)\\.json$/;

/** Lists of statements in JSON, where \`strings.toml\` says so. */
export const strings = folderTool({
  id: 'strings',
  title: 'Strings',
  configurationFiles: ['strings.toml'],
  defaults: {},
  recognise: async (tree, view) =>
    view.files.some((name) => NAME.test(name)) && (await isMentioned(tree, view.path, ['strings.toml'], /strings/))
      ? CERTAINTY.configured
      : 0,
  history: () => lockstepHistory,
  format: (folder) => ({
    ...fileFormat({
      folder,
      keyWord: 'number',
      read: (file) => {
        const [, number, name] = NAME.exec(file) ?? [];
        return number === undefined || name === undefined
          ? undefined
          : { key: number, id: \`\${number}-\${name}\`, name, half: 'up' };
      },
      layout: (_path, text) => wholeFile(text, 'up', { transaction: 'none' }),
      numbering: { kind: 'sequence', digits: 2 },
      numberOf: (id) => /^\\d+/.exec(id)?.[0],
      write: (number, step) => {
        const id = \`\${number}-\${slugOf(step)}\`;
        return { id, files: [{ name: \`\${id}.json\`, half: 'up', text: JSON.stringify([step.up]) }] };
      },
    }),
    languageOf: () => jsonLanguage,
  }),
});
`;

beforeAll(async () => {
  copy = await RepositoryCopy.make();
});

afterAll(async () => {
  await copy.remove();
});

test('a language is a file and the formats that name it: findings and fixes are in its own notation', async () => {
  await mkdir(copy.path('server/languages/json'));
  const small = await copy.read('test/languages/json-language.ts');
  await copy.write('server/languages/json/json-language.ts', small.replaceAll("'../../server/", "'../../"));
  await copy.write('server/tools/strings.ts', TOOL);
  await copy.enlist('server/tools/registry.ts', 'TOOLS', { name: 'strings', from: './strings.ts' });
  expect(await copy.compile()).toBe('');

  await mkdir(copy.path('strings/steps'), { recursive: true });
  await copy.write('strings/strings.toml', '[strings]\n');
  await copy.write('strings/steps/01-users.json', '["CREATE TABLE users (id bigint PRIMARY KEY, email text)"]\n');
  const text = '[\n  "CREATE INDEX users_email ON \\"users\\" (email)"\n]\n';
  await copy.write('strings/steps/02-index.json', text);
  expect(await copy.lockstep('strings', 'lint', '--dialect', 'postgresql')).toContain(
    'steps/02-index.json\n  2:4 error blocking-index',
  );
  await copy.lockstep('strings', 'fix', 'steps/02-index.json', '--dialect', 'postgresql', '--write');
  expect(await copy.read('strings/steps/02-index.json')).toBe(text.replace('INDEX', 'INDEX CONCURRENTLY'));
  expect(await copy.lockstep('strings', 'lint', '--dialect', 'postgresql')).not.toContain('blocking-index');
});

test('an engine is its files, its lines in two indexes and what the compiler asks for', async () => {
  await copy.edit('server/model/engine-id.ts', /(ENGINE_IDS = \[[^\]]*)\]/, "$1, 'libsql']");
  await copy.edit('server/model/engine-id.ts', /(ENGINE_TITLES[^{]*\{[^}]*?) ?\}/, "$1, libsql: 'libSQL' }");
  await mkdir(copy.path('server/engines/libsql'));
  await copy.write('server/engines/libsql/product.ts', PRODUCT);
  await copy.write('server/engines/libsql/engine.ts', ENGINE);
  for (const [index, name, from, line] of [
    ['server/engines/products.ts', 'LIBSQL', './libsql/product.ts', 'sqlite: SQLITE'],
    ['server/host/load-engines.ts', 'libsqlEngine', '../engines/libsql/engine.ts', 'sqlite: sqliteEngine'],
  ] as const) {
    await copy.edit(index, /^import /m, `import { ${name} } from '${from}';\nimport `);
    await copy.edit(index, new RegExp(line), `$&, libsql: ${name}`);
  }

  // The compiler lists what is missing, room after room, until it is silent.
  let asked = 0;
  for (let said = await copy.compile(); said !== ''; said = await copy.compile()) {
    const files = new Set([...said.matchAll(/^(\S+?\.ts)\(/gm)].map((match) => match[1] ?? ''));
    for (const file of files) {
      const before = await copy.read(file);
      const after =
        file === 'server/lsp/formatting.ts'
          ? before.replace('language: dialect,', "language: dialect === 'libsql' ? 'sqlite' : dialect,")
          : answerAlike(before, 'sqlite', 'libsql');
      expect(after, said).not.toBe(before);
      await copy.write(file, after);
    }
    asked += files.size;
  }
  expect(asked).toBeGreaterThan(40);

  await mkdir(copy.path('libsql/migrations'), { recursive: true });
  await copy.write('libsql/migrations/0001_users.up.sql', 'CREATE TABLE users (id INTEGER PRIMARY KEY);\n');
  await copy.write('libsql/migrations/0002_email.up.sql', 'ALTER TABLE users ADD COLUMN email TEXT UNIQUE;\n');
  const lint = (): Promise<string> => copy.lockstep('libsql', 'lint', '--dialect', 'libsql');
  // No rule says yet that it holds for the engine.
  expect(await lint()).not.toContain('statement-not-supported');

  await copy.edit('server/rules/statement-not-supported.ts', /(dialects: \[[^\]]*)\]/, "$1, 'libsql']");
  await copy.edit(
    'server/rules/statement-not-supported.ts',
    / {2}bad: \[/,
    `$&
    {
      title: 'A UNIQUE column',
      dialect: 'libsql',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY);'],
      sql: 'ALTER TABLE users ADD COLUMN email TEXT <|UNIQUE|>;',
    },`,
  );
  const said = await copy.run('unit', ['test/rules.test.ts'], 'statement-not-supported', { LOCKSTEP_WRITE: '1' });
  expect(said).toMatch(/Tests {2}[1-9]\d* passed/);
  expect(await lint()).toContain('migrations/0002_email.up.sql\n  1:41 error statement-not-supported');
});
