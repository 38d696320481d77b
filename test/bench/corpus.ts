// The labelled corpus: statements that are a hazard on a system in use, and their safe look-alikes.
//
// Each file of corpus/ begins with a `-- setup` migration; each `-- case NAME | hazard or safe | CLASS | REASON | OPTIONS` after it
// is one migration, with `-- earlier` ones between the two where it needs them. Options: `no-transaction`, `version N`.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface CorpusCase {
  /** `add-column/required`. */
  readonly name: string;
  readonly isHazard: boolean;
  /** What happens: `rewrite`, `scan`, `lock`, `rows`, `error`, `compatibility`, `data`; for safe ones what it is mistaken for. */
  readonly kind: string;
  readonly reason: string;
  readonly inTransaction: boolean;
  /** PostgreSQL major. */
  readonly version: number;
  /** Migrations before it, oldest first. */
  readonly earlier: readonly string[];
  readonly sql: string;
}

const DEFAULT_VERSION = 17;

/** Every case of every file, in order. */
export function readCorpus(folder: string = path.join(import.meta.dirname, 'corpus')): readonly CorpusCase[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .flatMap((file) => readFile(path.basename(file, '.sql'), readFileSync(path.join(folder, file), 'utf8')));
}

function readFile(area: string, text: string): readonly CorpusCase[] {
  const [setup = '', ...parts] = text.split(/^-- case /m);
  return parts.map((part) => {
    const [head = '', ...lines] = part.split('\n');
    const [name, label, kind, reason, ...options] = head.split('|').map((word) => word.trim());
    if (
      name === undefined ||
      (label !== 'hazard' && label !== 'safe') ||
      kind === undefined ||
      reason === undefined ||
      reason === ''
    )
      throw new Error(`${area}: cannot read the case "${head}"`);
    const sections = lines.join('\n').split(/^-- (earlier|migration)$/m);
    const earlier = sections.flatMap((section, index) =>
      section === 'earlier' ? [(sections[index + 1] ?? '').trim()] : [],
    );
    const sql = (
      sections.length === 1 ? (sections[0] ?? '') : (sections[sections.indexOf('migration') + 1] ?? '')
    ).trim();
    const version = options.map((option) => /^version (\d+)$/.exec(option)?.[1]).find((found) => found !== undefined);
    return {
      name: `${area}/${name}`,
      isHazard: label === 'hazard',
      kind,
      reason,
      inTransaction: !options.includes('no-transaction'),
      version: version === undefined ? DEFAULT_VERSION : Number(version),
      earlier: [setup.replace(/^-- setup\n/, '').trim(), ...earlier],
      sql,
    };
  });
}
