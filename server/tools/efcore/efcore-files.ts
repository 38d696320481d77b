import type { FileSystem } from '../../core/ports.ts';
import { migrationsOf } from '../../languages/efcore/migration-texts.ts';
import type { MigrationMethod } from '../../languages/efcore/migration-class.ts';
import type { EfDocument } from '../../languages/efcore/ef-document.ts';
import type { EfModel, KnownModel } from '../../languages/efcore/model/ef-model.ts';
import { readModel } from '../../languages/efcore/model/read-model.ts';
import type { MigrationFile, MigrationFolder } from '../../model/migration.ts';
import { folderPath, joinPath, readNames } from '../folder.ts';

/** Characters at the head of a Designer that hold its attributes. */
const DESIGNER_HEAD = 4_000;
/** How many files are read at once. */
const READ_CONCURRENCY = 32;

const DESIGNER = /\.Designer\.cs$/i;
const SNAPSHOT = /Snapshot\.cs$/i;
/** A class and what it derives from: `class A : B, C<D> {`. */
const DERIVED = /\bclass\s+@?(\w+)(?:\s*<[^<>{}]*>)?\s*:([^{};]+?)(?:\bwhere\b|[{;]|$)/g;

/** What goes along with the migrations of a folder, as it was last listed. */
export interface EfSurroundings {
  /** Paths of the Designer files, which are large and never kept. */
  readonly designers: ReadonlySet<string>;
  /** The context of the newest migration, and the namespaces that its attribute is written with. */
  readonly context: string;
  readonly usings: readonly string[];
  /** What is known of each document, by its path. */
  readonly documents: ReadonlyMap<string, EfDocument>;
  /** The one model snapshot of the folder. */
  readonly snapshot?: { readonly path: string; readonly text: string; readonly model: EfModel };
}

/** What a migration's file and its Designer say of it. */
interface ReadFile {
  readonly usings: readonly string[];
  readonly name: string;
  readonly className: string;
  readonly id?: string;
  readonly context?: string;
  /** Whether there is a way back: a Down that throws is none. */
  readonly hasDown: boolean;
  /** Whether EF Core can make an object of it: it is neither abstract nor generic. */
  readonly isConstructible: boolean;
  /** Whether it has a half of a migration or an id itself, and is not only what others derive from. */
  readonly isMigration: boolean;
  readonly isDesignerEmpty: boolean;
  /** The model that the migration ends in. */
  readonly model: KnownModel;
}

export function isMigrationName(name: string): boolean {
  return /\.cs$/i.test(name) && !DESIGNER.test(name) && !SNAPSHOT.test(name);
}

/** Order of ids as EF Core runs them. Source: dotnet/efcore, Migrations/Internal/MigrationsAssembly.cs. */
export function compareMigrationIds(left: string, right: string): number {
  const a = left.toLowerCase();
  const b = right.toLowerCase();
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Reads a folder of EF Core migrations; what EF Core would pass over without a word is in `problems`. */
export async function listMigrations(
  files: FileSystem,
  root: string,
  folder: string,
): Promise<{ readonly folder: MigrationFolder; readonly surroundings: EfSurroundings }> {
  const directory = folderPath(root, folder);
  const names = await readNames(files, directory);
  const designers = new Map(
    names.filter((name) => DESIGNER.test(name)).map((name) => [name.replace(DESIGNER, '').toLowerCase(), name]),
  );
  const candidates = names.filter(isMigrationName);
  const read: ReadFile[] = [];
  const bases = new Map<string, readonly string[]>();
  for (let start = 0; start < candidates.length; start += READ_CONCURRENCY) {
    const part = await Promise.all(
      candidates
        .slice(start, start + READ_CONCURRENCY)
        .map(async (name) => readFile(files, directory, name, designers, bases)),
    );
    read.push(...part.flat());
  }
  const problems: { path: string; message: string }[] = [];
  const classes = new Map(read.map((file) => [file.className, file]));
  const byId = new Map<string, ReadFile>();
  for (const own of read) {
    const file = withInherited(own, classes, bases);
    const path = joinPath(folder, file.name);
    if (!file.isConstructible || !file.isMigration) continue;
    if (file.isDesignerEmpty) {
      problems.push({
        path,
        message: `EF Core passes over ${file.className} without a word: its Designer file is empty. Make the migration again, or put [DbContext] and [Migration] on the class.`,
      });
      continue;
    }
    if (file.id === undefined) {
      problems.push({
        path,
        message: `EF Core passes over ${file.className} without a word: it has no [Migration("...")]. Add its Designer file, or the attribute.`,
      });
      continue;
    }
    if (file.context === undefined) {
      problems.push({
        path,
        message: `EF Core passes over ${file.className} without a word: it has no [DbContext(typeof(...))]. Add its Designer file, or the attribute.`,
      });
      continue;
    }
    const known = byId.get(file.id.toLowerCase());
    if (known !== undefined) {
      problems.push({
        path,
        message: `${file.name} and ${known.name} have one id, ${file.id}: EF Core refuses to run, or takes the last one. Give one of them an id of its own.`,
      });
      continue;
    }
    byId.set(file.id.toLowerCase(), file);
  }
  const contexts = [...new Set([...byId.values()].map(({ context }) => context))];
  const [first] = byId.values();
  if (contexts.length > 1 && first !== undefined)
    problems.push({
      path: joinPath(folder, first.name),
      message: `This folder holds migrations of ${contexts.length} contexts (${contexts.join(', ')}), which are read as one history here: give each context a folder of its own.`,
    });
  const ordered = [...byId.values()].sort((left, right) => compareMigrationIds(left.id ?? '', right.id ?? ''));
  const snapshots = names.filter((name) => SNAPSHOT.test(name));
  const [snapshotName] = snapshots;
  // Of two contexts in one folder it is not known which has which.
  const snapshotText =
    snapshots.length !== 1 || snapshotName === undefined || contexts.length > 1
      ? undefined
      : await files.readText(`${directory}/${snapshotName}`);
  const snapshot = snapshotText === undefined ? undefined : readModel(snapshotText);
  const newestWithModel = ordered.findLast(({ model }) => typeof model !== 'string');
  const documents = new Map<string, EfDocument>(
    // The way back of the first ends in no model at all.
    ordered.map((file, index) => [
      joinPath(folder, file.name),
      {
        models: { up: file.model, down: ordered[index - 1]?.model ?? 'absent' },
        ...(file.id === undefined ? {} : { id: file.id }),
        fileName: file.name.replace(/\.cs$/i, ''),
        ...versionOf(file.model),
        ...(snapshot === undefined || file !== newestWithModel ? {} : { snapshot }),
      },
    ]),
  );
  const migrations = ordered.map((file): MigrationFile => {
    const path = joinPath(folder, file.name);
    const id = file.id ?? '';
    return {
      kind: 'versioned',
      id,
      name: id.replace(/^\d{14}_/, ''),
      upPath: path,
      ...(file.hasDown ? { downPath: path } : {}),
    };
  });
  const newest = ordered.at(-1);
  return {
    folder: { migrations, problems },
    surroundings: {
      designers: new Set([...designers.values()].map((name) => joinPath(folder, name))),
      context: newest?.context ?? 'DbContext',
      usings: newest?.usings ?? [],
      documents,
      ...(snapshotName === undefined || snapshotText === undefined || snapshot === undefined
        ? {}
        : { snapshot: { path: joinPath(folder, snapshotName), text: snapshotText, model: snapshot } }),
    },
  };
}

/** Classes that derive from one another; a circle is broken code. */
const MOST_BASES = 20;

/**
 * A class with the attributes of the nearest class that it derives from where it has none itself, as .NET has it and EF
 * Core 8 to 11 ask for them. Bases are looked for in the folder.
 */
function withInherited(
  file: ReadFile,
  classes: ReadonlyMap<string, ReadFile>,
  bases: ReadonlyMap<string, readonly string[]>,
): ReadFile {
  let { id, context } = file;
  const around = [...(bases.get(file.className) ?? [])];
  for (let depth = 0; depth < MOST_BASES && (id === undefined || context === undefined); depth += 1) {
    const name = around.shift();
    if (name === undefined) break;
    const base = classes.get(name);
    id ??= base?.id;
    context ??= base?.context;
    around.push(...(bases.get(name) ?? []));
  }
  return { ...file, ...(id === undefined ? {} : { id }), ...(context === undefined ? {} : { context }) };
}

function lastName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1).trim();
}

function versionOf(model: KnownModel): { readonly version?: number } {
  const major = typeof model === 'string' ? undefined : /^\d+/.exec(model.version ?? '')?.[0];
  return major === undefined ? {} : { version: Number(major) };
}

async function readFile(
  files: FileSystem,
  directory: string,
  name: string,
  designers: ReadonlyMap<string, string>,
  bases: Map<string, readonly string[]>,
): Promise<readonly ReadFile[]> {
  const text = await files.readText(`${directory}/${name}`);
  for (const [, derived = '', from = ''] of text.matchAll(DERIVED))
    bases.set(derived, [
      ...(bases.get(derived) ?? []),
      ...from
        .replace(/<[^<>]*>/g, '')
        .split(',')
        .map(lastName),
    ]);
  if (!/\bMigrationBuilder\b|\b(?:Migration|DbContext)(?:Attribute)?\s*\(/.test(text)) return [];
  const designer = designers.get(name.replace(/\.cs$/i, '').toLowerCase());
  const designerText = designer === undefined ? '' : await files.readText(`${directory}/${designer}`);
  const head = designerText.slice(0, DESIGNER_HEAD);
  // A class may build its model itself.
  const model = readModel(designerText) ?? readModel(text) ?? 'absent';
  const designerId = /\[(?:\w+\.)*Migration(?:Attribute)?\(\s*"([^"]+)"/.exec(head)?.[1];
  const designerContext = /\[(?:\w+\.)*DbContext(?:Attribute)?\(\s*typeof\(\s*(?:\w+\.)*(\w+)\s*\)/.exec(head)?.[1];
  const usings = [...(head === '' ? text : head).matchAll(/^\s*using\s+([\w.]+)\s*;/gm)].flatMap(
    (match) => match[1] ?? [],
  );
  return migrationsOf(text).map((found): ReadFile => {
    const id = found.id ?? designerId;
    const context = found.context ?? designerContext;
    return {
      name,
      usings,
      className: found.name,
      ...(id === undefined ? {} : { id }),
      ...(context === undefined ? {} : { context }),
      hasDown: found.down !== undefined && !isThrown(found.down, text),
      isConstructible: !found.isAbstract && !found.isGeneric,
      isMigration: found.id !== undefined || found.up !== undefined || found.down !== undefined,
      model,
      isDesignerEmpty: designer !== undefined && head.trim() === '' && found.id === undefined,
    };
  });
}

/** Whether all that a method does is to throw, without a word of why: where it says why there is no way back, a revert says it too. */
function isThrown({ steps, bodySpan }: MigrationMethod, text: string): boolean {
  const body = text.slice(bodySpan.start, bodySpan.end);
  return (
    steps.length === 0 &&
    /^(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*throw\b/.test(body) &&
    !/\/\/\s*lockstep:\s*irreversible\b/.test(body)
  );
}
