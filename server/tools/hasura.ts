import { byEngine } from '../model/engine-id.ts';
import { pathFrom, settingIn } from './blocks/configuration-text.ts';
import { slugOf } from './blocks/file-format.ts';
import { folderFormat } from './blocks/folder-format.ts';
import { type ConfiguredFolder, folderTool } from './blocks/folder-tool.ts';
import { readHistory } from './blocks/read-history.ts';
import type { RowFact } from './blocks/row-history.ts';
import { oneString, wholeFile } from './blocks/whole-file.ts';
import { downText, stepHeader } from './step-text.ts';

/** Source: https://github.com/hasura/graphql-engine, cli/migrate and cli/internal/statestore. */
const NAME = /^(\d+)_(.*)$/;

/** Hasura: a folder for each migration, one level below for each database; its state is in Hasura's own catalog. */
export const hasura = folderTool<{ readonly source: string }>({
  id: 'hasura',
  title: 'Hasura',
  configurationFiles: ['config.yaml'],
  defaults: { source: 'default' },
  configured: async (tree, file) => {
    if (!/^(?:metadata_directory|endpoint|migrations_directory)\s*:/m.test(file.text)) return [];
    const base = pathFrom(file.folder, settingIn(file.text, 'migrations_directory') ?? 'migrations');
    const view = base === undefined ? undefined : await tree.folder(base);
    if (base === undefined || view === undefined) return [];
    const isFlat = view.folders.some((name) => NAME.test(name));
    return (isFlat ? [''] : view.folders).map(
      (source): ConfiguredFolder<{ readonly source: string }> => ({
        folder: source === '' ? base : `${base}/${source}`,
        options: { source: source === '' ? 'default' : source },
        dialect: 'postgresql',
      }),
    );
  },
  recognise: async () => 0,
  applier: {
    kind: 'command',
    why: "Hasura keeps what it has applied in its own server's catalog.",
    apply: 'hasura migrate apply',
    revert: 'hasura migrate apply --down 1',
  },
  history: ({ source }) =>
    readHistory({
      tool: 'Hasura',
      table: 'hdb_version',
      schema: 'hdb_catalog',
      needs: ['cli_state'],
      refuses: (dialect) =>
        byEngine(dialect, {
          postgresql: undefined,
          sqlite: "Hasura's catalog is in PostgreSQL: connect to its metadata database.",
        }),
      key: (migration) => versionOf(migration.id),
      facts: (row) => factsOf(row['cli_state'], source),
    }),
  format: (folder) =>
    folderFormat({
      folder,
      read: (name) => {
        const match = NAME.exec(name);
        return match === null ? undefined : { key: match[1] ?? name, id: name, name: match[2] ?? name };
      },
      upFile: 'up.sql',
      downFile: 'down.sql',
      layout: (path, text, dialect) =>
        wholeFile(text, path.endsWith('/down.sql') ? 'down' : 'up', { transaction: oneString(dialect) }),
      numbering: { kind: 'unix-milliseconds' },
      numberOf: versionOf,
      write: (number, step) => {
        const name = `${number}_${slugOf(step)}`;
        const down = downText(step);
        return {
          id: name,
          folder: name,
          files: {
            'up.sql': `${stepHeader(step)}${step.up.trimEnd()}\n`,
            ...(down === undefined ? {} : { 'down.sql': down }),
          },
        };
      },
    }),
});

function versionOf(id: string): string {
  return /^\d+/.exec(id)?.[0] ?? id;
}

/** `{ "migrations": { "default": { "1704067200000": false } } }`: true where it failed half-way. */
function factsOf(state: unknown, source: string): readonly RowFact[] {
  const migrations = memberOf(memberOf(state, 'migrations'), source);
  return typeof migrations !== 'object' || migrations === null
    ? []
    : Object.entries(migrations).map(([key, isDirty]) => ({ key, ...(isDirty === true ? { failed: true } : {}) }));
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
