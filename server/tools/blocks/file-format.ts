import type { FileChange } from '../../core/ports.ts';
import type { EngineId } from '../../model/engine-id.ts';
import type { DocumentLayout, MigrationFile, MigrationKind } from '../../model/migration.ts';
import { folderPath, joinPath, readNames } from '../folder.ts';
import type { Format, WrittenStep } from '../format.ts';
import { naturalOrder } from '../natural-order.ts';
import { nextNumbers, type NumberStyle } from './numbering.ts';

/** What the name of a file says. */
export interface ReadName {
  /** Files of one key are one migration. */
  readonly key: string;
  readonly id: string;
  readonly name: string;
  readonly half: 'up' | 'down' | 'both';
  readonly kind?: MigrationKind;
}

/** One new file. */
export interface NewFile {
  readonly name: string;
  readonly half: 'up' | 'down' | 'both';
  readonly text: string;
}

/** Migrations that are files of one folder: pairs, marked files, or up halves alone. */
export interface FileFormat {
  readonly folder: string;
  /** Reads a file's name; undefined for a file that is no migration. */
  readonly read: (name: string) => ReadName | undefined;
  /** Why the tool does not run a .sql file whose name says nothing, as a sentence; undefined where such files are welcome. */
  readonly notRun?: (name: string) => string;
  /** What two files of one key have in common, for people: `number`, `version`. */
  readonly keyWord: string;
  /** `text` where the tool sorts the names as texts, so that 10 comes before 9. */
  readonly order?: 'natural' | 'text';
  /** Where the kinds do not simply follow their ids. */
  readonly compareIds?: (left: string, right: string) => number;
  readonly layout: (path: string, text: string, dialect: EngineId) => DocumentLayout;
  readonly numbering: NumberStyle;
  /** The digits of an id that new ones come after. */
  readonly numberOf: (id: string) => string | undefined;
  readonly write: (
    number: string,
    step: WrittenStep,
    dialect: EngineId,
  ) => { readonly id: string; readonly files: readonly NewFile[] };
  readonly refuses?: Format['refuses'];
  readonly settle?: Format['settle'];
  readonly sidecars?: readonly string[];
}

export function fileFormat(spec: FileFormat): Format {
  const { folder } = spec;
  const compareIds =
    spec.compareIds ??
    (spec.order === 'text'
      ? (left: string, right: string): number => (left === right ? 0 : left < right ? -1 : 1)
      : naturalOrder);
  const nameIn = (path: string): string | undefined => {
    const slash = path.lastIndexOf('/');
    return path.slice(0, Math.max(0, slash)) === folder ? path.slice(slash + 1) : undefined;
  };
  return {
    async list(files, root) {
      const problems: { path: string; message: string }[] = [];
      const found = new Map<string, { readonly read: ReadName; up?: string; down?: string }>();
      const names = await readNames(files, folderPath(root, folder));
      for (const name of names) {
        const read = spec.read(name);
        if (read === undefined) {
          if (spec.notRun !== undefined && /\.sql$/i.test(name))
            problems.push({ path: joinPath(folder, name), message: spec.notRun(name) });
          continue;
        }
        const known = found.get(read.key);
        const other = read.half === 'both' ? (known?.up ?? known?.down) : read.half === 'up' ? known?.up : known?.down;
        if (other !== undefined) {
          problems.push({
            path: joinPath(folder, name),
            message: `${name} and ${other} have one ${spec.keyWord}, ${read.key}: give one of them a ${spec.keyWord} of its own, or only the first is run.`,
          });
          continue;
        }
        const entry: { read: ReadName; up?: string; down?: string } = known ?? { read };
        if (read.half !== 'down') {
          entry.up = name;
          // The up half names the migration; a down half was perhaps read first.
          entry.read = read;
        }
        if (read.half !== 'up') entry.down = name;
        found.set(read.key, entry);
      }
      const migrations: MigrationFile[] = [];
      const sorted = [...found.values()].sort((left, right) =>
        spec.order === 'text'
          ? (left.up ?? left.read.id) < (right.up ?? right.read.id)
            ? -1
            : 1
          : compareIds(left.read.id, right.read.id),
      );
      for (const entry of sorted) {
        const { id, name, kind = 'versioned' } = entry.read;
        if (entry.up === undefined) {
          problems.push({
            path: joinPath(folder, entry.down ?? ''),
            message: `${entry.down ?? id} has no up half: add one, or delete this file.`,
          });
          continue;
        }
        migrations.push({
          kind,
          id,
          name,
          upPath: joinPath(folder, entry.up),
          ...(entry.down === undefined ? {} : { downPath: joinPath(folder, entry.down) }),
        });
      }
      if (spec.order === 'text') problems.push(...unpadded(migrations));
      const sidecars = (spec.sidecars ?? []).filter((name) => names.includes(name));
      return {
        migrations,
        problems,
        ...(sidecars.length === 0 ? {} : { sidecars: sidecars.map((name) => joinPath(folder, name)) }),
      };
    },
    holds(path) {
      const name = nameIn(path);
      return name !== undefined && spec.read(name) !== undefined;
    },
    layout: spec.layout,
    compareIds,
    ...(spec.refuses === undefined ? {} : { refuses: spec.refuses }),
    write(request) {
      const migrations: MigrationFile[] = [];
      const changes: FileChange[] = [];
      const existing = request.folder.migrations.migrations.flatMap((migration) => spec.numberOf(migration.id) ?? []);
      const newest = request.folder.migrations.migrations.at(-1);
      const numbers =
        newest === undefined || existing.length > 0
          ? nextNumbers(existing, request.steps.length, request.now, spec.numbering)
          : // Names without any number: new ones sort after the newest.
            request.steps.map((_, index) => `${newest.id}_${index + 1}`);
      for (const [index, step] of request.steps.entries()) {
        const written = spec.write(numbers[index] ?? '', step, request.dialect);
        const pathOf = (half: 'up' | 'down'): string | undefined => {
          const file = written.files.find((candidate) => candidate.half === half || candidate.half === 'both');
          return file === undefined ? undefined : joinPath(folder, file.name);
        };
        const downPath = pathOf('down');
        migrations.push({
          kind: 'versioned',
          id: written.id,
          name: step.slug,
          upPath: pathOf('up') ?? '',
          ...(downPath === undefined ? {} : { downPath }),
        });
        for (const file of written.files)
          changes.push({ path: joinPath(folder, file.name), action: 'create', text: file.text });
      }
      return { migrations, changes };
    },
    remove: removeFiles,
    ...(spec.settle === undefined ? {} : { settle: spec.settle }),
  };
}

/** Both halves of a migration whose documents hold nothing else. */
export function removeFiles(migration: MigrationFile): readonly FileChange[] {
  return [...new Set([migration.upPath, ...(migration.downPath === undefined ? [] : [migration.downPath])])].map(
    (path) => ({ path, action: 'delete', text: '' }),
  );
}

/** The first migration that a text sort puts before one with a smaller number. */
function unpadded(
  migrations: readonly MigrationFile[],
): readonly { readonly path: string; readonly message: string }[] {
  for (const [index, migration] of migrations.entries()) {
    const next = migrations[index + 1];
    if (next !== undefined && naturalOrder(migration.id, next.id) > 0)
      return [
        {
          path: migration.upPath,
          message: `${migration.id} runs before ${next.id}, because names are sorted as texts: pad the numbers with zeros to one length.`,
        },
      ];
  }
  return [];
}

/** File systems allow 255 bytes; names are kept short enough to read. */
const MOST_SLUG_LENGTH = 80;

/** A step's slug as part of a file's name. */
export function slugOf(step: WrittenStep): string {
  return step.slug.slice(0, MOST_SLUG_LENGTH);
}
