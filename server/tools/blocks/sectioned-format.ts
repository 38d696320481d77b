import type { FileChange } from '../../core/ports.ts';
import type { EngineId } from '../../model/engine-id.ts';
import type { DocumentLayout, MigrationFile, MigrationKind } from '../../model/migration.ts';
import { folderPath, joinPath, readNames } from '../folder.ts';
import type { Format, WrittenStep } from '../format.ts';
import { nextNumbers } from './numbering.ts';

/** One migration in a document of several. */
export interface ReadSection {
  /** As `Section.migration`. */
  readonly id: string;
  readonly name: string;
  readonly kind: MigrationKind;
  readonly hasDown: boolean;
}

/** Several migrations in one file. */
export interface SectionedFormat {
  readonly folder: string;
  readonly isDocument: (name: string) => boolean;
  readonly read: (path: string, text: string) => readonly ReadSection[];
  readonly layout: (path: string, text: string, dialect: EngineId) => DocumentLayout;
  /** Files of the folder that say in what order the documents are run; they are edited when one is added. */
  readonly isIndex: (name: string) => boolean;
  /** Names of documents in the order in which they are run, and what is wrong with the index. */
  readonly order: (
    names: readonly string[],
    indexes: ReadonlyMap<string, string>,
  ) => {
    readonly names: readonly string[];
    readonly problems: readonly { readonly name: string; readonly message: string }[];
  };
  readonly write: (
    number: string,
    step: WrittenStep,
  ) => { readonly file: string; readonly text: string; readonly id: string; readonly hasDown: boolean };
  /** The document without one migration; undefined where nothing is left. */
  readonly without: (path: string, text: string, id: string) => string | undefined;
  /** An index with documents added and taken away; the text as it is where it needs no change. */
  readonly indexWith: (text: string, added: readonly string[], removed: readonly string[]) => string;
}

export function sectionedFormat(spec: SectionedFormat): Format {
  const { folder } = spec;
  const nameIn = (path: string): string | undefined => {
    const slash = path.lastIndexOf('/');
    return path.slice(0, Math.max(0, slash)) === folder ? path.slice(slash + 1) : undefined;
  };
  return {
    async list(files, root) {
      const names = await readNames(files, folderPath(root, folder));
      const read = async (name: string): Promise<string> => files.readText(`${folderPath(root, folder)}/${name}`);
      const indexes = new Map<string, string>();
      for (const name of names.filter(spec.isIndex)) indexes.set(name, await read(name));
      const ordered = spec.order(names.filter(spec.isDocument), indexes);
      const problems = ordered.problems.map(({ name, message }) => ({ path: joinPath(folder, name), message }));
      const migrations: MigrationFile[] = [];
      for (const name of ordered.names) {
        const path = joinPath(folder, name);
        for (const { id, name: title, kind, hasDown } of spec.read(path, await read(name))) {
          if (migrations.some((other) => other.id === id)) {
            problems.push({ path, message: `${id} is there twice: give one of them an id of its own.` });
            continue;
          }
          migrations.push({ kind, id, name: title, upPath: path, ...(hasDown ? { downPath: path } : {}) });
        }
      }
      return { migrations, problems, sidecars: [...indexes.keys()].map((name) => joinPath(folder, name)) };
    },
    holds(path) {
      const name = nameIn(path);
      return name !== undefined && spec.isDocument(name);
    },
    layout: spec.layout,
    // The order is the documents'; ids without one come last.
    compareIds: () => 0,
    write(request) {
      const existing = [
        ...new Set(request.folder.migrations.migrations.map((migration) => nameIn(migration.upPath) ?? '')),
      ].flatMap((name) => /^\d+/.exec(name)?.[0] ?? []);
      const numbers = nextNumbers(existing, request.steps.length, request.now, { kind: 'sequence', digits: 4 });
      const migrations: MigrationFile[] = [];
      const changes: FileChange[] = [];
      for (const [index, step] of request.steps.entries()) {
        const { file, text, id, hasDown } = spec.write(numbers[index] ?? '', step);
        const path = joinPath(folder, file);
        migrations.push({
          kind: 'versioned',
          id,
          name: step.slug,
          upPath: path,
          ...(hasDown ? { downPath: path } : {}),
        });
        changes.push({ path, action: 'create', text });
      }
      return { migrations, changes };
    },
    remove(migration, texts) {
      const text = texts.textOf(migration.upPath) ?? '';
      const rest = spec.without(migration.upPath, text, migration.id);
      return rest === undefined
        ? [{ path: migration.upPath, action: 'delete', text: '' }]
        : [{ path: migration.upPath, action: 'edit', text: rest }];
    },
    settle(changes, texts) {
      const namesOf = (action: FileChange['action']): readonly string[] =>
        changes.filter((change) => change.action === action).flatMap((change) => nameIn(change.path) ?? []);
      const edits = (texts.migrations.sidecars ?? []).flatMap((path): readonly FileChange[] => {
        const text = texts.textOf(path);
        if (text === undefined) return [];
        const next = spec.indexWith(text, namesOf('create'), namesOf('delete'));
        return next === text ? [] : [{ path, action: 'edit', text: next }];
      });
      return [...changes, ...edits];
    },
  };
}
