import type { FileChange } from '../../core/ports.ts';
import type { EngineId } from '../../model/engine-id.ts';
import type { DocumentLayout, MigrationFile } from '../../model/migration.ts';
import { folderPath, joinPath } from '../folder.ts';
import type { Format, WrittenStep } from '../format.ts';
import { naturalOrder } from '../natural-order.ts';
import { nextNumbers, type NumberStyle } from './numbering.ts';

/** Migrations that are folders of their own, with files of fixed names. */
export interface FolderFormat {
  readonly folder: string;
  /** Reads a folder's name; undefined for a folder that is no migration. */
  readonly read: (name: string) => { readonly key: string; readonly id: string; readonly name: string } | undefined;
  readonly upFile: string;
  readonly downFile?: string;
  /** Further files of a migration's folder, which are read and go with it. */
  readonly otherFiles?: readonly string[];
  /** `other` has the texts of `otherFiles` that there are. */
  readonly layout: (
    path: string,
    text: string,
    dialect: EngineId,
    other: ReadonlyMap<string, string>,
  ) => DocumentLayout;
  readonly order?: 'natural' | 'text';
  readonly numbering: NumberStyle;
  readonly numberOf: (id: string) => string | undefined;
  /** Name of a new folder, and texts of its files by name. */
  readonly write: (
    number: string,
    step: WrittenStep,
  ) => { readonly id: string; readonly folder: string; readonly files: Readonly<Record<string, string>> };
  readonly refuses?: Format['refuses'];
  readonly settle?: Format['settle'];
}

export function folderFormat(spec: FolderFormat): Format {
  const { folder } = spec;
  const compareIds =
    spec.order === 'text'
      ? (left: string, right: string): number => (left === right ? 0 : left < right ? -1 : 1)
      : naturalOrder;
  /** Texts of the other files by the folder of their migration, as the folder was last listed. */
  const others = new Map<string, ReadonlyMap<string, string>>();
  const placeOf = (path: string): { readonly inner: string; readonly file: string } | undefined => {
    const rest = folder === '' ? path : path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : '';
    const [inner, file, more] = rest.split('/');
    return inner === undefined || file === undefined || more !== undefined ? undefined : { inner, file };
  };
  return {
    async list(files, root) {
      const problems: { path: string; message: string }[] = [];
      const found = new Map<string, MigrationFile>();
      const sidecars: string[] = [];
      others.clear();
      for (const entry of await entriesOf(files, folderPath(root, folder))) {
        if (entry.kind !== 'directory') continue;
        const read = spec.read(entry.name);
        if (read === undefined) continue;
        const inner = joinPath(folder, entry.name);
        const names = (await entriesOf(files, folderPath(root, inner)))
          .filter((file) => file.kind === 'file')
          .map((file) => file.name);
        // An empty folder is what version control leaves of one that was deleted.
        if (names.length === 0) continue;
        const other = found.get(read.key);
        if (other !== undefined) {
          problems.push({
            path: `${inner}/${spec.upFile}`,
            message: `${entry.name} and ${other.upPath.split('/').at(-2) ?? ''} have one version, ${read.key}: give one of them a version of its own, or only the first is run.`,
          });
          continue;
        }
        if (!names.includes(spec.upFile)) {
          problems.push({
            path: `${inner}/${names[0] ?? ''}`,
            message: `${entry.name} has no ${spec.upFile}: add it, or delete the folder.`,
          });
          continue;
        }
        const own = new Map<string, string>();
        for (const name of spec.otherFiles ?? []) {
          if (!names.includes(name)) continue;
          own.set(name, await files.readText(`${folderPath(root, inner)}/${name}`));
          sidecars.push(`${inner}/${name}`);
        }
        others.set(entry.name, own);
        found.set(read.key, {
          kind: 'versioned',
          id: read.id,
          name: read.name,
          upPath: `${inner}/${spec.upFile}`,
          ...(spec.downFile !== undefined && names.includes(spec.downFile)
            ? { downPath: `${inner}/${spec.downFile}` }
            : {}),
        });
      }
      const migrations = [...found.values()].sort((left, right) => compareIds(left.id, right.id));
      return { migrations, problems, ...(sidecars.length === 0 ? {} : { sidecars }) };
    },
    holds(path) {
      const place = placeOf(path);
      return (
        place !== undefined &&
        (place.file === spec.upFile || place.file === spec.downFile) &&
        spec.read(place.inner) !== undefined
      );
    },
    layout(path, text, dialect) {
      return spec.layout(path, text, dialect, others.get(placeOf(path)?.inner ?? '') ?? new Map());
    },
    compareIds,
    ...(spec.refuses === undefined ? {} : { refuses: spec.refuses }),
    write(request) {
      const existing = request.folder.migrations.migrations.flatMap((migration) => spec.numberOf(migration.id) ?? []);
      const numbers = nextNumbers(existing, request.steps.length, request.now, spec.numbering);
      const migrations: MigrationFile[] = [];
      const changes: FileChange[] = [];
      for (const [index, step] of request.steps.entries()) {
        const written = spec.write(numbers[index] ?? '', step);
        const inner = joinPath(folder, written.folder);
        migrations.push({
          kind: 'versioned',
          id: written.id,
          name: step.slug,
          upPath: `${inner}/${spec.upFile}`,
          ...(spec.downFile !== undefined && spec.downFile in written.files
            ? { downPath: `${inner}/${spec.downFile}` }
            : {}),
        });
        for (const [name, text] of Object.entries(written.files))
          changes.push({ path: `${inner}/${name}`, action: 'create', text });
      }
      return { migrations, changes };
    },
    remove(migration, texts) {
      const inner = migration.upPath.slice(0, migration.upPath.lastIndexOf('/'));
      const names = [spec.upFile, ...(spec.downFile === undefined ? [] : [spec.downFile]), ...(spec.otherFiles ?? [])];
      return names
        .map((name) => `${inner}/${name}`)
        .filter((path) => path === migration.upPath || path === migration.downPath || texts.textOf(path) !== undefined)
        .map((path) => ({ path, action: 'delete', text: '', withFolder: true }));
    },
    ...(spec.settle === undefined ? {} : { settle: spec.settle }),
  };
}

async function entriesOf(
  files: Parameters<Format['list']>[0],
  folder: string,
): Promise<Awaited<ReturnType<Parameters<Format['list']>[0]['readDirectory']>>> {
  try {
    return [...(await files.readDirectory(folder))].sort((left, right) => (left.name < right.name ? -1 : 1));
  } catch {
    // A folder that went away, or that may not be read, holds no migrations for us.
    return [];
  }
}
