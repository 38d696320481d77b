import { byEngine } from '../model/engine-id.ts';
import { createHash } from 'node:crypto';
import type { FileChange } from '../core/ports.ts';
import type { Span } from '../core/span.ts';
import { pathFrom } from './blocks/configuration-text.ts';
import { fileFormat, slugOf } from './blocks/file-format.ts';
import { folderTool } from './blocks/folder-tool.ts';
import { rowHistory, timeOf } from './blocks/row-history.ts';
import { markedRule, wholeFile } from './blocks/whole-file.ts';
import type { FolderTexts } from './history.ts';
import { stepHeader } from './step-text.ts';
import { CERTAINTY } from './tool.ts';

/** Unless it is told otherwise. */
const HISTORY_TABLE = 'atlas_schema_revisions';

/** Source: https://github.com/ariga/atlas, sql/migrate/dir.go and revision.go. */
const NAME = /^([^_]+)(?:_(.*))?\.sql$/;
const SUM = 'atlas.sum';
const BARE = /^--[ \t]*atlas:txmode[ \t]+none\b/m;
const CHECKPOINT = /^--[ \t]*atlas:checkpoint\b/m;
const DELIMITER = /^--[ \t]*atlas:delimiter[ \t]+(.+?)[ \t]*\r?$/m;
/** Kinds of rows. Source: RevisionTypeBaseline, RevisionTypeExecute. */
const BASELINE = 1;
const EXECUTE = 2;
const WRITER = 'Lockstep';

/** Atlas's versioned migrations: up halves alone, with `atlas.sum` over all files, which is kept valid. */
export const atlas = folderTool({
  id: 'atlas',
  title: 'Atlas',
  tellingTables: [{ table: HISTORY_TABLE, columns: ['version', 'executed_at'] }],
  configurationFiles: ['atlas.hcl'],
  sidecarFiles: [SUM],
  defaults: {},
  configured: async (tree, file) => {
    const found = [...file.text.matchAll(/\bdir\s*=\s*"file:\/\/([^"?]+)/g)];
    const folders = found.flatMap((match) => pathFrom(file.folder, match[1] ?? '') ?? []);
    const own: { folder: string; options: object }[] = [];
    for (const folder of folders)
      if ((await tree.folder(folder))?.files.includes(SUM) === true) own.push({ folder, options: {} });
    return own;
  },
  recognise: async (_tree, view) => (view.files.includes(SUM) ? CERTAINTY.configured : 0),
  history: (_options, folder) =>
    rowHistory({
      table: HISTORY_TABLE,
      schema: 'atlas_schema_revisions',
      lateArrival: 'refused',
      marksStart: true,
      columns: (dialect) => {
        const [text, time, json] = byEngine<readonly [string, string, string]>(dialect, {
          postgresql: ['character varying', 'timestamp with time zone', 'jsonb'],
          sqlite: ['text', 'datetime', 'json'],
        });
        return [
          `version ${text} NOT NULL PRIMARY KEY`,
          `description ${text} NOT NULL`,
          `type bigint NOT NULL DEFAULT ${EXECUTE}`,
          'applied bigint NOT NULL DEFAULT 0',
          'total bigint NOT NULL DEFAULT 0',
          `executed_at ${time} NOT NULL`,
          'execution_time bigint NOT NULL',
          'error text NULL',
          'error_stmt text NULL',
          `hash ${text} NOT NULL`,
          `partial_hashes ${json} NULL`,
          `operator_version ${text} NOT NULL`,
        ];
      },
      needs: ['version', 'type', 'applied', 'total', 'hash'],
      order: 'executed_at',
      key: (migration) => versionOf(migration.id),
      where: (migration) => ({ version: versionOf(migration.id) }),
      row: (migration, texts, moment) => ({
        version: versionOf(migration.id),
        description: migration.name,
        type: EXECUTE,
        // The migration counts as one: Atlas begins with its first statement again where it did not end.
        applied: moment.finishedAt === undefined ? 0 : 1,
        total: 1,
        executed_at: moment.startedAt,
        execution_time: BigInt(Math.round(moment.executionMs)) * 1_000_000n,
        error: moment.failure ?? null,
        hash: sumOf(texts, folder).files.get(migration.upPath) ?? '',
        operator_version: WRITER,
      }),
      fact: (row) => {
        const version = String(row['version']);
        // A row that Atlas writes about itself.
        if (version.startsWith('.')) return undefined;
        const appliedAt = timeOf(row['executed_at']);
        const isHalf = Number(row['applied']) < Number(row['total']);
        return {
          key: version,
          name: String(row['description']),
          checksum: String(row['hash']),
          ...(appliedAt === undefined ? {} : { appliedAt }),
          ...(isHalf || (row['error'] !== null && row['error'] !== '') ? { failed: true } : {}),
          ...(Number(row['type']) === BASELINE ? { isBaseline: true } : {}),
        };
      },
      // A file's sum holds those before it, so that an older file that was edited is drift in all after it.
      checksums: (migration, texts) => {
        const own = sumOf(texts, folder).files.get(migration.upPath);
        return own === undefined ? [] : [own];
      },
    }),
  format: (folder) =>
    fileFormat({
      folder,
      keyWord: 'version',
      order: 'text',
      read: (file, text) => {
        const [, version, name = ''] = NAME.exec(file) ?? [];
        if (version === undefined) return undefined;
        const isCheckpoint = text !== undefined && CHECKPOINT.test(text);
        return {
          key: version,
          id: file.replace(/\.sql$/, ''),
          name,
          half: 'up',
          ...(isCheckpoint ? { kind: 'baseline' as const } : {}),
        };
      },
      isSidecar: (name) => name === SUM || name.endsWith('.sql'),
      check: (_migrations, others) => {
        const path = folder === '' ? SUM : `${folder}/${SUM}`;
        const kept = others.get(path);
        const files = [...others].filter(([file]) => file.endsWith('.sql'));
        const now = sumText(files, folder).text;
        if (kept === undefined)
          return [
            { path, message: 'Atlas refuses this folder: it has no atlas.sum. Make it by "atlas migrate hash".' },
          ];
        return kept.replaceAll('\r\n', '\n').trim() === now.trim()
          ? []
          : [
              {
                path,
                message:
                  'atlas.sum does not verify: a file was added, edited or taken away without it, and Atlas refuses the folder. Look at what was changed, then run "atlas migrate hash".',
              },
            ];
      },
      layout: (_path, text) => {
        const mark = DELIMITER.exec(text)?.[1]?.replaceAll('\\n', '\n');
        return wholeFile(
          text,
          'up',
          markedRule(text, BARE, 'none', 'one'),
          mark === undefined ? {} : { pieces: piecesOf(text, mark) },
        );
      },
      numbering: { kind: 'timestamp' },
      numberOf: (id) => /^\d+/.exec(id)?.[0],
      write: (number, step) => {
        const id = `${number}_${slugOf(step)}`;
        // A directive of the file stands apart from what follows, else it is the first statement's.
        const bare = step.transaction === 'none' ? '-- atlas:txmode none\n\n' : '';
        return {
          id,
          files: [{ name: `${id}.sql`, half: 'up', text: `${bare}${stepHeader(step)}${step.up.trimEnd()}\n` }],
        };
      },
      settle: (changes, texts) => withSum(folder, changes, texts),
    }),
});

function versionOf(id: string): string {
  return id.split('_')[0] ?? id;
}

function piecesOf(text: string, mark: string): readonly Span[] {
  const pieces: Span[] = [];
  let start = DELIMITER.exec(text)?.index ?? 0;
  start = text.indexOf('\n', start) + 1;
  while (start < text.length) {
    const found = text.indexOf(mark, start);
    const end = found < 0 ? text.length : found;
    const part = text.slice(start, end);
    const lead = /\S/.exec(part)?.index;
    if (lead !== undefined) pieces.push({ start: start + lead, end: start + part.trimEnd().length });
    start = end + mark.length;
  }
  return pieces;
}

/** The text of atlas.sum: each file's sum is over the names and texts of all up to it, the first line's over names and sums. */
function sumText(
  files: readonly (readonly [path: string, text: string])[],
  folder: string,
): { readonly text: string; readonly files: ReadonlyMap<string, string> } {
  const running = createHash('sha256');
  const whole = createHash('sha256');
  const sums = new Map<string, string>();
  const lines: string[] = [];
  for (const [path, text] of [...files].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const name = folder === '' ? path : path.slice(folder.length + 1);
    if (/^--[ \t]*atlas:sum[ \t]+ignore\b/m.test(text)) continue;
    const sum = running.update(name).update(text).copy().digest('base64');
    sums.set(path, sum);
    whole.update(name).update(sum);
    lines.push(`${name} h1:${sum}\n`);
  }
  return { text: `h1:${whole.digest('base64')}\n${lines.join('')}`, files: sums };
}

function sumOf(texts: FolderTexts, folder: string): ReturnType<typeof sumText> {
  const paths = (texts.migrations.sidecars ?? []).filter((path) => path.endsWith('.sql'));
  return sumText(
    paths.flatMap((path) => {
      const text = texts.textOf(path);
      return text === undefined ? [] : [[path, text] as const];
    }),
    folder,
  );
}

function withSum(folder: string, changes: readonly FileChange[], texts: FolderTexts): readonly FileChange[] {
  const path = folder === '' ? SUM : `${folder}/${SUM}`;
  const files = new Map<string, string>();
  for (const file of texts.migrations.sidecars ?? []) {
    const text = file.endsWith('.sql') ? texts.textOf(file) : undefined;
    if (text !== undefined) files.set(file, text);
  }
  for (const change of changes) {
    if (change.action === 'delete') files.delete(change.path);
    else files.set(change.path, change.text);
  }
  const action = texts.textOf(path) === undefined ? 'create' : 'edit';
  return [...changes, { path, action, text: sumText([...files], folder).text }];
}
