import { byEngine } from '../model/engine-id.ts';
import { createHash } from 'node:crypto';
import type { FileChange } from '../core/ports.ts';
import { literalIn, pathFrom } from './blocks/configuration-text.ts';
import { fileFormat } from './blocks/file-format.ts';
import { folderTool } from './blocks/folder-tool.ts';
import { placeholdersIn } from './blocks/placeholders.ts';
import { rowHistory, timeOf } from './blocks/row-history.ts';
import { oneString } from './blocks/whole-file.ts';
import type { FolderTexts } from './history.ts';
import { blockedByPlaceholder } from './sent-text.ts';
import { stepHeader } from './step-text.ts';

/** Source: https://github.com/graphile/migrate, src/migration.ts and src/hash.ts; version 1.4.1. */
const NAME = /^([0-9]+)(-[-_a-zA-Z0-9]*)?\.sql$/;
const HEADER = /^--! ([A-Z][a-zA-Z0-9_]*)(?::(.*))?$/;
const BARE = /^--!\s*no-transaction\b/;

/** graphile-migrate's committed migrations: up halves alone in a chain of sums. The current one is not committed, and not listed. */
export const graphileMigrate = folderTool({
  id: 'graphile-migrate',
  title: 'graphile-migrate',
  configurationFiles: ['.gmrc', '.gmrc.jsonc', '.gmrc.js'],
  defaults: {},
  configured: async (_tree, file) => {
    const folder = pathFrom(file.folder, `${literalIn(file.text, 'migrationsFolder') ?? 'migrations'}/committed`);
    return folder === undefined ? [] : [{ folder, options: {}, dialect: 'postgresql' }];
  },
  recognise: async () => 0,
  history: () =>
    rowHistory({
      table: 'migrations',
      schema: 'graphile_migrate',
      lateArrival: 'refused',
      refuses: (dialect) =>
        byEngine(dialect, {
          postgresql: undefined,
          sqlite: 'graphile-migrate works on PostgreSQL alone: connect to one.',
        }),
      columns: () => [
        'hash text primary key',
        'previous_hash text references graphile_migrate.migrations',
        'filename text not null',
        'date timestamptz not null default now()',
      ],
      afterCreate: () => [
        "create table if not exists graphile_migrate.current (filename text primary key default 'current.sql', content text not null, date timestamptz not null default now())",
      ],
      needs: ['hash', 'previous_hash', 'filename'],
      order: 'filename',
      key: (migration) => `${migration.id}.sql`,
      where: (migration) => ({ filename: `${migration.id}.sql` }),
      row: (migration, texts) => {
        const { headers } = partsOf(texts.textOf(migration.upPath) ?? '');
        return {
          hash: headers.get('Hash') ?? '',
          previous_hash: previousOf(headers) ?? null,
          filename: `${migration.id}.sql`,
        };
      },
      fact: (row) => {
        const appliedAt = timeOf(row['date']);
        return {
          key: String(row['filename']),
          checksum: String(row['hash']),
          ...(appliedAt === undefined ? {} : { appliedAt }),
        };
      },
      checksums: (migration, texts) => {
        const text = texts.textOf(migration.upPath);
        if (text === undefined) return [];
        const { headers, body } = partsOf(text);
        return [headers.has('AllowInvalidHash') ? (headers.get('Hash') ?? '') : hashOf(body, previousOf(headers))];
      },
    }),
  format: (folder) =>
    fileFormat({
      folder,
      keyWord: 'number',
      read: (file) => {
        const [, number, slug = ''] = NAME.exec(file) ?? [];
        return number === undefined
          ? undefined
          : { key: number, id: number, name: slug.replace(/^-/, '') || number, half: 'up' };
      },
      isSidecar: (name) => NAME.test(name),
      check: (migrations, others) => {
        let previous: string | undefined;
        return migrations.flatMap(({ id, upPath: path }) => {
          const { headers, body } = partsOf(others.get(path) ?? '');
          const hash = headers.get('Hash');
          const expected = previous;
          previous = hash;
          if (hash === undefined || !headers.has('Previous'))
            return [
              { path, message: `graphile-migrate refuses ${id}: it has no "--! Previous" or no "--! Hash" line.` },
            ];
          if (previousOf(headers) !== expected)
            return [
              {
                path,
                message: `graphile-migrate refuses ${id}: its "--! Previous" is not the sum of the one before it.`,
              },
            ];
          return headers.has('AllowInvalidHash') || hashOf(body, expected) === hash
            ? []
            : [
                {
                  path,
                  message: `graphile-migrate refuses ${id}: its sum does not verify, because it was edited after it was committed.`,
                },
              ];
        });
      },
      layout: (_path, text, dialect) => {
        const { start } = partsOf(text);
        const bare = BARE.exec(text.slice(start));
        const placeholders = placeholdersIn(text, /(?<!:):([A-Z][A-Z0-9_]*)\b/g, new Map());
        const blocked = blockedByPlaceholder('graphile-migrate', placeholders, 'no file that Lockstep reads');
        return {
          sections: [
            {
              direction: 'up',
              span: { start, end: text.length },
              transaction: bare === null ? 'one' : oneString(dialect),
              ...(bare === null ? {} : { markerSpan: { start, end: start + bare[0].length } }),
              ...(placeholders.length === 0 ? {} : { placeholders }),
              ...(blocked === undefined ? {} : { blocked }),
            },
          ],
          problems: [],
        };
      },
      numbering: { kind: 'sequence', digits: 6 },
      numberOf: (id) => id,
      write: (number, step) => {
        const slug = step.slug.slice(0, 60).replaceAll('_', '-');
        const bare = step.transaction === 'none' ? '--! no-transaction\n' : '';
        const message = step.title === '' ? '' : `--! Message: ${step.title.replaceAll(/\s+/g, ' ')}\n`;
        return {
          id: number,
          files: [
            {
              name: `${number}-${slug}.sql`,
              half: 'up',
              text: `${message}\n${bare}${stepHeader(step)}${step.up.trimEnd()}\n`,
            },
          ],
        };
      },
      settle: chained,
    }),
});

/** Header lines, and the body that the sum is over. */
function partsOf(text: string): {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly start: number;
} {
  const headers = new Map<string, string>();
  let start = 0;
  for (const line of text.split('\n')) {
    const match = HEADER.exec(line);
    if (match === null) break;
    headers.set(match[1] ?? '', (match[2] ?? '').trim());
    // The last line of a file that was cut has no end.
    start = Math.min(start + line.length + 1, text.length);
  }
  const rest = text.slice(start);
  return { headers, body: `${rest.trim()}\n`, start: start + (/\S/.exec(rest)?.index ?? 0) };
}

function previousOf(headers: ReadonlyMap<string, string>): string | undefined {
  const previous = headers.get('Previous');
  return previous === '-' ? undefined : previous;
}

function hashOf(body: string, previous: string | undefined): string {
  const text = `${`${previous ?? ''}\n${body.trim()}`.trim()}\n`;
  return `sha1:${createHash('sha1').update(text).digest('hex')}`;
}

/** The changes with the chain made again from the first changed file on; files before it stay as they are. */
function chained(changes: readonly FileChange[], texts: FolderTexts): readonly FileChange[] {
  const files = new Map(
    texts.migrations.migrations.map((migration) => [migration.upPath, texts.textOf(migration.upPath) ?? ''] as const),
  );
  for (const change of changes) {
    if (change.action === 'delete') files.delete(change.path);
    else files.set(change.path, change.text);
  }
  const byPath = new Map(changes.map((change) => [change.path, change]));
  let previous: string | undefined;
  let isChanged = false;
  for (const [path, text] of [...files].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const { headers, body } = partsOf(text);
    const isOwn = byPath.has(path);
    isChanged ||= isOwn || previousOf(headers) !== previous;
    if (!isChanged) {
      previous = headers.get('Hash');
      continue;
    }
    const hash = hashOf(body, previous);
    const message = headers.get('Message');
    const head = `--! Previous: ${previous ?? '-'}\n--! Hash: ${hash}\n${message === undefined ? '' : `--! Message: ${message}\n`}`;
    byPath.set(path, { path, action: byPath.get(path)?.action ?? 'edit', text: `${head}\n${body}` });
    previous = hash;
  }
  return [...byPath.values()];
}
