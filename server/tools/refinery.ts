import type { MigrationFile } from '../model/migration.ts';
import { fileFormat, slugOf } from './blocks/file-format.ts';
import { folderTool } from './blocks/folder-tool.ts';
import { isMentioned } from './blocks/mentions.ts';
import { rowHistory, timeOf } from './blocks/row-history.ts';
import { sipHash } from './blocks/sip-hash.ts';
import { wholeFile } from './blocks/whole-file.ts';
import type { FolderTexts } from './history.ts';
import { stepHeader } from './step-text.ts';
import { CERTAINTY } from './tool.ts';

/** Unless it is told otherwise. */
const HISTORY_TABLE = 'refinery_schema_history';

/** Source: https://github.com/rust-db/refinery, refinery_core/src/runner.rs. */
const NAME = /^[VU](\d+)__(\w+)\.sql$/;

/** Refinery: up halves alone, with the SipHash-1-3 of name, version and text. */
export const refinery = folderTool({
  id: 'refinery',
  title: 'Refinery',
  tellingTables: [{ table: HISTORY_TABLE, columns: ['version', 'checksum'] }],
  configurationFiles: ['refinery.toml'],
  defaults: {},
  recognise: async (tree, view) =>
    view.files.some((name) => NAME.test(name)) &&
    (await isMentioned(tree, view.path, ['Cargo.toml', 'refinery.toml'], /\brefinery\b|^\[main\]/m))
      ? CERTAINTY.configured
      : 0,
  history: () =>
    rowHistory({
      table: HISTORY_TABLE,
      lateArrival: 'refused',
      columns: () => [
        'version INT4 PRIMARY KEY',
        'name VARCHAR(255)',
        'applied_on VARCHAR(255)',
        'checksum VARCHAR(255)',
      ],
      needs: ['version', 'name', 'applied_on', 'checksum'],
      key: (migration) => String(Number(migration.id)),
      where: (migration) => ({ version: Number(migration.id) }),
      row: (migration, texts, moment) => ({
        version: Number(migration.id),
        name: migration.name,
        applied_on: (moment.finishedAt ?? moment.startedAt).toISOString(),
        checksum: checksumOf(migration, texts),
      }),
      fact: (row) => {
        const appliedAt = timeOf(row['applied_on']);
        return {
          key: String(row['version']),
          name: String(row['name']),
          checksum: String(row['checksum']),
          ...(appliedAt === undefined ? {} : { appliedAt }),
        };
      },
      checksums: (migration, texts) =>
        texts.textOf(migration.upPath) === undefined ? [] : [checksumOf(migration, texts)],
    }),
  format: (folder) =>
    fileFormat({
      folder,
      isRecursive: true,
      keyWord: 'version',
      read: (file) => {
        const [, version, name = ''] = NAME.exec(file) ?? [];
        return version === undefined ? undefined : { key: String(Number(version)), id: version, name, half: 'up' };
      },
      notRun: (name) => `${name} is not run: Refinery runs files named V1__name.sql.`,
      foreign: (name) =>
        /^[VU]\d+__\w+\.rs$/.test(name)
          ? `${name} is a migration in Rust: Lockstep neither reads nor runs it, so run the ones after it by Refinery itself.`
          : undefined,
      layout: (_path, text) => wholeFile(text, 'up', { transaction: 'one' }),
      numbering: { kind: 'sequence', digits: 1 },
      numberOf: (id) => id,
      refuses: (steps) =>
        steps.some((step) => step.transaction === 'none')
          ? 'Refinery runs a migration in a transaction, and a step of this change must run outside one: make that step by hand.'
          : undefined,
      write: (number, step) => ({
        id: number,
        files: [
          {
            name: `V${number}__${slugOf(step)}.sql`,
            half: 'up',
            text: `${stepHeader(step)}${step.up.trimEnd()}\n`,
          },
        ],
      }),
    }),
});

/** As Rust hashes a text: its bytes and 0xff; a number of 32 bits: its bytes, the lowest first. */
function checksumOf(migration: MigrationFile, texts: FolderTexts): string {
  const version = Buffer.alloc(4);
  version.writeInt32LE(Number(migration.id));
  const end = Buffer.from([0xff]);
  const bytes = Buffer.concat([
    Buffer.from(migration.name),
    end,
    version,
    Buffer.from(texts.textOf(migration.upPath) ?? ''),
    end,
  ]);
  return String(sipHash(bytes, [1, 3]));
}
