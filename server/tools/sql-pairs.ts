import type { FileChange } from '../core/ports.ts';
import { readDirectives } from '../model/directives.ts';
import type { MigrationFile } from '../model/migration.ts';
import type { Adapter, NewFiles, WriteRequest } from './adapter.ts';
import { folderPath, joinPath, readNames } from './folder.ts';
import { lockstepHistory } from './lockstep-history.ts';
import { downText, stepHeader } from './step-text.ts';

const NAME = /^(\d+)_(.+)\.(up|down)\.sql$/i;
/** Digits of the first migration's number in an empty folder. */
const DEFAULT_DIGITS = 4;
/** File systems allow 255 bytes; names are kept short enough to read. */
const MOST_SLUG_LENGTH = 80;

/** Plain pairs `NNNN_name.up.sql` and `NNNN_name.down.sql`, with Lockstep's own history table. */
export const sqlPairs: Adapter = {
  id: 'sql-pairs',
  title: 'SQL file pairs',
  async detect(files, root, folder) {
    const names = await readNames(files, folderPath(root, folder));
    return names.some((name) => NAME.test(name)) ? 10 : 0;
  },
  async list(files, root, folder) {
    const problems: { path: string; message: string }[] = [];
    const byNumber = new Map<string, { readonly name: string; up?: string; down?: string }>();
    for (const name of await readNames(files, folderPath(root, folder))) {
      const match = NAME.exec(name);
      if (match === null) {
        if (/\.sql$/i.test(name))
          problems.push({
            path: joinPath(folder, name),
            message: `${name} is not run: name it NUMBER_name.up.sql or NUMBER_name.down.sql.`,
          });
        continue;
      }
      const [, number = '', title = '', direction = ''] = match;
      const half = direction.toLowerCase() === 'up' ? 'up' : 'down';
      const entry = byNumber.get(number) ?? { name: title };
      const other = entry[half];
      if (other !== undefined) {
        problems.push({
          path: joinPath(folder, name),
          message: `${name} and ${other} have one number, ${number}: give one of them a number of its own, or only the first is run.`,
        });
        continue;
      }
      entry[half] = name;
      byNumber.set(number, entry);
    }
    const migrations: MigrationFile[] = [];
    for (const [number, entry] of [...byNumber].sort(([left], [right]) => compareNumbers(left, right))) {
      if (entry.up === undefined) {
        problems.push({
          path: joinPath(folder, entry.down ?? ''),
          message: `${entry.down ?? number} has no up half: add ${number}_${entry.name}.up.sql, or delete this file.`,
        });
        continue;
      }
      migrations.push({
        id: `${number}_${entry.name}`,
        name: entry.name,
        upPath: joinPath(folder, entry.up),
        ...(entry.down === undefined ? {} : { downPath: joinPath(folder, entry.down) }),
      });
    }
    return { migrations, problems };
  },
  owns: (fileName) => NAME.test(fileName),
  layout(path, text) {
    const start = text.startsWith('\uFEFF') ? 1 : 0;
    const marker = readDirectives(text).noTransaction;
    return {
      sections: [
        {
          direction: /\.down\.sql$/i.test(path) ? 'down' : 'up',
          span: { start, end: text.length },
          transaction: marker === undefined ? 'one' : 'none',
          ...(marker === undefined ? {} : { markerSpan: marker }),
        },
      ],
      problems: [],
    };
  },
  history: lockstepHistory,
  write: writePairs,
};

/** Numbers in order of their value; equal values (`1` and `01`) in order of their text. */
function compareNumbers(left: string, right: string): number {
  const difference = BigInt(left) - BigInt(right);
  if (difference !== 0n) return difference < 0n ? -1 : 1;
  return left < right ? -1 : 1;
}

function writePairs(request: WriteRequest): NewFiles {
  const newest = /^\d+/.exec(request.existing.at(-1)?.id ?? '')?.[0];
  const isTimestamp = newest !== undefined && newest.length >= 12;
  const stamp = request.now.toISOString().replace(/\D/g, '').slice(0, 14);
  const migrations: MigrationFile[] = [];
  const changes: FileChange[] = [];
  let number = newest === undefined ? 0n : BigInt(newest);
  for (const step of request.steps) {
    number += 1n;
    if (isTimestamp && newest.length === 14 && BigInt(stamp) > number) number = BigInt(stamp);
    const name = step.slug.slice(0, MOST_SLUG_LENGTH);
    const id = `${String(number).padStart(newest?.length ?? DEFAULT_DIGITS, '0')}_${name}`;
    const upPath = joinPath(request.folder, `${id}.up.sql`);
    const downPath = joinPath(request.folder, `${id}.down.sql`);
    const marker = step.transaction === 'none' ? '-- lockstep: no-transaction\n' : '';
    const down = downText(step);
    migrations.push({ id, name, upPath, ...(down === undefined ? {} : { downPath }) });
    changes.push({ path: upPath, action: 'create', text: `${stepHeader(step)}${marker}${step.up.trimEnd()}\n` });
    if (down !== undefined)
      changes.push({ path: downPath, action: 'create', text: `${step.down === undefined ? '' : marker}${down}` });
  }
  return { migrations, changes };
}
