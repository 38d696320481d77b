import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test } from 'vitest';
import { createParser, type Parser } from '../../server/engines/postgresql/parser.ts';
import { type Engines, loadEngines } from '../../server/host/load-engines.ts';
import { loadCSharp } from '../../server/languages/csharp/csharp-parser.ts';
import type { Call } from '../../server/languages/efcore/call.ts';
import type { Command } from '../../server/languages/efcore/command.ts';
import { providerOf } from '../../server/languages/efcore/lowered.ts';
import { readMigrations } from '../../server/languages/efcore/read-migrations.ts';
import { recordedAnswers } from './oracle/oracle.ts';

let engines: Engines;
let parser: Parser;

beforeAll(async () => {
  engines = await loadEngines();
  const wasm = createRequire(import.meta.url).resolve('libpg-query/wasm/libpg-query.wasm');
  parser = await createParser(await readFile(wasm));
  await loadCSharp();
});

/** What we make of a call, of calls in their order, as EF Core would be told them in `Up`. */
function lowered(code: string, provider: 'npgsql' | 'sqlite'): readonly Command[] {
  const engine = provider === 'npgsql' ? engines.postgresql : engines.sqlite;
  const text = `public partial class Sample : Migration\n{\n    protected override void Up(MigrationBuilder migrationBuilder)\n    {\n${code}\n    }\n}\n`;
  const steps = readMigrations(text)[0]?.up?.steps ?? [];
  expect(steps.every(({ kind }) => kind === 'call')).toBe(true);
  const calls = steps.flatMap((step): readonly Call[] => (step.kind === 'call' ? [step] : []));
  return calls.flatMap((call) => providerOf(engine).lower(call, calls));
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
  test('makes of every operation what EF Core 8, 9 or 10 makes of it, and rebuilds where it rebuilds', () => {
    const differences: unknown[] = [];
    let equal = 0;
    let rebuilt = 0;
    for (const line of recordedAnswers('sqlite')) {
      if ('designer' in line) continue;
      const commands = lowered(line.code, 'sqlite');
      const isOurs = (command: Command): boolean =>
        command.unknown.some(({ reason }) => reason.startsWith('EF Core makes the table'));
      const ours = commands.filter((command) => !isOurs(command));
      const keys = JSON.stringify(ours.map(({ text, isBare }) => commandKey(text, isBare, words)));
      const theirs = line.answers.flatMap(({ answer }) => ('error' in answer ? [] : [answer]));
      if (theirs.length === 0) continue;
      const isEqual = theirs.some((answer) => {
        // Everything that is no rebuild comes first.
        const start = answer.findIndex((command) => String(command).startsWith('CREATE TABLE "ef_temp_'));
        const before = start < 0 ? answer : answer.slice(0, start);
        const told = before.map((command) => commandKey(String(command), typeof command !== 'string', words));
        return start >= 0 === commands.some(isOurs) && JSON.stringify(told) === keys;
      });
      if (isEqual) {
        equal += 1;
        if (commands.some(isOurs)) rebuilt += 1;
      } else if (!isExcepted(line.code, SQLITE_EXCEPTIONS, ours) && !/"audit"/.test(line.code))
        differences.push({
          code: line.code,
          ours: commands.map(({ text }) => text),
          theirs: line.answers.at(-1)?.answer,
        });
    }
    expect(differences).toEqual([]);
    expect(equal).toBeGreaterThan(380);
    expect(rebuilt).toBeGreaterThan(80);
  });
});
