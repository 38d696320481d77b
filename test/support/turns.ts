import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PROGRAM_TOOLS } from './program-tools.ts';
import { REAL_TOOLS, versionOf } from './real-tools.ts';

/** A test in which a real tool and Lockstep take turns on one database. */
interface Turns {
  /** As `npm run test:database -- WORD` picks it. */
  readonly word: string;
  /** Undefined where the tool is not on this machine. */
  readonly version: () => string | undefined;
}

const TURNS: ReadonlyMap<string, Turns> = new Map<string, Turns>([
  ...REAL_TOOLS.map((tool) => [tool.id, { word: 'agreement', version: () => versionOf(tool) }] as const),
  ...PROGRAM_TOOLS.map(({ id, version }) => [id, { word: 'programs', version }] as const),
  ['dbmate', { word: 'dbmate', version: () => packageVersion('dbmate') }] as const,
  [
    'typeorm',
    { word: 'programs', version: () => `${versionOf({ package: 'typeorm' })}, its command applies` },
  ] as const,
  ['efcore', { word: 'efcore', version: () => undefined }] as const,
]);

function packageVersion(name: string): string {
  const file = path.resolve(import.meta.dirname, '../../node_modules', name, 'package.json');
  // npm wrote it.
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}

/** What a format's history was compared with: the real tool, or only what the tool's source and documentation say. */
export function factsOf(id: string): 'with the real tool' | 'from source' {
  return TURNS.has(id) ? 'with the real tool' : 'from source';
}

/** The version of the tool that takes turns with Lockstep, and the test that has it do so; `from source` where none does. */
export function turnsOf(id: string): string {
  const turns = TURNS.get(id);
  return turns === undefined ? 'from source' : `${turns.version() ?? 'not on this machine'}, by "${turns.word}"`;
}
