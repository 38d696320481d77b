import { byEngine } from '../model/engine-id.ts';
import { createHash, randomUUID } from 'node:crypto';
import type { Span } from '../core/span.ts';
import type { FileChange } from '../core/ports.ts';
import type { MigrationFile } from '../model/migration.ts';
import { dialectNamed, literalIn, pathFrom } from './blocks/configuration-text.ts';
import { fileFormat, slugOf } from './blocks/file-format.ts';
import { folderTool } from './blocks/folder-tool.ts';
import { rowHistory } from './blocks/row-history.ts';
import { wholeFile } from './blocks/whole-file.ts';
import type { FolderTexts } from './history.ts';
import { stepHeader } from './step-text.ts';
import { CERTAINTY } from './tool.ts';

/** Unless it is told otherwise. */
const HISTORY_TABLE = '__drizzle_migrations';

const NAME = /^(\d{4,})_(.+)\.sql$/;
const BREAKPOINT = '--> statement-breakpoint';

/** `meta/_journal.json`, as drizzle-kit 0.x writes it; what else is in it is kept. */
interface Journal {
  readonly version: string;
  readonly dialect: string;
  readonly entries: readonly JournalEntry[];
}

interface JournalEntry {
  readonly idx: number;
  readonly version: string;
  /** Milliseconds since 1970: what the history keeps. */
  readonly when: number;
  readonly tag: string;
  readonly breakpoints: boolean;
}

interface DrizzleOptions {
  readonly table: string;
  readonly schema: string;
}

/**
 * Drizzle with a journal: up halves alone, run where the journal's time is later than the newest applied one's.
 *
 * Source: https://github.com/drizzle-team/drizzle-orm, drizzle-orm/src/migrator.ts and the dialects' `migrate`.
 */
export const drizzle = folderTool<DrizzleOptions>({
  id: 'drizzle',
  title: 'Drizzle',
  tellingTables: [{ table: HISTORY_TABLE, columns: ['hash', 'created_at'] }],
  configurationFiles: ['drizzle.config.ts', 'drizzle.config.js', 'drizzle.config.mjs', 'drizzle.config.json'],
  sidecarFiles: ['_journal.json', '*_snapshot.json'],
  defaults: { table: HISTORY_TABLE, schema: 'drizzle' },
  configured: async (tree, file) => {
    const folder = pathFrom(file.folder, literalIn(file.text, 'out') ?? 'drizzle');
    const view = folder === undefined ? undefined : await tree.folder(folder);
    // The newer form has folders and no journal; it is another one.
    if (folder === undefined || view?.folders.includes('meta') !== true) return [];
    const dialect = dialectNamed(literalIn(file.text, 'dialect'));
    const own = /\bmigrations\s*:\s*\{([^}]*)\}/.exec(file.text)?.[1] ?? '';
    const options = {
      table: literalIn(own, 'table') ?? HISTORY_TABLE,
      schema: literalIn(own, 'schema') ?? 'drizzle',
    };
    return [{ folder, options, ...(dialect === undefined ? {} : { dialect }) }];
  },
  recognise: async (tree, view) =>
    view.folders.includes('meta') &&
    (await tree.text(view.path === '' ? 'meta/_journal.json' : `${view.path}/meta/_journal.json`))?.includes(
      '"entries"',
    ) === true
      ? CERTAINTY.marker
      : 0,
  history: ({ table, schema }, folder) =>
    rowHistory({
      table,
      schema,
      lateArrival: 'never-runs',
      columns: (dialect) => [
        'id SERIAL PRIMARY KEY',
        'hash text NOT NULL',
        `created_at ${byEngine(dialect, { postgresql: 'bigint', sqlite: 'numeric' })}`,
      ],
      needs: ['id', 'hash', 'created_at'],
      order: 'created_at',
      key: (migration, texts) => String(whenOf(migration, texts, folder) ?? migration.id),
      where: (migration, texts) => ({ created_at: whenOf(migration, texts, folder) ?? null }),
      row: (migration, texts) => ({
        hash: hashOf(migration, texts),
        created_at: whenOf(migration, texts, folder) ?? null,
      }),
      fact: (row) => ({
        key: String(row['created_at']),
        checksum: String(row['hash']),
      }),
      checksums: (migration, texts) => (texts.textOf(migration.upPath) === undefined ? [] : [hashOf(migration, texts)]),
    }),
  format: (folder) =>
    fileFormat({
      folder,
      keyWord: 'tag',
      read: (file) => {
        const name = NAME.exec(file)?.[2];
        return name === undefined ? undefined : { key: file, id: file.replace(/\.sql$/, ''), name, half: 'up' };
      },
      isSidecar: (name) => /^meta\/(?:_journal|\d+_snapshot)\.json$/.test(name),
      sidecarFolders: ['meta'],
      check: (migrations, others) => journalProblems(folder, migrations, others.get(journalOf(folder))),
      layout: (_path, text) =>
        wholeFile(text, 'up', { transaction: 'one' }, text.includes(BREAKPOINT) ? { pieces: piecesOf(text) } : {}),
      numbering: { kind: 'sequence', digits: 4 },
      numberOf: (id) => /^\d+/.exec(id)?.[0],
      refuses: (steps) =>
        steps.some((step) => step.transaction === 'none')
          ? 'Drizzle runs all pending files in one transaction, and a step of this change must run outside one: make that step by hand.'
          : undefined,
      write: (number, step) => {
        const id = `${number}_${slugOf(step)}`;
        return {
          id,
          files: [{ name: `${id}.sql`, half: 'up', text: `${stepHeader(step)}${step.up.trimEnd()}\n` }],
        };
      },
      settle: (changes, texts) => withJournal(folder, changes, texts),
    }),
});

function journalOf(folder: string): string {
  return folder === '' ? 'meta/_journal.json' : `${folder}/meta/_journal.json`;
}

/** The journal's entries; undefined where it is missing or no journal. */
function readJournal(text: string | undefined): Journal | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('entries' in value) || !Array.isArray(value.entries))
      return undefined;
    const isEntry = (entry: unknown): boolean =>
      typeof entry === 'object' &&
      entry !== null &&
      'tag' in entry &&
      'when' in entry &&
      typeof entry.when === 'number';
    // Its shape has just been looked at; the other members are kept as they are.
    return value.entries.every(isEntry) ? (value as unknown as Journal) : undefined;
  } catch {
    // No JSON: said where the folder is listed.
    return undefined;
  }
}

function whenOf(migration: MigrationFile, texts: FolderTexts, folder: string): number | undefined {
  return readJournal(texts.textOf(journalOf(folder)))?.entries.find((entry) => entry.tag === migration.id)?.when;
}

function hashOf(migration: MigrationFile, texts: FolderTexts): string {
  return createHash('sha256')
    .update(texts.textOf(migration.upPath) ?? '')
    .digest('hex');
}

function piecesOf(text: string): readonly Span[] {
  const pieces: Span[] = [];
  let start = text.startsWith('\uFEFF') ? 1 : 0;
  for (const part of text.slice(start).split(BREAKPOINT)) {
    const lead = /\S/.exec(part)?.index;
    if (lead !== undefined) pieces.push({ start: start + lead, end: start + part.trimEnd().length });
    start += part.length + BREAKPOINT.length;
  }
  return pieces;
}

/** Where the journal and the folder disagree, and where its times make Drizzle pass a file over. */
function journalProblems(
  folder: string,
  migrations: readonly MigrationFile[],
  text: string | undefined,
): readonly { readonly path: string; readonly message: string }[] {
  const path = journalOf(folder);
  const journal = readJournal(text);
  if (journal === undefined)
    return [{ path, message: 'The journal meta/_journal.json cannot be read: bring it back from version control.' }];
  const tags = new Set(journal.entries.map((entry) => entry.tag));
  const ids = new Set(migrations.map((migration) => migration.id));
  const later = journal.entries.find((entry, index) =>
    journal.entries.slice(0, index).some((earlier) => earlier.when >= entry.when),
  );
  return [
    ...migrations
      .filter((migration) => !tags.has(migration.id))
      .map((migration) => ({
        path: migration.upPath,
        message: `${migration.id} is not run: the journal does not name it. Let drizzle-kit write it, or add it to meta/_journal.json.`,
      })),
    ...journal.entries
      .filter((entry) => !ids.has(entry.tag))
      .map((entry) => ({ path, message: `The journal names ${entry.tag}, and there is no such file.` })),
    ...(later === undefined
      ? []
      : [
          {
            path,
            message: `${later.tag} has a time that is not after those before it: Drizzle passes it over without a word on a database that has them.`,
          },
        ]),
  ];
}

/** The changes, and the journal and snapshots that go along: a snapshot says what the schema's code makes, which steps leave alone. */
function withJournal(folder: string, changes: readonly FileChange[], texts: FolderTexts): readonly FileChange[] {
  const path = journalOf(folder);
  const journal = readJournal(texts.textOf(path));
  const tagOf = (change: FileChange): string =>
    change.path.slice(change.path.lastIndexOf('/') + 1).replace(/\.sql$/, '');
  const gone = new Set(changes.filter((change) => change.action === 'delete').map(tagOf));
  const added = changes.filter((change) => change.action === 'create').map(tagOf);
  if (journal === undefined || (gone.size === 0 && added.length === 0)) return changes;
  const more: FileChange[] = [];
  const entries = journal.entries.filter((entry) => !gone.has(entry.tag));
  const snapshotOf = (tag: string): string =>
    path.replace('_journal.json', `${/^\d+/.exec(tag)?.[0] ?? tag}_snapshot.json`);
  for (const tag of gone) {
    const snapshot = snapshotOf(tag);
    if (texts.textOf(snapshot) !== undefined) more.push({ path: snapshot, action: 'delete', text: '' });
  }
  const last = journal.entries.at(-1);
  let previous = last === undefined ? undefined : texts.textOf(snapshotOf(last.tag));
  for (const tag of added) {
    const newest = entries.at(-1);
    // One after the newest is later than all, and drizzle-kit's next one is later still.
    const when = (newest?.when ?? 0) + 1;
    entries.push({
      idx: (newest?.idx ?? -1) + 1,
      version: newest?.version ?? '7',
      when,
      tag,
      breakpoints: true,
    });
    const snapshot = nextSnapshot(previous);
    if (snapshot === undefined) continue;
    more.push({ path: snapshotOf(tag), action: 'create', text: snapshot });
    previous = snapshot;
  }
  return [...changes, ...more, { path, action: 'edit', text: JSON.stringify({ ...journal, entries }, undefined, 2) }];
}

function nextSnapshot(text: string | undefined): string | undefined {
  const id = text === undefined ? undefined : /"id"\s*:\s*"([^"]*)"/.exec(text)?.[1];
  if (text === undefined || id === undefined) return undefined;
  return text
    .replace(/("id"\s*:\s*")[^"]*(")/, `$1${randomUUID()}$2`)
    .replace(/("prevId"\s*:\s*")[^"]*(")/, `$1${id}$2`);
}
