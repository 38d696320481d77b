import type { Adapter, History, NewFiles, WriteRequest } from '../tools/adapter.ts';
import type { MigrationFile } from '../model/migration.ts';

const DOWN = /\.down\.sql$/i;
const UP = /(\.up)?\.sql$/i;

/** A folder of SQL files that no migration tool's format fits: read in the order of their names, never applied. */
export const plainAdapter: Adapter = {
  id: 'plain',
  title: 'SQL files',
  async detect(files, root, folder) {
    const entries = await files.readDirectory(folder === '' ? root : `${root}/${folder}`);
    return entries.some((entry) => entry.kind === 'file' && /\.sql$/i.test(entry.name)) ? 1 : 0;
  },
  async list(files, root, folder) {
    const entries = await files.readDirectory(folder === '' ? root : `${root}/${folder}`);
    const names = entries
      .filter((entry) => entry.kind === 'file' && /\.sql$/i.test(entry.name))
      .map((entry) => entry.name)
      .sort();
    const inFolder = (name: string): string => (folder === '' ? name : `${folder}/${name}`);
    return {
      migrations: names
        .filter((name) => !DOWN.test(name))
        .map((name): MigrationFile => {
          const id = name.replace(UP, '');
          const down = names.find((candidate) => DOWN.test(candidate) && candidate.replace(DOWN, '') === id);
          return { id, name: id, upPath: inFolder(name), ...(down === undefined ? {} : { downPath: inFolder(down) }) };
        }),
      problems: [],
    };
  },
  owns: (fileName) => /\.sql$/i.test(fileName),
  layout(path, text) {
    const start = text.startsWith('\uFEFF') ? 1 : 0;
    return {
      sections: [
        { direction: DOWN.test(path) ? 'down' : 'up', span: { start, end: text.length }, transaction: 'none' },
      ],
      problems: [],
    };
  },
  history: noHistory(),
  write: writePlain,
};

/** Plain files have no tool, so nothing can be recorded: every member says so. */
function noHistory(): History {
  const refuse = async (): Promise<never> => {
    throw new Error('plain SQL files have no history table: name the tool of this folder in lockstep.jsonc');
  };
  return {
    table: '',
    exists: async () => false,
    ensure: refuse,
    read: refuse,
    record: refuse,
    remove: refuse,
    checksum: () => undefined,
    lateArrival: 'runs',
  };
}

/** `NNNN_slug.sql` behind the newest number, or `newest_N_slug.sql` where names carry no number. */
function writePlain(request: WriteRequest): NewFiles {
  const newest = request.existing.at(-1)?.id ?? '0000';
  const digits = /^\d+/.exec(newest)?.[0];
  const inFolder = (name: string): string => (request.folder === '' ? name : `${request.folder}/${name}`);
  const written = request.steps.map((step, index) => {
    const prefix =
      digits === undefined
        ? `${newest}_${index + 1}`
        : String(BigInt(digits) + BigInt(index + 1)).padStart(digits.length, '0');
    const id = `${prefix}_${step.slug}`;
    const header = [
      ...(step.changeId === undefined ? [] : [`-- lockstep: change ${step.changeId} phase ${step.phase}`]),
      ...step.requires.map(
        (requirement) =>
          `-- lockstep: requires ${requirement.kind === 'deploy' ? `deploy "${requirement.description}"` : requirement.kind}`,
      ),
      ...step.notes.map((note) => `-- ${note}`),
    ].join('\n');
    const up = `${header}\n${step.up.trimEnd()}\n`;
    const down = step.down === undefined ? undefined : `${step.down.trimEnd()}\n`;
    const migration: MigrationFile = {
      id,
      name: step.slug,
      upPath: inFolder(`${id}.sql`),
      ...(down === undefined ? {} : { downPath: inFolder(`${id}.down.sql`) }),
    };
    return {
      migration,
      changes: [
        { path: migration.upPath, action: 'create' as const, text: up },
        ...(down === undefined || migration.downPath === undefined
          ? []
          : [{ path: migration.downPath, action: 'create' as const, text: down }]),
      ],
    };
  });
  return { migrations: written.map((entry) => entry.migration), changes: written.flatMap((entry) => entry.changes) };
}
