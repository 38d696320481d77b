import { crc32 } from 'node:zlib';
import { byEngine, type EngineId } from '../model/engine-id.ts';
import type { MigrationFile } from '../model/migration.ts';
import { dialectNamed, pathFrom, sectionIn, settingIn } from './blocks/configuration-text.ts';
import { fileFormat, slugOf } from './blocks/file-format.ts';
import { type CellValue, quoted } from './blocks/history-table.ts';
import { folderTool, type ConfiguredFolder } from './blocks/folder-tool.ts';
import { placeholdersIn } from './blocks/placeholders.ts';
import { rowHistory, timeOf } from './blocks/row-history.ts';
import { wholeFile } from './blocks/whole-file.ts';
import type { FolderTexts, History } from './history.ts';
import { naturalOrder } from './natural-order.ts';
import { blockedByPlaceholder } from './sent-text.ts';
import { downText, stepHeader } from './step-text.ts';
import { CERTAINTY } from './tool.ts';

/** Unless it is told otherwise. */
const HISTORY_TABLE = 'flyway_schema_history';

/** Source: https://documentation.red-gate.com/flyway, "Migrations": prefix, version, separator, description. */
const NAME = /^(?:([VUB])(\d+(?:[._]\d+)*)__(.*)|R__(.+))\.sql$/;
/** What Flyway's own PostgreSQL parser runs outside a transaction. Source: PostgreSQLParser.java. */
const BARE =
  /^\s*(?:(?:CREATE(?:\s+UNIQUE)?|DROP)\s+INDEX\s+CONCURRENTLY|REINDEX|VACUUM|ALTER\s+SYSTEM|CREATE\s+(?:DATABASE|TABLESPACE|SUBSCRIPTION)|DROP\s+(?:DATABASE|TABLESPACE)|DISCARD\s+ALL)\b/im;

interface FlywayOptions {
  readonly table: string;
  readonly schema?: string;
  readonly placeholders: ReadonlyMap<string, string>;
  readonly outOfOrder: boolean;
}

const DEFAULTS: FlywayOptions = { table: HISTORY_TABLE, placeholders: new Map(), outOfOrder: false };

/** Flyway: versioned, repeatable, undo and baseline files, and `flyway_schema_history` with a checksum of each. */
export const flyway = folderTool<FlywayOptions>({
  id: 'flyway',
  title: 'Flyway',
  tellingTables: [{ table: HISTORY_TABLE, columns: ['installed_rank', 'version', 'success'] }],
  configurationFiles: ['flyway.conf', 'flyway.toml'],
  sidecarFiles: ['*.sql.conf'],
  defaults: DEFAULTS,
  configured: async (_tree, file) => foldersOf(file),
  recognise: async (_tree, view) => (view.files.some((name) => NAME.test(name)) ? CERTAINTY.marker : 0),
  history,
  format: (folder, options) =>
    fileFormat({
      folder,
      isRecursive: true,
      keyWord: 'version',
      read: (file) => {
        const [, prefix, version = '', name = '', repeatable] = NAME.exec(file) ?? [];
        if (repeatable !== undefined)
          return {
            key: `R ${repeatable}`,
            id: `R__${repeatable}`,
            name: words(repeatable),
            half: 'up',
            kind: 'repeatable',
          };
        if (prefix === undefined) return undefined;
        const id = version.replaceAll('_', '.');
        return prefix === 'B'
          ? { key: `B ${plainVersion(id)}`, id: `B${id}`, name: words(name), half: 'up', kind: 'baseline' }
          : { key: plainVersion(id), id, name: words(name), half: prefix === 'U' ? 'down' : 'up' };
      },
      notRun: (name) => `${name} is not run: Flyway runs V1__name.sql, R__name.sql, B1__name.sql and U1__name.sql.`,
      compareIds,
      layout: (path, text, dialect, other) => {
        const placeholders = placeholdersIn(text, /\$\{([^}\s]+)\}/g, options.placeholders);
        const blocked = blockedByPlaceholder('Flyway', placeholders, "Flyway's configuration");
        const isBare =
          /executeInTransaction\s*=\s*false/i.test(other.get(`${path}.conf`) ?? '') ||
          byEngine(dialect, { postgresql: BARE.test(text), sqlite: false });
        const { sections, problems } = wholeFile(
          text,
          /^U\d/.test(path.slice(path.lastIndexOf('/') + 1)) ? 'down' : 'up',
          { transaction: isBare ? 'none' : 'one' },
          placeholders.length === 0 ? {} : { placeholders },
        );
        return {
          sections: sections.map((section) => (blocked === undefined ? section : { ...section, blocked })),
          problems,
        };
      },
      isSidecar: (name) => name.endsWith('.sql.conf'),
      along: (path) => [`${path}.conf`],
      numbering: { kind: 'sequence', digits: 1 },
      numberOf: (id) => /^B?(\d+)/.exec(id)?.[1],
      write: (number, step) => {
        const stem = `${number}__${slugOf(step)}`;
        const down = downText(step);
        const conf = 'executeInTransaction=false\n';
        const isBare = step.transaction === 'none';
        return {
          id: number,
          files: [
            { name: `V${stem}.sql`, half: 'up', text: `${stepHeader(step)}${step.up.trimEnd()}\n` },
            ...(isBare ? [{ name: `V${stem}.sql.conf`, half: 'sidecar' as const, text: conf }] : []),
            ...(down === undefined ? [] : [{ name: `U${stem}.sql`, half: 'down' as const, text: down }]),
            ...(down === undefined || step.down === undefined || !isBare
              ? []
              : [{ name: `U${stem}.sql.conf`, half: 'sidecar' as const, text: conf }]),
          ],
        };
      },
    }),
});

/** Folders that `flyway.locations` names on the file system; the default one is found by its files' names. */
function foldersOf(file: {
  readonly folder: string;
  readonly path: string;
  readonly text: string;
}): readonly ConfiguredFolder<FlywayOptions>[] {
  const isToml = file.path.endsWith('.toml');
  const text = isToml ? sectionIn(file.text, 'flyway') : file.text;
  const setting = (name: string): string | undefined => settingIn(text, isToml ? name : `flyway.${name}`);
  const schema =
    setting('defaultSchema') ??
    setting('schemas')
      ?.split(',')[0]
      ?.replaceAll(/[[\]"'\s]/g, '');
  const placeholders = new Map(
    [
      ...(isToml ? sectionIn(file.text, 'flyway.placeholders') : file.text).matchAll(
        isToml
          ? /^[ \t]*([\w.-]+)[ \t]*=[ \t]*["']?(.*?)["']?[ \t]*$/gm
          : /^flyway\.placeholders\.(\S+?)[ \t]*=[ \t]*(.*?)[ \t]*$/gm,
      ),
    ].map((match) => [(match[1] ?? '').toLowerCase(), match[2] ?? ''] as const),
  );
  const options: FlywayOptions = {
    table: setting('table') ?? DEFAULTS.table,
    placeholders,
    outOfOrder: setting('outOfOrder') === 'true',
    ...(schema === undefined || schema === '' ? {} : { schema }),
  };
  const url = setting('url') ?? settingIn(sectionIn(file.text, 'environments.default'), 'url');
  const dialect = dialectNamed(url?.replace(/^jdbc:/, ''));
  return (setting('locations') ?? 'filesystem:sql')
    .split(',')
    .map((location) => location.replaceAll(/[[\]"'\s]/g, ''))
    .filter((location) => location.startsWith('filesystem:'))
    .flatMap((location) => {
      const folder = pathFrom(file.folder, location.slice('filesystem:'.length));
      return folder === undefined ? [] : [{ folder, options, ...(dialect === undefined ? {} : { dialect }) }];
    });
}

function history(options: FlywayOptions, folder: string): History {
  const scriptOf = (migration: MigrationFile): string =>
    folder === '' ? migration.upPath : migration.upPath.slice(folder.length + 1);
  return rowHistory({
    table: options.table,
    schema: options.schema,
    lateArrival: options.outOfOrder ? 'runs' : 'refused',
    columns: (dialect: EngineId) => [
      'installed_rank INTEGER NOT NULL PRIMARY KEY',
      'version VARCHAR(50)',
      'description VARCHAR(200) NOT NULL',
      'type VARCHAR(20) NOT NULL',
      'script VARCHAR(1000) NOT NULL',
      'checksum INTEGER',
      'installed_by VARCHAR(100) NOT NULL',
      byEngine(dialect, {
        postgresql: 'installed_on TIMESTAMP NOT NULL DEFAULT now()',
        sqlite: "installed_on TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now'))",
      }),
      'execution_time INTEGER NOT NULL',
      'success BOOLEAN NOT NULL',
    ],
    afterCreate: (name) => [`CREATE INDEX IF NOT EXISTS ${quoted(`${options.table}_s_idx`)} ON ${name} (success)`],
    needs: ['installed_rank', 'version', 'script', 'checksum', 'success'],
    order: 'installed_rank',
    key: (migration) =>
      migration.kind === 'repeatable'
        ? `R ${migration.name}`
        : migration.kind === 'baseline'
          ? `B ${plainVersion(migration.id.slice(1))}`
          : plainVersion(migration.id),
    where: (migration) => ({
      version: migration.kind === 'versioned' ? migration.id : null,
      script: scriptOf(migration),
    }),
    row: (migration, folder, moment, { table, dialect }) => ({
      installed_rank: { sql: `(SELECT coalesce(max(installed_rank), 0) + 1 FROM ${table})` },
      version: migration.kind === 'repeatable' ? null : migration.id.replace(/^B/, ''),
      description: migration.name.slice(0, 200),
      type: migration.kind === 'baseline' ? 'SQL_BASELINE' : 'SQL',
      script: scriptOf(migration),
      checksum: Number(checksumOf(migration, folder)),
      installed_by: byEngine<CellValue>(dialect, { postgresql: { sql: 'current_user' }, sqlite: '' }),
      execution_time: Math.round(moment.executionMs),
      success: moment.finishedAt !== undefined,
    }),
    fact: (row) => {
      const type = String(row['type']);
      // Rows that Flyway writes about itself say nothing of a migration.
      if (type === 'SCHEMA') return undefined;
      const version = row['version'] === null ? undefined : String(row['version']);
      const appliedAt = timeOf(row['installed_on']);
      const isFailed = row['success'] === false || row['success'] === 0;
      const plain = version === undefined ? `R ${String(row['description'])}` : plainVersion(version);
      return {
        key: type === 'SQL_BASELINE' ? `B ${plain}` : plain,
        name: String(row['description']),
        ...(row['checksum'] === null ? {} : { checksum: String(row['checksum']) }),
        ...(appliedAt === undefined ? {} : { appliedAt }),
        ...(isFailed ? { failed: true } : {}),
        ...(type === 'UNDO_SQL' || type === 'DELETE' ? { undone: true } : {}),
        ...(type === 'BASELINE' ? { isBaseline: true } : {}),
      };
    },
    checksums: (migration, folder) =>
      folder.textOf(migration.upPath) === undefined ? [] : [checksumOf(migration, folder)],
  });
}

/** CRC-32 of the lines' bytes without their ends, as a signed number. Source: ChecksumCalculator.java. */
function checksumOf(migration: MigrationFile, folder: FolderTexts): string {
  const text = (folder.textOf(migration.upPath) ?? '').replace(/^\uFEFF/, '');
  return String(crc32(text.replaceAll(/\r\n|\r|\n/g, '')) | 0);
}

/** A version as it is compared: `1.0`, `01` and `1` are one. */
function plainVersion(version: string): string {
  const parts = version.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (parts.length > 1 && parts.at(-1) === '0') parts.pop();
  return parts.join('.');
}

function words(description: string): string {
  return description.replaceAll('_', ' ');
}

/** Versions by their parts, a baseline after the version that it stands for, repeatable files last in the order of their names. */
function compareIds(left: string, right: string): number {
  const isRepeatable = (id: string): boolean => id.startsWith('R__');
  if (isRepeatable(left) !== isRepeatable(right)) return isRepeatable(left) ? 1 : -1;
  if (isRepeatable(left)) return left === right ? 0 : left < right ? -1 : 1;
  const plain = (id: string): string => plainVersion(id.replace(/^B/, ''));
  return naturalOrder(plain(left), plain(right)) || (left === right ? 0 : left.startsWith('B') ? 1 : -1);
}
