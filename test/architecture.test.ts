import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');

/** Rooms and the rooms that each may import; `types:ROOM` allows types only. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'server/core': [],
  'server/model': ['server/core'],
  'server/engines': ['server/core', 'server/model'],
  'server/languages': ['server/core', 'server/model', 'server/engines'],
  'server/planner': ['server/core', 'server/model', 'server/engines'],
  'server/rules': ['server/core', 'server/model', 'server/engines', 'server/planner'],
  'server/drivers': ['server/core', 'server/model', 'server/engines'],
  'server/tools': ['server/core', 'server/model', 'server/languages', 'server/drivers', 'types:server/planner'],
  'server/analysis': [
    'server/core',
    'server/model',
    'server/engines',
    'types:server/languages',
    'server/planner',
    'types:server/rules',
    'types:server/tools',
  ],
  'server/runner': [
    'server/core',
    'server/model',
    'types:server/engines',
    'types:server/languages',
    'types:server/planner',
    'server/drivers',
    'server/tools',
  ],
  'server/host': ['server/core', 'server/model', 'server/engines', 'server/languages'],
  'server/application': [
    'server/core',
    'server/model',
    'server/engines',
    'server/languages',
    'server/planner',
    'server/rules',
    'server/analysis',
    'server/drivers',
    'server/tools',
    'server/runner',
  ],
  'server/protocol': [
    'server/model',
    'types:server/analysis',
    'types:server/application',
    'types:server/planner',
    'types:server/runner',
  ],
  'server/lsp': [
    'server/core',
    'server/model',
    'server/engines',
    'server/languages',
    'server/planner',
    'server/rules',
    'server/analysis',
    'server/drivers',
    'server/tools',
    'server/runner',
    'server/application',
    'server/protocol',
    'types:server/host',
  ],
  'server/cli': [
    'server/core',
    'server/model',
    'server/engines',
    'server/languages',
    'server/planner',
    'server/rules',
    'server/analysis',
    'server/drivers',
    'server/tools',
    'server/runner',
    'server/application',
    'types:server/host',
  ],
  client: ['server/protocol'],
};

/** The files that wire real files, clock and drivers, and may import everything below server/. */
const WIRING: readonly string[] = ['server/main.ts', 'server/cli/main.ts'];

/** Packages that stay in one room. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  vscode: ['client'],
  'vscode-languageclient': ['client'],
  'vscode-languageserver': ['server/lsp', 'server/main.ts'],
  'vscode-languageserver-textdocument': ['server/lsp'],
  'sql-formatter': ['server/lsp'],
  pg: ['server/drivers'],
  'better-sqlite3': ['server/drivers'],
  'libpg-query': ['server/engines', 'server/host'],
  'web-tree-sitter': ['server/languages/csharp', 'server/languages/efcore', 'server/languages/fluentmigrator'],
  'sqlite3-parser': ['server/engines'],
  '@pgsql/types': ['server/engines'],
  'jsonc-parser': ['server/analysis'],
  ignore: ['server/application'],
};

/** Pure rooms: what they need arrives as an argument. */
const PURE: readonly string[] = [
  'server/core',
  'server/model',
  'server/engines',
  'server/languages',
  'server/planner',
  'server/rules',
  'server/analysis',
];
const IMPURE = /\b(?:console\.|process\.|Date\.now\(|new Date\(\)|Math\.random\(|setTimeout\(|fetch\()/;

interface SourceFile {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

function sourceFiles(folder: string): readonly SourceFile[] {
  if (!existsSync(path.join(root, folder))) return [];
  return readdirSync(path.join(root, folder)).flatMap((name): readonly SourceFile[] => {
    const file = `${folder}/${name}`;
    if (statSync(path.join(root, file)).isDirectory()) return sourceFiles(file);
    return name.endsWith('.ts') ? [{ path: file, text: readFileSync(path.join(root, file), 'utf8') }] : [];
  });
}

function roomOf(file: string): string | undefined {
  return Object.keys(ROOMS).find((room) => file.startsWith(`${room}/`));
}

/** Every way in which a file breaks the table, in words. */
function violations(file: SourceFile): readonly string[] {
  const problems: string[] = [];
  const room = roomOf(file.path);
  const isWiring = WIRING.includes(file.path);
  for (const match of file.text.matchAll(
    /^\s*(import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\('([^']+)'\)/gms,
  )) {
    const target = match[3] ?? match[4] ?? '';
    const isTypeOnly = match[2] !== undefined;
    if (target.startsWith('.')) {
      const imported = path.posix.normalize(path.posix.join(path.posix.dirname(file.path), target));
      const other = roomOf(imported);
      if (isWiring || other === undefined || other === room || room === undefined) continue;
      const allowed = ROOMS[room] ?? [];
      if (allowed.includes(other) || (isTypeOnly && allowed.includes(`types:${other}`))) continue;
      problems.push(
        `${file.path} imports ${imported}: ${room} may not ${allowed.includes(`types:${other}`) ? 'import more than types of' : 'import'} ${other}`,
      );
      continue;
    }
    if (target.startsWith('node:')) {
      if (room !== undefined && PURE.includes(room)) problems.push(`${file.path} imports ${target}: ${room} is pure`);
      continue;
    }
    const name = target
      .split('/')
      .slice(0, target.startsWith('@') ? 2 : 1)
      .join('/');
    const homes = PACKAGES[name];
    if (homes === undefined) problems.push(`${file.path} imports ${name}: it has no room in the table`);
    else if (!homes.some((home) => file.path === home || file.path.startsWith(`${home}/`)))
      problems.push(`${file.path} imports ${name}: it stays in ${homes.join(', ')}`);
  }
  if (room !== undefined && PURE.includes(room)) {
    const code = file.text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, '');
    const found = IMPURE.exec(code);
    if (found !== null) problems.push(`${file.path} uses ${found[0]}: ${room} is pure`);
  }
  return problems;
}

/** Rooms where products are told apart, and the file that lists them. */
const PRODUCT_ROOMS: readonly string[] = [
  'server/engines/',
  'server/drivers/',
  'server/model/engine-id.ts',
  'server/model/database-url.ts',
];
const NAMES = /(['"`])(?:postgres(?:ql)?|sqlite)\1/gi;
/** What a rule, a wish or a tool is for is data about it: `dialects: ['sqlite']`, `dialect: 'postgresql'`. */
const MEMBER = /\bdialects?: (?:\[[^\]]*\]|'[a-z]+')/g;

/** A name where there is no text: a member (`forms.sqlite`), a variable, or a part of an expression (`/^sqlite3?:/`). */
const BARE = /\b(?:postgres(?:ql)?|sqlite3?)\b(?!\s*:[^/])/g;
/** Texts, and an expression that is what a record has for one engine. */
const TEXTS = /^\s*(?:postgresql|sqlite): \/.*$|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/gm;
/** What is an engine's own, which only its planners and whoever loads it ask for by its path. */
const INSIDE = /from '[./]*\/engines\/(?:postgresql|sqlite)\//g;
const MAY_LOOK_INSIDE: readonly string[] = ['server/planner/', 'server/host/load-engines.ts'];

/** Products' names in the code of a file that is to work with any of them. A key of a record is one that the compiler asks for. */
function productNames(file: SourceFile): readonly string[] {
  if (PRODUCT_ROOMS.some((room) => file.path.startsWith(room))) return [];
  const code = file.text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/[^\n]*/gm, '').replaceAll(MEMBER, '');
  const inside = MAY_LOOK_INSIDE.some((room) => file.path.startsWith(room)) ? [] : [...code.matchAll(INSIDE)];
  return [...code.matchAll(NAMES), ...code.replaceAll(TEXTS, "''").matchAll(BARE), ...inside].map(
    (match) => `${file.path} names ${match[0]}`,
  );
}

/** Where a document's own lines and its layout are read: once for each version, for whoever asks. */
const READS_HEADERS = 'server/tools/headers.ts';

/** Calls that read a document's headers beside the one place that keeps what they say. */
function headerReads(file: SourceFile): readonly string[] {
  if (file.path === READS_HEADERS || file.path === 'server/model/directives.ts') return [];
  return [...file.text.matchAll(/\b(?:readDirectives|directiveLines)\(|\bformat\.layout\(/g)].map(
    (match) => `${file.path} calls ${match[0]}`,
  );
}

/** What a file imports from beside it, types too, as paths from the repository. */
function importsOf(file: SourceFile): readonly string[] {
  return [...file.text.matchAll(/^\s*(?:import|export)\s+(?:[^'";]*?\sfrom\s+)?'(\.[^']+)'/gms)].map((match) =>
    path.posix.normalize(path.posix.join(path.posix.dirname(file.path), match[1] ?? '')),
  );
}

/** Files that import each other round a circle, of types too: each circle once, in words. */
function circles(files: readonly SourceFile[]): readonly string[] {
  const imports = new Map(files.map((file) => [file.path, importsOf(file)]));
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push([...trail.slice(trail.indexOf(file)), file].join(' -> '));
      return;
    }
    state.set(file, 'open');
    for (const imported of imports.get(file) ?? []) if (imports.has(imported)) visit(imported, [...trail, file]);
    state.set(file, 'done');
  };
  for (const file of imports.keys()) visit(file, []);
  return found;
}

/** The files that open a session: use cases on a project's database, and a command line that names one for lint. */
const OPENERS: readonly string[] = ['server/application/use-cases/with-database.ts', 'server/cli/session.ts'];

/** Methods of custom messages written as strings outside the one place that declares them. */
function methodNames(file: SourceFile): readonly string[] {
  if (file.path.startsWith('server/protocol/')) return [];
  const code = file.text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/[^\n]*/gm, '');
  return [...code.matchAll(/(['"`])lockstep\/[^'"`]*\1/g)].map((match) => `${file.path} names ${match[0]}`);
}

describe('rooms', () => {
  const files = [...sourceFiles('server'), ...sourceFiles('client')];

  test('import only what the table allows', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.flatMap(violations)).toEqual([]);
  });

  test('name no database product outside the engines and the drivers', () => {
    expect(files.flatMap(productNames)).toEqual([]);
  });

  test.each([
    ['a comparison', "if (context.dialect.id === 'sqlite') return;"],
    ['a title', "const title = 'PostgreSQL';"],
    ['a type', "let dialect: 'postgresql' | 'sqlite';"],
    ['a comparison the other way round', "return 'postgresql' !== connection.dialect;"],
    ['a member', 'const form = FORMS.sqlite;'],
    ['an expression', 'return /^sqlite3?:/i.test(url);'],
    ['an import', "import { tokenize } from '../engines/postgresql/lexer.ts';"],
  ])('%s with the name of a product is found', (_name, text) => {
    expect(productNames({ path: 'server/rules/facts/subject.ts', text }).length).toBeGreaterThan(0);
  });

  test.each([
    ['the engine of an example', "{ dialect: 'sqlite', sql: 'SELECT 1' }"],
    ['the engines of a rule', "dialects: ['postgresql', 'sqlite'],"],
    ['a record for each engine', "const MARKS: Record<EngineId, string> = { postgresql: '$', sqlite: '?' };"],
    ['a sentence', "const reason = 'SQLite has no enums.';"],
  ])('%s is no name in code', (_name, text) => {
    expect(productNames({ path: 'server/rules/facts/subject.ts', text })).toEqual([]);
  });

  // Linting, explaining and fixing are none of them: only what a person asks of a database gets a session.
  test('open sessions on databases in two places only', () => {
    const openers = files.flatMap((file) =>
      !file.path.startsWith('server/drivers/') && /(?:return |await |\.)openConnection\(/.test(file.text)
        ? [file.path]
        : [],
    );
    expect(openers.toSorted()).toEqual(OPENERS.toSorted());
  });

  test('open SQLite files in one place, which knows where its native module is', () => {
    const opened = files.filter((file) => /\bnew (?:this\.#)?Database\(/.test(file.text)).map(({ path }) => path);
    expect(opened).toEqual(['server/drivers/sqlite-file.ts']);
  });

  test('name the methods of custom messages in the protocol only', () => {
    expect(files.flatMap(methodNames)).toEqual([]);
  });

  test.each([
    ['the server', 'server/lsp/server.ts', "connection.onRequest('lockstep/status', () => []);"],
    ['the client', 'client/tree/store.ts', 'await server.ask(`lockstep/${name}`, {});'],
  ])('a method written as a string in %s is found', (_name, file, text) => {
    expect(methodNames({ path: file, text }).length).toBe(1);
  });

  test('hold no circle of imports', () => {
    expect(circles(files)).toEqual([]);
  });

  test("read a document's headers in one place", () => {
    expect(files.flatMap(headerReads)).toEqual([]);
    expect(headerReads({ path: 'server/runner/a.ts', text: 'project.format.layout(path, text)' })).toHaveLength(1);
    expect(headerReads({ path: 'server/tools/b.ts', text: 'const { allows } = readDirectives(text);' })).toHaveLength(
      1,
    );
  });

  test('a planted circle is found, of types too', () => {
    const planted = [
      { path: 'server/core/a.ts', text: "import { b } from './b.ts';" },
      { path: 'server/core/b.ts', text: "import {\n  c,\n} from '../model/c.ts';" },
      { path: 'server/model/c.ts', text: "import type { A } from '../core/a.ts';" },
    ];
    expect(circles(planted)).toEqual(['server/core/a.ts -> server/core/b.ts -> server/model/c.ts -> server/core/a.ts']);
    expect(circles(planted.slice(0, 2))).toEqual([]);
  });

  test('have every rule and every recipe in its index', () => {
    const missing = (folder: string, mark: RegExp): readonly string[] => {
      const index = readFileSync(path.join(root, folder, 'index.ts'), 'utf8');
      return files
        .filter(
          (file) => file.path.startsWith(`${folder}/`) && !file.path.endsWith('/index.ts') && mark.test(file.text),
        )
        .flatMap((file) => [...file.text.matchAll(new RegExp(mark, 'g'))].map((match) => match[1] ?? ''))
        .filter((name) => !new RegExp(`\\b${name}\\b`).test(index));
    };
    expect(missing('server/rules', /export const (\w+): Rule = /)).toEqual([]);
    expect(missing('server/planner/recipes', /export const (\w+): Recipe = /)).toEqual([]);
  });

  test('have shelves of rules and recipes that hold nothing else', () => {
    const others = (folder: string, mark: string, known: readonly string[]): readonly string[] =>
      files.flatMap((file) =>
        file.path.slice(0, file.path.lastIndexOf('/')) === folder &&
        !known.includes(file.path.slice(folder.length + 1)) &&
        !file.text.includes(mark)
          ? [file.path]
          : [],
      );
    expect(others('server/rules', ': Rule = {', ['index.ts', 'rule.ts'])).toEqual([]);
    expect(others('server/planner/recipes', ': Recipe = {', ['index.ts'])).toEqual([]);
  });

  test('are all in the table', () => {
    const folders = readdirSync(path.join(root, 'server')).filter((name) =>
      statSync(path.join(root, 'server', name)).isDirectory(),
    );
    expect(folders.filter((name) => ROOMS[`server/${name}`] === undefined)).toEqual([]);
  });

  test.each([
    ['a room above', 'server/core/span.ts', "import { run } from '../runner/run.ts';", 'may not import server/runner'],
    [
      'more than types',
      'server/tools/dbmate.ts',
      "import { planChange } from '../planner/plan-change.ts';",
      'may not import more than types of server/planner',
    ],
    ['the editor', 'server/analysis/lint.ts', "import * as vscode from 'vscode';", 'it stays in client'],
    ['a driver', 'server/runner/run.ts', "import pg from 'pg';", 'it stays in server/drivers'],
    ['a package that nobody decided on', 'server/lsp/server.ts', "import { chunk } from 'lodash';", 'it has no room'],
    [
      'files in a pure room',
      'server/rules/facts/subject.ts',
      "import { readFileSync } from 'node:fs';",
      'server/rules is pure',
    ],
    ['a clock in a pure room', 'server/analysis/lint.ts', 'export const started = Date.now();', 'uses Date.now('],
    [
      'something over several lines',
      'client/extension.ts',
      "import {\n  run,\n} from '../server/runner/run.ts';",
      'client may not import server/runner',
    ],
    [
      'something when it is needed',
      'server/core/span.ts',
      "export const later = () => import('../cli/program.ts');",
      'may not import server/cli',
    ],
  ])('a planted import of %s is found', (_name, file, text, problem) => {
    expect(violations({ path: file, text }).join('\n')).toContain(problem);
  });
});
