import type { FileChange, FileSystem } from '../../core/ports.ts';
import type { Directives } from '../../model/directives.ts';
import type { EngineId } from '../../model/engine-id.ts';
import type { DocumentLayout, MigrationFile, MigrationKind } from '../../model/migration.ts';
import { folderPath, joinPath, readNames } from '../folder.ts';
import type { Format, WrittenStep } from '../format.ts';
import type { FolderTexts } from '../history.ts';
import { naturalOrder } from '../natural-order.ts';
import { downText, stepHeader } from '../step-text.ts';
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
  /** `sidecar`: goes along with the documents. */
  readonly half: 'up' | 'down' | 'both' | 'sidecar';
  readonly text: string;
}

/** Migrations that are files of one folder: pairs, marked files, or up halves alone. */
export interface FileFormat {
  readonly folder: string;
  /** The tool looks into folders below too. */
  readonly isRecursive?: boolean;
  /** Reads a file's name, and its path below the folder; undefined for a file that is no migration. */
  readonly read: (name: string, text: string | undefined, path: string) => ReadName | undefined;
  /** Why the tool does not run a .sql file whose name says nothing, as a sentence; undefined where such files are welcome. */
  readonly notRun?: (name: string) => string;
  /** What is to be said of a file that is no SQL and yet the tool's: a sentence. */
  readonly foreign?: (name: string) => string | undefined;
  /** What is wrong with the migrations together. */
  readonly check?: (
    migrations: readonly MigrationFile[],
    others: ReadonlyMap<string, string>,
  ) => readonly { readonly path: string; readonly message: string; readonly stopsRuns?: boolean }[];
  /** What two files of one key have in common, for people: `number`, `version`. */
  readonly keyWord: string;
  /** `text` where the tool sorts the names as texts, so that 10 comes before 9. */
  readonly order?: 'natural' | 'text';
  /** Where the kinds do not simply follow their ids. */
  readonly compareIds?: (left: string, right: string) => number;
  /** The ids in the tool's order, where that is a graph which the documents themselves tell. */
  readonly arrange?: (
    migrations: readonly { readonly id: string; readonly path: string }[],
    others: ReadonlyMap<string, string>,
  ) => readonly string[];
  /** `other` has the texts of sidecar files by path; `own`: what Lockstep's own lines say. */
  readonly layout: (
    path: string,
    text: string,
    dialect: EngineId,
    other: ReadonlyMap<string, string>,
    own: Directives,
  ) => DocumentLayout;
  readonly numbering: NumberStyle;
  /** The digits of an id that new ones come after. */
  readonly numberOf: (id: string) => string | undefined;
  readonly write: (
    number: string,
    step: WrittenStep,
    dialect: EngineId,
    folder: FolderTexts,
    /** Id of the one before it. */
    before: string | undefined,
  ) => { readonly id: string; readonly files: readonly NewFile[] };
  readonly refuses?: Format['refuses'];
  /** Further files that go with a migration's document, by its path. */
  readonly along?: (path: string) => readonly string[];
  readonly settle?: Format['settle'];
  /** Files beside the documents that are read and go along with them; by name, with the path below the folder. */
  readonly isSidecar?: (name: string) => boolean;
  /** Folders in the folder that hold such files. */
  readonly sidecarFolders?: readonly string[];
}

export function fileFormat(spec: FileFormat): Format {
  const { folder } = spec;
  /** Places of the ids, where the documents tell their order, as the folder was last listed. */
  let places: ReadonlyMap<string, number> = new Map();
  const byText = (left: string, right: string): number => (left === right ? 0 : left < right ? -1 : 1);
  const byPlace = (left: string, right: string): number => {
    const [one, other] = [left, right].map((id) => places.get(id) ?? places.size);
    return (one ?? 0) - (other ?? 0) || byText(left, right);
  };
  const compareIds =
    spec.compareIds ?? (spec.arrange !== undefined ? byPlace : spec.order === 'text' ? byText : naturalOrder);
  const nameIn = (path: string): string | undefined => {
    const slash = path.lastIndexOf('/');
    const own = path.slice(0, Math.max(0, slash));
    const isOwn = spec.isRecursive === true && (folder === '' || own.startsWith(`${folder}/`));
    return own === folder || isOwn ? path.slice(slash + 1) : undefined;
  };
  /** Texts of the sidecar files by path, as the folder was last listed. */
  const others = new Map<string, string>();
  return {
    async list(files, root) {
      const problems: { path: string; message: string; stopsRuns?: boolean }[] = [];
      const found = new Map<string, { readonly read: ReadName; up?: string; down?: string }>();
      const names = await namesBelow(files, folderPath(root, folder), spec.isRecursive === true ? MOST_DEPTH : 0);
      others.clear();
      const inner: string[] = [];
      for (const name of spec.sidecarFolders ?? [])
        inner.push(
          ...(await readNames(files, folderPath(root, joinPath(folder, name)))).map((file) => `${name}/${file}`),
        );
      const sidecars = [...names, ...inner].filter((name) => spec.isSidecar?.(name) === true);
      for (const name of sidecars) {
        const path = joinPath(folder, name);
        others.set(path, await files.readText(`${root}/${path}`));
      }
      for (const name of names) {
        const read = spec.read(name.slice(name.lastIndexOf('/') + 1), others.get(joinPath(folder, name)), name);
        if (read === undefined) {
          const message = /\.sql$/i.test(name) ? spec.notRun?.(name) : spec.foreign?.(name);
          if (message !== undefined) problems.push({ path: joinPath(folder, name), message });
          continue;
        }
        const known = found.get(read.key);
        const other = read.half === 'both' ? (known?.up ?? known?.down) : read.half === 'up' ? known?.up : known?.down;
        if (other !== undefined) {
          problems.push({
            path: joinPath(folder, name),
            message: `${name} and ${other} have one ${spec.keyWord}, ${read.key}: give one of them a ${spec.keyWord} of its own, or only the first is run.`,
            stopsRuns: true,
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
      if (spec.arrange !== undefined) {
        const read = [...found.values()].map(({ read: { id }, up }) => ({ id, path: joinPath(folder, up ?? '') }));
        places = new Map(spec.arrange(read, others).map((id, index) => [id, index]));
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
      problems.push(...(spec.check?.(migrations, others) ?? []));
      return {
        migrations,
        problems,
        ...(sidecars.length === 0 ? {} : { sidecars: sidecars.map((name) => joinPath(folder, name)) }),
      };
    },
    holds(path) {
      const name = nameIn(path);
      return name !== undefined && spec.read(name, undefined, name) !== undefined;
    },
    layout: (path, text, dialect, own) => spec.layout(path, text, dialect, others, own),
    compareIds,
    ...(spec.refuses === undefined ? {} : { refuses: spec.refuses }),
    write(request) {
      const migrations: MigrationFile[] = [];
      const changes: FileChange[] = [];
      const existing = request.folder.migrations.migrations.flatMap((migration) => spec.numberOf(migration.id) ?? []);
      const newest = request.folder.migrations.migrations.findLast((migration) => migration.kind === 'versioned');
      const numbers =
        newest === undefined || existing.length > 0
          ? nextNumbers(existing, request.steps.length, request.now, spec.numbering)
          : // Names without any number: new ones sort after the newest.
            request.steps.map((_, index) => `${newest.id}_${index + 1}`);
      for (const [index, step] of request.steps.entries()) {
        const before = (migrations.at(-1) ?? newest)?.id;
        const written = spec.write(numbers[index] ?? '', step, request.dialect, request.folder, before);
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
    remove(migration, texts) {
      const removed = removeFiles(migration);
      const along = removed.flatMap((change) => spec.along?.(change.path) ?? []);
      return [
        ...removed,
        ...along
          .filter((path) => texts.textOf(path) !== undefined)
          .map((path): FileChange => ({ path, action: 'delete', text: '' })),
      ];
    },
    ...(spec.settle === undefined ? {} : { settle: spec.settle }),
  };
}

/** How deep a tool that looks into folders below is followed. */
const MOST_DEPTH = 8;

async function namesBelow(files: FileSystem, folder: string, depth: number): Promise<readonly string[]> {
  const own = [...(await readNames(files, folder))];
  if (depth === 0) return own;
  let entries: Awaited<ReturnType<FileSystem['readDirectory']>> = [];
  try {
    entries = await files.readDirectory(folder);
  } catch {
    // A folder that went away holds no migrations for us.
  }
  for (const entry of entries)
    if (entry.kind === 'directory')
      own.push(
        ...(await namesBelow(files, `${folder}/${entry.name}`, depth - 1)).map((name) => `${entry.name}/${name}`),
      );
  return own;
}

/** Both halves of a migration whose documents hold nothing else. */
function removeFiles(migration: MigrationFile): readonly FileChange[] {
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

/** A step as two files, `id.up.sql` and `id.down.sql`, each with a marker's line where it runs outside a transaction. */
export function pairOf(
  id: string,
  step: WrittenStep,
  bareLine = '',
  suffixes: { readonly up: string; readonly down: string } = { up: '.up.sql', down: '.down.sql' },
): { readonly id: string; readonly files: readonly NewFile[] } {
  const marker = step.transaction === 'none' ? bareLine : '';
  const down = downText(step);
  return {
    id,
    files: [
      { name: `${id}${suffixes.up}`, half: 'up', text: `${marker}${stepHeader(step)}${step.up.trimEnd()}\n` },
      ...(down === undefined
        ? []
        : [
            {
              name: `${id}${suffixes.down}`,
              half: 'down' as const,
              text: `${step.down === undefined ? '' : marker}${down}`,
            },
          ]),
    ],
  };
}
