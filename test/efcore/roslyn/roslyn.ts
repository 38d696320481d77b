import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dotnet } from '../dotnet/dotnet.ts';
import type { Mutation } from './mutations.ts';
import { notFollowed, ourReading, type ReadCall, type ReadClass } from './reading.ts';

/** What the compiler reads of one document, as Program.cs prints it. */
interface Reading {
  readonly name: string;
  /** Parts that `#if` leaves out. */
  readonly disabled: readonly (readonly [number, number])[];
  /** Whether the compiler finds a mistake in how it is written. */
  readonly broken: boolean;
  readonly classes: readonly ReadClass[];
}

/** The same as it is recorded: each class and call as its place, a colon, and the beginning of its hash. */
export interface RecordedReading extends Pick<Reading, 'name' | 'disabled' | 'broken'> {
  readonly read: string;
}

const FOLDER = import.meta.dirname;

export const ANSWERS = path.join(FOLDER, 'answers.jsonl');

export function recordedReadings(): readonly RecordedReading[] {
  return (
    readFileSync(ANSWERS, 'utf8')
      .trimEnd()
      .split('\n')
      // Written by `readingsText`.
      .map((line) => JSON.parse(line) as RecordedReading)
  );
}

export function readingsText(readings: readonly RecordedReading[]): string {
  return readings.map((reading) => `${JSON.stringify(reading)}\n`).join('');
}

/**
 * What the C# compiler reads of some documents, which takes a minute.
 *
 * Errors: throws with what dotnet printed where the program does not build or fails.
 */
export function askRoslyn(documents: readonly Mutation[]): readonly RecordedReading[] {
  const copy = mkdtempSync(path.join(tmpdir(), 'lockstep-roslyn-'));
  try {
    cpSync(FOLDER, copy, { recursive: true, filter: (file) => !/(?:\.ts|\.jsonl|fixtures)$/.test(file) });
    dotnet(['build', '--nologo', '--configuration', 'Release', '--output', 'out'], copy);
    const done = spawnSync('dotnet', [path.join(copy, 'out/roslyn.dll')], {
      input: documents.map((document) => `${JSON.stringify(document)}\n`).join(''),
      encoding: 'utf8',
      maxBuffer: 1 << 30,
    });
    if (done.status !== 0) throw new Error(`the C# compiler could not be asked: ${done.stderr}`);
    return (
      done.stdout
        .trimEnd()
        .split('\n')
        // Program.cs prints them so.
        .map((line) => JSON.parse(line) as Reading)
        .map(({ classes, ...reading }) => ({ ...reading, read: [...entriesOf(classes)].map(recorded).join(' ') }))
    );
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Each class and each call of a reading by its place, as JSON. */
function entriesOf(classes: readonly ReadClass[]): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  for (const { up, down, ...head } of classes) {
    entries.set(`class${head.at[0]}`, plain({ ...head, up: up !== null, down: down !== null }));
    for (const call of [...(up ?? []), ...(down ?? [])]) entries.set(call.at.join('-'), plain(call));
  }
  return entries;
}

/** JSON in which equal numbers are written alike. */
function plain(part: ReadCall | object): string {
  return JSON.stringify(part, (key, value: unknown) =>
    key === 'number' && typeof value === 'string'
      ? /^-?\d+$/.test(value)
        ? String(BigInt(value))
        : String(Number(value))
      : value,
  );
}

function recorded([place, text]: readonly [string, string]): string {
  return `${place}:${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}

/** How our reading of a document differs from the compiler's: what it has, and what ours has instead. */
export interface Compared {
  /** Classes and calls that the compiler reads. */
  readonly count: number;
  readonly differences: readonly string[];
}

/**
 * Compares our reading with a recorded one. A call that is in code of which we say that we do not follow it is no
 * difference, and neither is one that we read in a branch of `#if` that the compiler leaves out.
 */
export function compare({ text }: Mutation, said: RecordedReading): Compared {
  const ours = entriesOf(ourReading(text));
  const others = notFollowed(text);
  const differences: string[] = [];
  const places = new Set<string>();
  const entries = said.read === '' ? [] : said.read.split(' ');
  for (const entry of entries) {
    const place = entry.slice(0, entry.indexOf(':'));
    places.add(place);
    const own = ours.get(place);
    if (own === undefined && isIn(place, others)) continue;
    if (own === undefined) differences.push(`${said.name}: ${place} is not read`);
    else if (recorded([place, own]) !== entry) differences.push(`${said.name}: ${place} is read as ${own}`);
  }
  for (const [place, own] of ours)
    if (!places.has(place) && !isIn(place, said.disabled))
      differences.push(`${said.name}: ${place} is only ours: ${own}`);
  return { count: entries.length, differences };
}

function isIn(place: string, parts: readonly (readonly [number, number])[]): boolean {
  const [start = Number.NaN, end = Number.NaN] = place.split('-').map(Number);
  return parts.some(([from, to]) => from <= start && end <= to);
}
