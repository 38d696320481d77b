// Prints every finding of the histories of some npm packages that one checkout has and another has not: place, SQL, words of both.
//   node test/bench/history-findings.ts BEFORE [AFTER]
// Both are folders of built checkouts; AFTER is this one where it is left out.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { migrationsOf, SHIPPED_HISTORIES } from './shipped-histories.ts';

const run = promisify(execFile);
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;

/** A finding as `lint --format json` tells it. */
interface Finding {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly range: { readonly start: { readonly line: number } };
}

/** A finding and where it is: path of its file, 0-based line. */
interface Placed {
  readonly place: string;
  readonly code: string;
  readonly text: string;
}

/** Each history as a folder of plain files in a scratch project; returns their texts by path. */
async function writeHistories(scratch: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const migrations: { readonly folder: string; readonly dialect: string; readonly serverVersion: string }[] = [];
  for (const shipped of SHIPPED_HISTORIES) {
    const folder = shipped.name.replaceAll(/[^\w-]+/g, '-');
    mkdirSync(path.join(scratch, folder), { recursive: true });
    migrations.push({ folder, dialect: 'postgresql', serverVersion: '17' });
    const all = [{ name: 'setup', sql: shipped.setup ?? 'SELECT 1' }, ...(await migrationsOf(shipped))];
    for (const [index, { name, sql }] of all.entries()) {
      const stem = name.replace(/\.(?:sql|js)$/, '').replaceAll(/[^\w-]+/g, '-');
      const file = `${folder}/${String(index).padStart(4, '0')}_${stem}.up.sql`;
      texts.set(file, sql);
      writeFileSync(path.join(scratch, file), `${sql}\n`);
    }
  }
  writeFileSync(path.join(scratch, 'lockstep.jsonc'), JSON.stringify({ migrations }));
  return texts;
}

async function findingsOf(checkout: string, scratch: string): Promise<readonly Placed[]> {
  const program = path.join(path.resolve(checkout), 'dist/cli.cjs');
  const { stdout } = await run(process.execPath, [program, 'lint', '--format', 'json', '--fail-on', 'never'], {
    cwd: scratch,
    maxBuffer: MOST_OUTPUT_BYTES,
  });
  // The command line's own contract.
  const report = JSON.parse(stdout) as {
    readonly files: readonly { readonly path: string; readonly findings: readonly Finding[] }[];
  };
  return report.files.flatMap((file) =>
    file.findings.map(({ code, severity, message, range }) => ({
      place: `${file.path}:${range.start.line + 1}`,
      code,
      text: `${severity}: ${message}`,
    })),
  );
}

/** Those of one list that the other does not have, each as often as it is more there. */
function beyond(list: readonly Placed[], other: readonly Placed[]): Placed[] {
  const keyOf = ({ place, code, text }: Placed): string => `${place} ${code} ${text}`;
  const left = new Map<string, number>();
  for (const each of other) left.set(keyOf(each), (left.get(keyOf(each)) ?? 0) + 1);
  return list.filter((each) => {
    const count = left.get(keyOf(each)) ?? 0;
    left.set(keyOf(each), count - 1);
    return count <= 0;
  });
}

const [before, after = path.resolve(import.meta.dirname, '../..')] = process.argv.slice(2);
if (before === undefined) throw new Error('name the checkout to compare with');
const scratch = mkdtempSync(path.join(tmpdir(), 'lockstep-histories-'));
try {
  const texts = await writeHistories(scratch);
  const [earlier, later] = [await findingsOf(before, scratch), await findingsOf(after, scratch)];
  const gone = beyond(earlier, later);
  const changes = beyond(later, earlier).map((now) => {
    const index = gone.findIndex((was) => was.place === now.place && was.code === now.code);
    return { was: index < 0 ? undefined : gone.splice(index, 1)[0], now };
  });
  for (const { was, now } of [...changes, ...gone.map((each) => ({ was: each, now: undefined }))]) {
    const { place, code } = now ?? was;
    const [file = '', line = '1'] = place.split(/:(?=\d+$)/);
    const sql = (texts.get(file) ?? '').split('\n')[Number(line) - 1]?.trim() ?? '';
    console.log(`${code} ${place}\n  sql    ${sql}\n  before ${was?.text ?? '-'}\n  after  ${now?.text ?? '-'}`);
  }
  console.log(
    `${earlier.length} findings before, ${later.length} after; ${changes.length + gone.length} places changed: ${changes.filter(({ was }) => was === undefined).length} new, ${gone.length} gone, ${changes.filter(({ was }) => was !== undefined).length} with other words or another severity.`,
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
