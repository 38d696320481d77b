import { foldDocument, type AnalysedStatement } from '../analysis/analyse.ts';
import type { Settings } from '../analysis/settings.ts';
import type { Engine, Target } from '../engines/engine.ts';
import type { Effect } from '../model/effect.ts';
import type { MigrationFile, MigrationFolder, Section } from '../model/migration.ts';
import { objectKey } from '../model/names.ts';
import type { Origin, Schema } from '../model/schema.ts';
import type { ChangeStep } from '../rules/rule.ts';
import { directivesIn, isHalfOf, type Documents, type LoadedDocument } from './documents.ts';
import { FoldChain } from './fold-chain.ts';
import { withSizes } from '../model/size.ts';
import type { DatabaseFacts, ServerFacts } from './project.ts';

/** A change's step in the folder, as its headers say; whether it stands before another migration is the asker's to see. */
export type ListedChangeStep = Omit<ChangeStep, 'isEarlier'>;

export interface FolderHistoryOptions {
  readonly documents: Documents;
  readonly engine: Engine;
  readonly target: Target;
  /** A person named the target's version, so that it counts before the connected database's. */
  readonly isVersionNamed?: boolean;
  readonly settings: Settings;
  /** Statements of a document that has been analysed in this version already, so that it is not folded twice. */
  analysedOf(
    path: string,
  ): { readonly document: LoadedDocument; readonly statements: readonly AnalysedStatement[] } | undefined;
}

/** The order of a folder's migrations: the schema before each, and what has been applied and released of them. */
export class FolderHistory {
  readonly #options: FolderHistoryOptions;
  #migrations: MigrationFolder = { migrations: [], problems: [] };
  /** Migrations of each document: more than one where the tool writes several in one file. */
  #indexesOf: ReadonlyMap<string, readonly number[]> = new Map();
  #indexById: ReadonlyMap<string, number> = new Map();
  #database: DatabaseFacts | undefined;
  #server: ServerFacts | undefined;
  /** Schemas with the sizes that the server told, by the ones without. */
  #withSizes = new WeakMap<Schema, Schema>();
  #unreleased: ReadonlySet<string> | undefined;
  #edited: ReadonlySet<string> | undefined;
  #newest: number | undefined;
  #folded: FoldChain;
  #pending: FoldChain | undefined;
  #changeSteps: readonly ListedChangeStep[] | undefined;
  #revision = 0;

  constructor(options: FolderHistoryOptions) {
    this.#options = options;
    this.#folded = this.#newChain();
  }

  /** Another number whenever anything has changed that a finding may depend on. */
  get revision(): number {
    return this.#revision;
  }

  get migrations(): MigrationFolder {
    return this.#migrations;
  }

  get database(): DatabaseFacts | undefined {
    return this.#database;
  }

  /** The one source of the version: what a person named, else the database's own, else what is configured. */
  get target(): Target {
    const { target, isVersionNamed } = this.#options;
    const version = isVersionNamed === true ? undefined : (this.#database?.version ?? this.#server?.version);
    return version === undefined ? target : { ...target, version };
  }

  /** Version and sizes of a database that was not asked what it has applied. */
  setServer(server: ServerFacts | undefined): void {
    this.#server = server;
    this.#restart();
  }

  setMigrations(migrations: MigrationFolder): void {
    this.#migrations = migrations;
    const indexesOf = new Map<string, readonly number[]>();
    for (const [index, migration] of migrations.migrations.entries()) {
      for (const path of new Set([migration.upPath, migration.downPath ?? migration.upPath]))
        indexesOf.set(path, [...(indexesOf.get(path) ?? []), index]);
    }
    this.#indexesOf = indexesOf;
    this.#indexById = new Map(migrations.migrations.map((migration, index) => [migration.id, index]));
    this.#changeSteps = undefined;
    this.#restart();
  }

  setDatabase(facts: DatabaseFacts | undefined): void {
    this.#database = facts;
    this.#restart();
  }

  /** Migrations that no database but a developer's can have: what they make is new to those among them. */
  setUnreleased(ids: ReadonlySet<string> | undefined): void {
    this.#unreleased = ids;
    this.#revision++;
  }

  /** Documents whose text is another one than in what was released, as version control tells. */
  setEdited(paths: ReadonlySet<string> | undefined): void {
    this.#edited = paths;
    this.#revision++;
  }

  /** A document has another text; `before` is what it was read as, if it was. */
  documentChanged(path: string, before: LoadedDocument | undefined): void {
    this.#revision++;
    const { documents } = this.#options;
    const after = documents.textOf(path) === undefined ? undefined : documents.load(path);
    if (after !== undefined && !sameChange(before, after)) this.#changeSteps = undefined;
    const index = this.#indexesOf.get(path)?.[0];
    if (index === undefined || after === undefined) return;
    this.#folded.invalidate(index);
    this.#pending?.invalidate(index);
  }

  /** Whether the folder, as it was last read, holds this document. */
  isListed(path: string): boolean {
    return this.#indexesOf.has(path);
  }

  /** Place of a document's first migration; after all others where the folder does not list it yet. */
  indexOf(path: string): number {
    return this.#indexesOf.get(path)?.[0] ?? this.#migrations.migrations.length;
  }

  /** Place of the migration that a section of a document is a half of; after all others where it is a new one. */
  indexOfSection(path: string, section: Pick<Section, 'migration'>): number {
    if (section.migration === undefined) return this.indexOf(path);
    const own = this.#indexesOf.get(path)?.find((index) => this.migrationAt(index)?.id === section.migration);
    return own ?? this.#migrations.migrations.length;
  }

  indexOfId(id: string): number | undefined {
    return this.#indexById.get(id);
  }

  migrationAt(index: number): MigrationFile | undefined {
    return this.#migrations.migrations[index];
  }

  isApplied(migration: MigrationFile): boolean {
    return this.#database?.applied.has(migration.id) ?? false;
  }

  /** Applied migrations and those before `startAfter` are history: what was done is not objected to. */
  isHistory(index: number): boolean {
    const migration = this.migrationAt(index);
    if (migration === undefined) return false;
    if (this.isApplied(migration)) return true;
    const { startAfter } = this.#options.settings;
    return startAfter !== undefined && index <= (this.#indexById.get(startAfter) ?? -1);
  }

  /** Whether the up half of a migration was edited since what was released. */
  isEdited(path: string, index: number): boolean {
    return this.#edited?.has(path) === true && this.migrationAt(index)?.upPath === path;
  }

  /** Index of the newest migration that the connected database has. */
  newestApplied(): number | undefined {
    if (this.#database === undefined) return undefined;
    this.#newest ??= this.#migrations.migrations.findLastIndex((candidate) => this.isApplied(candidate));
    return this.#newest < 0 ? undefined : this.#newest;
  }

  /** Schema before a migration: what the connected database has and the pending ones before it, or all earlier migrations. */
  before(index: number): Schema {
    // A baseline is for a database that has nothing yet.
    if (this.#migrations.migrations[index]?.kind === 'baseline') return this.#options.engine.emptySchema(false);
    return this.#sized(this.#chainOf(index).before(index));
  }

  after(index: number): Schema {
    return this.#foldOne(index, this.before(index));
  }

  /** Schema after the newest migration, in the chain that migration `index` is folded in. */
  atEnd(index: number): Schema {
    return this.#chainOf(index).before(this.#migrations.migrations.length);
  }

  origin(index: number): Origin {
    const migration = this.migrationAt(index);
    return migration === undefined ? { fileIndex: index } : { migration: migration.id, fileIndex: index };
  }

  /** Whether nothing uses a relation yet for migration `index`. */
  isNew(relationKey: string, before: Schema, index: number): boolean {
    const relation = before.relations.get(relationKey);
    if (relation === undefined) return false;
    return relation.persistence === 'temporary' || this.isNewOrigin(relation.origin, index);
  }

  /** Whether an effect is on a relation, an index or a sequence that nothing uses yet. */
  isOnNew(effect: Effect, before: Schema, index: number): boolean {
    const key = objectKey(effect.schema, effect.relation);
    const table =
      effect.relationKind === 'index'
        ? before.indexes.get(key)?.relationKey
        : effect.relationKind === 'sequence'
          ? before.sequences.get(key)?.ownedBy?.relationKey
          : key;
    if (table !== undefined) return this.isNew(table, before, index);
    const origin = before.sequences.get(key)?.origin;
    return origin !== undefined && this.isNewOrigin(origin, index);
  }

  /** Made by this migration, or by one that the connected database does not have. */
  isNewOrigin(origin: Origin, index: number): boolean {
    if (origin.fileIndex === index) return true;
    if (origin.migration !== undefined && this.#unreleased?.has(origin.migration) === true) return true;
    return (
      this.#database !== undefined && origin.migration !== undefined && !this.#database.applied.has(origin.migration)
    );
  }

  /** Steps of every change in the folder; where a change says so in its headers. */
  changeSteps(): readonly ListedChangeStep[] {
    const { documents } = this.#options;
    this.#changeSteps ??= this.#migrations.migrations.flatMap((migration) => {
      // Most migrations are no step of a change, and a folder of thousands is not read whole to see that.
      const text = documents.textOf(migration.upPath);
      const directives =
        text?.includes('lockstep:') === true ? directivesIn(documents.load(migration.upPath), migration) : undefined;
      if (directives?.change === undefined) return [];
      return [
        {
          changeId: directives.change.id,
          phase: directives.change.phase,
          migration: migration.id,
          requiresDeploy: directives.requires.some((requirement) => requirement.kind === 'deploy'),
        },
      ];
    });
    return this.#changeSteps;
  }

  /** The schema with the sizes that a database was asked for; the same one for the same one. */
  #sized(schema: Schema): Schema {
    const sizes = this.#server?.sizes;
    if (sizes === undefined || sizes.size === 0) return schema;
    const known = this.#withSizes.get(schema) ?? withSizes(schema, sizes);
    this.#withSizes.set(schema, known);
    return known;
  }

  #chainOf(index: number): FoldChain {
    const migration = this.migrationAt(index);
    const isPending = migration === undefined || !this.isApplied(migration);
    return (isPending ? this.#pending : undefined) ?? this.#folded;
  }

  #foldOne(index: number, before: Schema): Schema {
    const migration = this.migrationAt(index);
    // A baseline stands for what is before it, which has been folded where it is there.
    if (migration === undefined || (migration.kind === 'baseline' && index > 0)) return before;
    const { documents, engine } = this.#options;
    const document = documents.load(migration.upPath);
    const analysed = this.#options.analysedOf(migration.upPath);
    const up =
      analysed?.statements.filter(({ section }) => section.direction === 'up' && isHalfOf(section, migration)) ?? [];
    const last = up.at(-1);
    if (last !== undefined && up[0]?.before === before && analysed?.document === document)
      return last.after.session === before.session ? last.after : { ...last.after, session: before.session };
    return foldDocument(engine, document.read, before, this.origin(index), this.target, migration.id);
  }

  #newChain(): FoldChain {
    return new FoldChain(this.#options.engine.emptySchema(false), (index, before) => this.#foldOne(index, before));
  }

  #restart(): void {
    this.#revision++;
    this.#newest = undefined;
    this.#withSizes = new WeakMap();
    this.#folded = this.#newChain();
    const catalog = this.#database?.catalog;
    this.#pending =
      catalog === undefined
        ? undefined
        : new FoldChain(catalog, (index, before) => {
            const migration = this.migrationAt(index);
            return migration === undefined || this.isApplied(migration) ? before : this.#foldOne(index, before);
          });
  }
}

/** Whether two versions of a document are the same step of the same change. */
function sameChange(left: LoadedDocument | undefined, right: LoadedDocument): boolean {
  return (
    left?.parts.length === right.parts.length &&
    right.parts.every(({ directives }, index) => {
      const earlier = left.parts[index]?.directives;
      return (
        earlier?.change?.id === directives.change?.id &&
        earlier?.change?.phase === directives.change?.phase &&
        earlier?.requires.length === directives.requires.length
      );
    })
  );
}
