import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test } from 'vitest';
import { createParser, type Parser } from '../../server/engines/postgresql/parser.ts';
import { type Engines, loadEngines } from '../../server/host/load-engines.ts';
import { loadCSharp } from '../../server/languages/csharp/csharp-parser.ts';
import type { Call } from '../../server/languages/csharp/call.ts';
import type { Command } from '../../server/languages/csharp/command.ts';
import { providerOf } from '../../server/languages/efcore/lowered.ts';
import { readMigrations } from '../../server/languages/efcore/read-migrations.ts';
import type { EfModel, KnownModel } from '../../server/languages/efcore/model/ef-model.ts';
import { readModel } from '../../server/languages/efcore/model/read-model.ts';
import { sqlServerProvider } from '../../server/languages/efcore/sqlserver.ts';
import { EF_VERSIONS, type EfProvider, recordedAnswers } from './oracle/oracle.ts';

let engines: Engines;
let parser: Parser;

beforeAll(async () => {
  engines = await loadEngines();
  const wasm = createRequire(import.meta.url).resolve('libpg-query/wasm/libpg-query.wasm');
  parser = await createParser(await readFile(wasm));
  await loadCSharp();
});

/** What we make of a call, of calls in their order, as EF Core would be told them in `Up`. */
function lowered(code: string, provider: 'npgsql' | 'sqlite', model: KnownModel = 'unread'): readonly Command[] {
  const engine = provider === 'npgsql' ? engines.postgresql : engines.sqlite;
  const calls = callsOf(code);
  const shown = providerOf(engine);
  return [
    ...calls.flatMap((call) => shown.lower(call, calls, model)),
    ...(shown.after?.(calls, model) ?? []).map(({ command }) => command),
  ];
}

/** Calls by their code: it is read once for all versions. */
const read = new Map<string, readonly Call[]>();

function callsOf(code: string): readonly Call[] {
  const known = read.get(code);
  if (known !== undefined) return known;
  const text = `public partial class Sample : Migration\n{\n    protected override void Up(MigrationBuilder migrationBuilder)\n    {\n${code}\n    }\n}\n`;
  const steps = readMigrations(text)[0]?.up?.steps ?? [];
  expect(steps.every(({ kind }) => kind === 'call')).toBe(true);
  const calls = steps.flatMap((step): readonly Call[] => (step.kind === 'call' ? [step] : []));
  read.set(code, calls);
  return calls;
}

/** The Designer that a version of EF Core wrote for the sample model. */
function designerOf(provider: EfProvider, version: string): EfModel {
  for (const line of recordedAnswers(provider)) {
    if (!('designer' in line) || !line.versions.some((each) => each === version)) continue;
    const model = readModel(line.designer);
    if (model !== undefined) return model;
  }
  throw new Error(`no Designer of EF Core ${version}`);
}

/** Words of a statement with one space between them, without comments and what closes it. */
function words(text: string): string {
  return text
    .replace(/^\s*-- .*$/gm, '')
    .replace(/\s*SELECT changes\(\);/g, '')
    .replace(/\s+/g, ' ')
    .replace(/\( /g, '(')
    .replace(/ \)/g, ')')
    .replace(/;+\s*$/, '')
    .trim();
}

/** PostgreSQL's own tree of a command, without places and with numbers as numbers; the words of what it cannot read. */
function tree(text: string): string {
  const parsed = parser.parse(text);
  if (parsed.kind !== 'parsed') return words(text);
  return JSON.stringify(parsed.nodes, (key, value: unknown) => {
    return key === 'location' || key === 'stmt_location' || key === 'stmt_len' ? undefined : value;
  }).replaceAll(
    /"ival":\{(?:"ival":(\d+))?\}|"fval":\{"fval":"([^"]+)"\}/g,
    (_, whole?: string, other?: string) => `"number":${Number(other ?? whole ?? 0)}`,
  );
}

function commandKey(text: string, isBare: boolean, read: (text: string) => string): string {
  return `${isBare ? 'bare ' : ''}${read(text)}`;
}

/** After all operations Npgsql moves the sequences of keys that the migration seeds: only the model knows of these. */
const SEED_SEQUENCE = /^SELECT setval\(/;

/** Where we differ from EF Core and mean to, each with its reason; beginnings of the C#. */
const NPGSQL_EXCEPTIONS: readonly (readonly [string, string])[] = [
  ['migrationBuilder.EnsureSchema(', 'CREATE SCHEMA IF NOT EXISTS says what its DO block does'],
  ['migrationBuilder.AlterDatabase().Annotation("Npgsql:Enum:audit.mood"', 'the schema of the type is not made again'],
  ['migrationBuilder.Sql($"', 'a hole is known only when the program runs'],
];

const SQLITE_EXCEPTIONS: readonly (readonly [string, string])[] = [
  ['migrationBuilder.Sql($"', 'a hole is known only when the program runs'],
  [
    'migrationBuilder.AddColumn<string>(name: "value", table: "users", type: "TEXT", nullable: false, defaultValue: "a\\\\b\\n',
    'a line break is one in the text, and not CHAR(10)',
  ],
  [
    'migrationBuilder.AddColumn<double>(name: "value", table: "users", type: "REAL", nullable: false, defaultValue: 1.5e10',
    'a number keeps its exponent',
  ],
];

function isExcepted(
  code: string,
  exceptions: readonly (readonly [string, string])[],
  commands: readonly Command[],
): boolean {
  return (
    exceptions.some(([start]) => code.startsWith(start)) ||
    // What is said to be unknown, and values that stand in for code.
    commands.some((command) => command.unknown.length > 0 || command.text.includes('/* '))
  );
}

describe('npgsql', () => {
  test('makes of every operation what EF Core 8, 9 or 10 makes of it', () => {
    const differences: unknown[] = [];
    let equal = 0;
    for (const line of recordedAnswers('npgsql')) {
      if ('designer' in line) continue;
      const commands = lowered(line.code, 'npgsql');
      const ours = commands.map(({ text, isBare }) => commandKey(text, isBare, tree));
      const theirs = line.answers.flatMap(({ answer }) => {
        if ('error' in answer) return [];
        const told = answer.filter((command) => !SEED_SEQUENCE.test(String(command)));
        return [told.map((command) => commandKey(String(command), typeof command !== 'string', tree))];
      });
      // EF Core refuses it: there is nothing to compare.
      if (theirs.length === 0) continue;
      if (theirs.some((answer) => JSON.stringify(answer) === JSON.stringify(ours))) equal += 1;
      else if (!isExcepted(line.code, NPGSQL_EXCEPTIONS, commands))
        differences.push({
          code: line.code,
          ours: commands.map(({ text }) => text),
          theirs: line.answers.at(-1)?.answer,
        });
    }
    expect(differences).toEqual([]);
    expect(equal).toBeGreaterThan(580);
  });
});

describe('sqlite', () => {
  test.each(EF_VERSIONS)(
    'makes of every operation what EF Core %s makes of it, rebuilds from the Designer included',
    (version) => {
      const model = designerOf('sqlite', version);
      const differences: unknown[] = [];
      let equal = 0;
      let rebuilt = 0;
      let refused = 0;
      for (const line of recordedAnswers('sqlite')) {
        if ('designer' in line) continue;
        for (const asked of [version, `${version} model`] as const) {
          const theirs = line.answers.find((entry) => entry.asked.includes(asked))?.answer;
          if (theirs === undefined) throw new Error(`${asked} did not answer ${line.code}`);
          const commands = lowered(line.code, 'sqlite', asked === version ? 'absent' : model);
          const isRefused = commands.some((command) =>
            command.unknown.some(({ reason }) => reason.includes('refuses the whole')),
          );
          const isTheirs = 'error' in theirs && theirs.error.startsWith('NotSupportedException');
          if (isTheirs && isRefused) {
            refused += 1;
            continue;
          }
          if ('error' in theirs && !isTheirs && !isRefused) continue;
          const ours = JSON.stringify(commands.map(({ text, isBare }) => commandKey(text, isBare, words)));
          const told =
            'error' in theirs
              ? theirs.error
              : JSON.stringify(
                  theirs.map((command) => commandKey(String(command), typeof command !== 'string', words)),
                );
          if (ours === told && !isRefused) {
            equal += 1;
            if (told.includes('ef_temp_')) rebuilt += 1;
          } else if (isRefused || !isExcepted(line.code, SQLITE_EXCEPTIONS, commands))
            differences.push({ asked, code: line.code, ours: commands.map(({ text }) => text), theirs });
        }
      }
      expect(differences).toEqual([]);
      // Every rebuild that EF Core makes, and every refusal.
      expect({ equal, rebuilt, refused }).toEqual({ equal: 767, rebuilt: 124, refused: 336 });
    },
  );
});

/** What is said to be not analysed: parts of the C#, each with its reason. Nothing else may differ. */
const SQL_SERVER_EXCEPTIONS: readonly (readonly [string, string])[] = [
  ['migrationBuilder.Sql($"', 'a hole is known only when the program runs'],
  ['.AddTicks(', 'what a method makes of a value is known only when the program runs'],
  ['"SqlServer:IsTemporal"', 'the history of a temporal table is turned off and on again around some operations'],
];

/** Words with one space between them; variables without the number that EF Core counts up through a whole run. */
function numbered(text: string): string {
  return words(text).replace(/@(var|db_name|path|defaultCollation|defaultSchema|description)\d+\b/g, '@$1');
}

describe('sqlserver', () => {
  test.each(EF_VERSIONS)(
    'makes of every operation what EF Core %s makes of it, with a model and without: words, commands and transactions',
    (version) => {
      const model = designerOf('sqlserver', version);
      const provider = sqlServerProvider(Number(version));
      const differences: unknown[] = [];
      const told = { equal: 0, recreated: 0, bare: 0, refused: 0, untold: 0 };
      for (const line of recordedAnswers('sqlserver')) {
        if ('designer' in line) continue;
        const calls = callsOf(line.code);
        for (const asked of [version, `${version} model`] as const) {
          const theirs = line.answers.find((entry) => entry.asked.includes(asked))?.answer;
          if (theirs === undefined) throw new Error(`${asked} did not answer ${line.code}`);
          const known = asked === version ? 'absent' : model;
          const commands = calls.flatMap((call) => provider.lower(call, calls, known));
          const isRefused = commands.some((command) =>
            command.unknown.some(({ reason }) => reason.includes('refuses the whole')),
          );
          if ('error' in theirs) {
            if (isRefused) told.refused += 1;
            // Rows of a table that the model does not have, or a call that throws itself.
            else if (
              !/^(?:InvalidOperationException: (?:The data |There is no entity type)|ArgumentException|ArgumentNull)/.test(
                theirs.error,
              )
            )
              differences.push({ asked, code: line.code, ours: commands.map(({ text }) => text), theirs });
            continue;
          }
          const ours = JSON.stringify(commands.map(({ text, isBare }) => commandKey(text, isBare, numbered)));
          const key = JSON.stringify(
            theirs.map((command) => commandKey(String(command), typeof command !== 'string', numbered)),
          );
          if (ours === key && !isRefused) {
            told.equal += 1;
            if (/DROP INDEX.*CREATE (?:UNIQUE )?INDEX/.test(key)) told.recreated += 1;
            if (key.includes('"bare ')) told.bare += 1;
          } else if (!isRefused && SQL_SERVER_EXCEPTIONS.some(([part]) => line.code.includes(part))) told.untold += 1;
          else differences.push({ asked, code: line.code, ours: commands.map(({ text }) => text), theirs });
        }
      }
      expect(differences).toEqual([]);
      expect(told).toEqual({
        equal: version === '8' ? 1279 : 1281,
        recreated: 47,
        bare: 54,
        refused: 16,
        untold: version === '8' ? 12 : 10,
      });
    },
  );
});
