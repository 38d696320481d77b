import type { FileChange, FileSystem } from '../core/ports.ts';
import { LineIndex } from '../core/line-index.ts';
import type { Engine, Target } from '../engines/engine.ts';
import {
  analyseDocument,
  foldDocument,
  readDocument,
  type AnalysedStatement,
  type ReadDocument,
} from '../analysis/analyse.ts';
import { planWish, type WishResult } from '../analysis/plan-wish.ts';
import { explainStatements } from '../analysis/explain.ts';
import { soughtBy, usesSentence, type SoughtName } from '../analysis/code-uses.ts';
import { fileLimit, headOf, readTooLarge } from '../analysis/file-limit.ts';
import { resolveFixes, type FixDocument } from '../analysis/fix.ts';
import {
  editedAfterApply,
  editedAfterRelease,
  lintDocument,
  problemsOfDocument,
  type LocatedFinding,
} from '../analysis/lint.ts';
import type { ExplainedFile, FileReport, Finding, FixProposal } from '../analysis/report.ts';
import type { Settings } from '../analysis/settings.ts';
import type { LockHolder } from '../model/activity.ts';
import { readDirectives, type Directives } from '../model/directives.ts';
import type { Effect } from '../model/effect.ts';
import type { DocumentLayout, MigrationFile, MigrationFolder, Section } from '../model/migration.ts';
import { objectKey } from '../model/names.ts';
import type { OperationKind } from '../model/operation.ts';
import type { Origin, Schema } from '../model/schema.ts';
import type { Wish } from '../planner/wishes.ts';
import type { ChangeStep, FolderFacts, Rule } from '../rules/rule.ts';
import type { Applier } from '../tools/applier.ts';
import type { Format } from '../tools/format.ts';
import type { History } from '../tools/history.ts';
import { onlyPart, partOf } from '../tools/section-of.ts';
import type { ToolProject } from '../tools/tool.ts';
import type { CodeSearch } from './code-search.ts';
import { FoldChain } from './fold-chain.ts';
import type { DatabaseFacts, Project } from './project.ts';

/** How many files are read at once. */
const READ_CONCURRENCY = 32;
/** How many later migrations are folded again at a keystroke in an earlier one; each takes about 0.1 ms. */
const MOST_FOLDED_AGAIN = 300;

export interface FolderProjectOptions {
  readonly root: string;
  readonly project: ToolProject;
  readonly dialect: Engine;
  readonly target: Target;
  readonly settings: Settings;
  readonly rules: readonly Rule[];
  readonly files: FileSystem;
}

interface LoadedDocument {
  readonly text: string;
  readonly layout: DocumentLayout;
  readonly directives: Directives;
  readonly read: ReadDocument;
}

interface AnalysedDocument {
  readonly document: LoadedDocument;
  readonly statements: readonly AnalysedStatement[];
}

/** The one implementation of `Project`. */
export class FolderProject implements Project {
  readonly root: string;
  /** Relative to `root`; empty for the root itself. */
  readonly folder: string;
  readonly tool: ToolProject['tool'];
  readonly format: Format;
  readonly history: History;
  readonly applier: Applier;
  readonly dialect: Engine;
  readonly settings: Settings;
  readonly #rules: readonly Rule[];
  readonly #files: FileSystem;
  readonly #configuredTarget: Target;
  readonly #disk = new Map<string, string>();
  readonly #overlay = new Map<string, string>();
  readonly #documents = new Map<string, LoadedDocument>();
  readonly #analysed = new Map<string, AnalysedDocument>();
  #migrations: MigrationFolder = { migrations: [], problems: [] };
  /** Migrations of each document: more than one where the tool writes several in one file. */
  #indexesOf = new Map<string, readonly number[]>();
  #database: DatabaseFacts | undefined;
  #chain: FoldChain;
  #pending: FoldChain | undefined;
  #unreleased: ReadonlySet<string> | undefined;
  #edited: ReadonlySet<string> | undefined;
  #codeSearch: Pick<CodeSearch, 'usesOf'> | undefined;
  #changeSteps: readonly Omit<ChangeStep, 'isEarlier'>[] | undefined;

  constructor(options: FolderProjectOptions) {
    this.root = options.root;
    this.folder = options.project.folder;
    this.tool = options.project.tool;
    this.format = options.project.format;
    this.history = options.project.history;
    this.applier = options.project.applier;
    this.dialect = options.dialect;
    this.settings = options.settings;
    this.#rules = options.rules;
    this.#files = options.files;
    this.#configuredTarget = options.target;
    this.#chain = this.#newChain();
  }

  get migrations(): MigrationFolder {
    return this.#migrations;
  }

  get target(): Target {
    return this.#database === undefined
      ? this.#configuredTarget
      : { ...this.#configuredTarget, version: this.#database.version };
  }

  /** Locks that long transactions of the connected database held when it was read. */
  get holders(): readonly LockHolder[] {
    return this.#database?.holders ?? [];
  }

  async refresh(): Promise<void> {
    const migrations = await this.format.list(this.#files, this.root);
    const paths = [
      ...new Set(
        migrations.migrations.flatMap((migration) => [
          migration.upPath,
          ...(migration.downPath === undefined ? [] : [migration.downPath]),
        ]),
      ),
      ...(migrations.sidecars ?? []),
    ];
    const texts = new Map<string, string>();
    for (let start = 0; start < paths.length; start += READ_CONCURRENCY) {
      await Promise.all(
        paths.slice(start, start + READ_CONCURRENCY).map(async (path) => {
          texts.set(path, await this.#files.readText(`${this.root}/${path}`));
        }),
      );
    }
    this.#migrations = migrations;
    this.#disk.clear();
    for (const [path, text] of texts) this.#disk.set(path, text);
    this.#indexesOf = new Map();
    for (const [index, migration] of migrations.migrations.entries()) {
      for (const path of new Set([migration.upPath, migration.downPath ?? migration.upPath]))
        this.#indexesOf.set(path, [...(this.#indexesOf.get(path) ?? []), index]);
    }
    for (const path of this.#documents.keys()) if (this.textOf(path) === undefined) this.#forget(path);
    this.#changeSteps = undefined;
    this.#restartChains();
  }

  setText(path: string, text: string | undefined): void {
    const before = this.textOf(path);
    if (text === undefined) this.#overlay.delete(path);
    else this.#overlay.set(path, text);
    if (this.textOf(path) === before) return;
    const old = this.#documents.get(path);
    const index = this.#indexOf(path);
    if (this.textOf(path) === undefined) {
      this.#forget(path);
      return;
    }
    const loaded = this.#load(path);
    if (
      loaded.directives.change?.id !== old?.directives.change?.id ||
      loaded.directives.change?.phase !== old?.directives.change?.phase ||
      loaded.directives.requires.length !== old?.directives.requires.length
    )
      this.#changeSteps = undefined;
    if (index === undefined) return;
    this.#chain.invalidate(index);
    this.#pending?.invalidate(index);
  }

  textOf(path: string): string | undefined {
    return this.#overlay.get(path) ?? this.#disk.get(path);
  }

  setDatabase(facts: DatabaseFacts | undefined): void {
    this.#database = facts;
    this.#restartChains();
  }

  /** Migrations that no database but a developer's can have: what they make is new to those among them. */
  setUnreleased(ids: ReadonlySet<string> | undefined): void {
    this.#unreleased = ids;
  }

  /** Documents whose text is another one than in what was released, as version control tells. */
  setEdited(paths: ReadonlySet<string> | undefined): void {
    this.#edited = paths;
  }

  /** An applied migration is history and not linted, but that its text is another one now is said. */
  #drift(path: string, index: number): readonly LocatedFinding[] {
    const migration = this.#migrations.migrations[index];
    const stored = migration === undefined ? undefined : this.#database?.checksums?.get(migration.id);
    const text = this.textOf(path);
    if (migration === undefined || migration.upPath !== path || stored === undefined || text === undefined) return [];
    const current = this.history.checksums(migration, this);
    return current.length === 0 || current.includes(stored) ? [] : editedAfterApply(text, this.settings);
  }

  /** Where to ask for source code that still names what a migration takes away. */
  setCodeSearch(search: Pick<CodeSearch, 'usesOf'> | undefined): void {
    this.#codeSearch = search;
  }

  /** Names that findings of a document ask for, and that nobody has searched for yet. */
  soughtNames(path: string): readonly SoughtName[] {
    // Most migrations take nothing away, which costs no lint to see.
    const takesAway = this.#load(path).read.statements.some((statement) =>
      statement.body.operations.some((operation) => NAME_CHANGES.has(operation.kind)),
    );
    const last = this.#lastLint;
    const located = !takesAway
      ? []
      : last?.path === path && last.text === this.textOf(path)
        ? last.located
        : this.#findings(path, this.#analyse(path));
    return located.flatMap(namesSought).filter((name) => this.#codeSearch?.usesOf(name) === undefined);
  }

  #lastLint:
    | { readonly path: string; readonly text: string | undefined; readonly located: readonly LocatedFinding[] }
    | undefined;

  /** What is asked about right after lint is not worked out again. */
  #remember(path: string, located: readonly LocatedFinding[]): readonly LocatedFinding[] {
    this.#lastLint = { path, text: this.textOf(path), located };
    return located;
  }

  /** The finding, and where source code still names what it is about. */
  #withUses(located: LocatedFinding): Finding {
    const { finding } = located;
    const names = this.#codeSearch === undefined ? [] : namesSought(located);
    const [first] = names;
    const uses = first === undefined ? undefined : this.#codeSearch?.usesOf(first);
    // A folder of migrations alone, as in a pipeline that checks out nothing else, has no source code to speak of.
    if (uses === undefined || uses.files === 0) return finding;
    const places = uses.uses.map((use) => ({
      path: use.path,
      range: use.range,
      message: `Named here: ${first?.column ?? first?.table ?? ''}.`,
    }));
    return {
      ...finding,
      message: `${finding.message} ${usesSentence(names, uses)}`,
      related: [...finding.related, ...places],
    };
  }

  owns(path: string): boolean {
    return this.format.holds(path);
  }

  /** Whether the folder, as it was last read, holds this document. */
  isListed(path: string): boolean {
    return this.#indexesOf.has(path);
  }

  lint(path: string): FileReport {
    const analysed = this.#analyse(path);
    const { document } = analysed;
    return {
      ...this.#head(path),
      phase: document.directives.change?.phase ?? null,
      findings: this.#remember(path, this.#findings(path, analysed)).map((located) => this.#withUses(located)),
      problems: problemsOfDocument(document.text, analysed.statements, document.layout.problems),
    };
  }

  explain(path: string): ExplainedFile {
    const { document, statements } = this.#analyse(path);
    return {
      ...this.#head(path),
      transaction: document.layout.sections[0]?.transaction ?? 'one',
      statements: explainStatements(this, document.text, statements),
    };
  }

  fixes(path: string, now: Date, atLine?: number): ReturnType<Project['fixes']> {
    const analysed = this.#analyse(path);
    const fixes: FixProposal[] = [];
    const skipped: { code: string; reason: string }[] = [];
    for (const { located, index } of this.#findingsByMigration(path, analysed)) {
      const { range } = located.finding;
      if (atLine !== undefined && (atLine < range.start.line || atLine > range.end.line)) continue;
      const migration = this.#migrations.migrations[index];
      if (migration === undefined) continue;
      const halves = (half: string | undefined): FixDocument | undefined => {
        if (half === undefined) return undefined;
        const { document, statements } = half === path ? analysed : this.#analyse(half);
        return {
          path: half,
          text: document.text,
          statements: statements.filter((each) => isOf(each.section, migration)),
        };
      };
      const up = halves(migration.upPath);
      const down = migration.downPath === migration.upPath ? up : halves(migration.downPath);
      if (up === undefined) continue;
      const results = resolveFixes(
        {
          dialect: this.dialect,
          target: this.target,
          format: this.format,
          folder: this,
          migration,
          up,
          ...(down === undefined ? {} : { down }),
          laterTexts: this.#migrations.migrations.slice(index + 1).flatMap((later) => {
            const text = this.textOf(later.upPath);
            if (text === undefined) return [];
            const { layout } = this.#load(later.upPath);
            const part = partOf(layout, later, text);
            return [{ id: later.id, text: text.slice(part.start, part.end) }];
          }),
          changeIds: new Set(this.#steps().map((step) => step.changeId)),
          isApplied: this.#isApplied(migration),
          now,
        },
        located,
      );
      for (const result of results) {
        if (result.kind === 'fix') fixes.push(result.proposal);
        else skipped.push({ code: result.code, reason: result.reason });
      }
    }
    return { fixes, skipped };
  }

  /** Plans a change that no migration has asked for yet, as files behind the newest one. */
  planWish(wish: Wish, values: readonly string[], now: Date): WishResult {
    return planWish(
      {
        dialect: this.dialect,
        target: this.target,
        format: this.format,
        folder: this,
        now,
        changeIds: new Set(this.#steps().map((step) => step.changeId)),
        schema: this.schema(),
      },
      wish,
      values,
    );
  }

  /** What all migrations together make, the connected database's own objects included. */
  schema(): Schema {
    return this.#before(this.#migrations.migrations.length);
  }

  /** Files of an empty migration behind the newest, in the tool's own format. */
  newMigration(slug: string, now: Date): readonly FileChange[] {
    const { changes } = this.format.write({
      folder: this,
      dialect: this.dialect.id,
      now,
      steps: [{ phase: 'expand', title: '', slug, up: '', down: '', transaction: 'one', requires: [], notes: [] }],
    });
    return this.format.settle?.(changes, this) ?? changes;
  }

  /** Findings with their spans, for callers that need more than the report. */
  located(path: string): readonly LocatedFinding[] {
    return this.#findings(path, this.#analyse(path));
  }

  /** Statement under an offset with its effects, and the index of its lines; undefined between statements. */
  statementAt(
    path: string,
    offset: number,
  ): { readonly statement: AnalysedStatement; readonly lines: LineIndex } | undefined {
    const { document, statements } = this.#analyse(path);
    const statement = statements.find(
      (candidate) => offset >= candidate.source.span.start && offset <= candidate.source.span.end,
    );
    return statement === undefined ? undefined : { statement, lines: new LineIndex(document.text) };
  }

  /**
   * Statements of a document with their effects on relations that are in use: not made by this migration, or by one that
   * has not been applied. None where the migration is history: it has done what it does.
   */
  impacts(path: string): readonly { readonly statement: AnalysedStatement; readonly effects: readonly Effect[] }[] {
    return this.#analyse(path).statements.flatMap((statement) => {
      const index = this.#indexOfSection(path, statement.section);
      if (this.#isHistory(index)) return [];
      return [
        {
          statement,
          effects: statement.effects.filter((effect) => !this.#isOnNew(effect, statement.before, index)),
        },
      ];
    });
  }

  /** Every statement of a document, and its layout. */
  analysed(path: string): {
    readonly statements: readonly AnalysedStatement[];
    readonly layout: DocumentLayout;
    readonly text: string;
  } {
    const { document, statements } = this.#analyse(path);
    return { statements, layout: document.layout, text: document.text };
  }

  /** What the headers of one migration say: its part of the document, where that holds several. */
  directivesOfMigration(migration: MigrationFile): Directives {
    const { layout, text, directives } = this.#load(migration.upPath);
    return layout.sections.every((section) => section.migration === undefined)
      ? directives
      : readDirectives(onlyPart(text, partOf(layout, migration, text)));
  }

  /** What the document's headers say. */
  directivesOf(path: string): Directives {
    return this.#load(path).directives;
  }

  #head(path: string): {
    readonly path: string;
    readonly tool: string;
    readonly dialect: Project['dialect']['id'];
    readonly serverVersion: string;
  } {
    return {
      path,
      tool: this.tool.id,
      dialect: this.dialect.id,
      serverVersion: this.dialect.formatVersion(this.target.version),
    };
  }

  #isApplied(migration: MigrationFile): boolean {
    return this.#database?.applied.has(migration.id) ?? false;
  }

  /** Applied migrations and those before `startAfter` are history: what was done is not objected to. */
  #isHistory(index: number): boolean {
    const migration = this.#migrations.migrations[index];
    if (migration === undefined) return false;
    if (this.#isApplied(migration)) return true;
    const { startAfter } = this.settings;
    return startAfter !== undefined && index <= (this.#indexById().get(startAfter) ?? -1);
  }

  /** First migration of a document; undefined where the folder, as it was read, does not hold it. */
  #indexOf(path: string): number | undefined {
    return this.#indexesOf.get(path)?.[0];
  }

  /** The migration that a section of a document is a half of; after all others where it is a new one. */
  #indexOfSection(path: string, section: Pick<Section, 'migration'>): number {
    const indexes = this.#indexesOf.get(path);
    const own =
      section.migration === undefined
        ? indexes?.[0]
        : indexes?.find((index) => this.#migrations.migrations[index]?.id === section.migration);
    return own ?? this.#migrations.migrations.length;
  }

  #findings(path: string, analysed: AnalysedDocument): readonly LocatedFinding[] {
    return this.#findingsByMigration(path, analysed).map(({ located }) => located);
  }

  /** Findings of a document, each with the migration that it is about. */
  #findingsByMigration(
    path: string,
    analysed: AnalysedDocument,
  ): readonly { readonly located: LocatedFinding; readonly index: number }[] {
    const { document, statements } = analysed;
    const { layout } = document;
    if (layout.sections.every((section) => section.migration === undefined)) {
      const index = this.#indexOf(path) ?? this.#migrations.migrations.length;
      return this.#findingsOf(path, document, statements, index).map((located) => ({ located, index }));
    }
    const ids = [...new Set(layout.sections.map((section) => section.migration))];
    return ids.flatMap((migration, position) => {
      const index = this.#indexOfSection(path, migration === undefined ? {} : { migration });
      const own = statements.filter((statement) => statement.section.migration === migration);
      const offset = own[0]?.index ?? 0;
      const text = onlyPart(document.text, partOf(layout, { id: migration ?? '' }, document.text));
      const part: LoadedDocument = {
        ...document,
        directives: readDirectives(text),
        layout: { ...layout, problems: position === 0 ? layout.problems : [] },
      };
      return this.#findingsOf(
        path,
        part,
        own.map((statement) => ({ ...statement, index: statement.index - offset })),
        index,
      ).map((located) => ({
        index,
        located: {
          ...located,
          finding: {
            ...located.finding,
            statement: located.finding.statement < 0 ? located.finding.statement : located.finding.statement + offset,
          },
        },
      }));
    });
  }

  #findingsOf(
    path: string,
    document: LoadedDocument,
    statements: readonly AnalysedStatement[],
    index: number,
  ): readonly LocatedFinding[] {
    if (this.#isHistory(index)) return this.#drift(path, index);
    const located = lintDocument({
      dialect: this.dialect,
      target: this.target,
      rules: this.#rules,
      settings: this.settings,
      path,
      text: document.text,
      statements,
      directives: document.directives,
      layoutProblems: document.layout.problems,
      changeSteps: this.#steps().map((step) => ({
        ...step,
        isEarlier: (this.#indexById().get(step.migration) ?? 0) < index,
      })),
      holders: this.holders,
      isNew: (relationKey, schema) => this.#isNew(relationKey, schema, index),
      isNewOrigin: (origin) => this.#isNewOrigin(origin, index),
      folder: this.#folderFacts(index),
    });
    const isEdited = this.#edited?.has(path) === true && this.#migrations.migrations[index]?.upPath === path;
    return isEdited ? [...editedAfterRelease(document.text, this.settings), ...located] : located;
  }

  /** What rules may ask of the other migrations. */
  #folderFacts(index: number): FolderFacts {
    const { migrations } = this.#migrations;
    const migration = migrations[index];
    const newest = this.#newestApplied();
    const late =
      migration === undefined || newest === undefined || newest <= index || this.#isApplied(migration)
        ? undefined
        : migrations[newest];
    return {
      index,
      isNewest: index >= migrations.length - 1,
      lacksDown: () => this.#lacksDown(index),
      schemaBefore: () => this.#before(index),
      schemaAtEnd: () =>
        index >= migrations.length - 1 ||
        (migrations.length - index > MOST_FOLDED_AGAIN &&
          migration !== undefined &&
          this.#overlay.has(migration.upPath))
          ? undefined
          : this.#atEnd(index),
      isUpKnown: () =>
        migration === undefined ||
        this.#load(migration.upPath).read.statements.every(
          (statement) =>
            statement.section.direction === 'down' ||
            (statement.body.problems.length === 0 &&
              statement.body.operations.every(
                (operation) => operation.kind !== 'opaque' && operation.certainty !== 'may',
              )),
        ),
      upOperations: () =>
        migration === undefined
          ? []
          : this.#load(migration.upPath).read.statements.flatMap((statement) =>
              statement.section.direction === 'up' ? statement.body.operations : [],
            ),
      createdLater: (schema, name) => {
        const known = `${schema}.${name}`;
        for (let later = index + 1; later < migrations.length; later++) {
          const path = migrations[later]?.upPath;
          if (
            path !== undefined &&
            tablesCreated(this.#load(path).read, this.dialect.id === 'sqlite' ? 'main' : 'public').has(known)
          )
            return migrations[later]?.id;
        }
        return undefined;
      },
      ...(late === undefined ? {} : { late: { newest: late.id, outcome: this.history.lateArrival } }),
    };
  }

  /** Index of the newest migration that the connected database has. */
  #newestApplied(): number | undefined {
    if (this.#database === undefined) return undefined;
    this.#newest ??= this.#migrations.migrations.findLastIndex((candidate) => this.#isApplied(candidate));
    return this.#newest < 0 ? undefined : this.#newest;
  }

  /** Whether others of the folder can be reverted, and this one neither can nor says why. */
  #lacksDown(index: number): boolean {
    const migration = this.#migrations.migrations[index];
    if (
      migration === undefined ||
      migration.downPath !== undefined ||
      this.#load(migration.upPath).directives.irreversible !== undefined
    )
      return false;
    return this.#migrations.migrations.some((other) => other.downPath !== undefined);
  }

  /** Schema after the newest migration, in the chain that migration `index` is folded in. */
  #atEnd(index: number): Schema {
    const migration = this.#migrations.migrations[index];
    const isPending = migration === undefined || !this.#isApplied(migration);
    return ((isPending ? this.#pending : undefined) ?? this.#chain).before(this.#migrations.migrations.length);
  }

  #newest: number | undefined;
  #idIndex: ReadonlyMap<string, number> | undefined;

  #indexById(): ReadonlyMap<string, number> {
    this.#idIndex ??= new Map(this.#migrations.migrations.map((migration, index) => [migration.id, index]));
    return this.#idIndex;
  }

  #isNew(relationKey: string, before: Schema, index: number): boolean {
    const relation = before.relations.get(relationKey);
    if (relation === undefined) return false;
    return relation.persistence === 'temporary' || this.#isNewOrigin(relation.origin, index);
  }

  /** Whether an effect is on a relation, an index or a sequence that nothing uses yet. */
  #isOnNew(effect: Effect, before: Schema, index: number): boolean {
    const key = objectKey(effect.schema, effect.relation);
    const table =
      effect.relationKind === 'index'
        ? before.indexes.get(key)?.relationKey
        : effect.relationKind === 'sequence'
          ? before.sequences.get(key)?.ownedBy?.relationKey
          : key;
    if (table !== undefined) return this.#isNew(table, before, index);
    const origin = before.sequences.get(key)?.origin;
    return origin !== undefined && this.#isNewOrigin(origin, index);
  }

  /** Made by this migration, or by one that the connected database does not have. */
  #isNewOrigin(origin: Origin, index: number): boolean {
    if (origin.fileIndex === index) return true;
    if (origin.migration !== undefined && this.#unreleased?.has(origin.migration) === true) return true;
    return (
      this.#database !== undefined && origin.migration !== undefined && !this.#database.applied.has(origin.migration)
    );
  }

  /** Steps of every change in the folder; where a change says so in its headers. */
  #steps(): readonly Omit<ChangeStep, 'isEarlier'>[] {
    this.#changeSteps ??= this.#migrations.migrations.flatMap((migration) => {
      const text = this.textOf(migration.upPath);
      const directives = text?.includes('lockstep:') !== true ? undefined : this.directivesOfMigration(migration);
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

  #load(path: string): LoadedDocument {
    const text = this.textOf(path);
    if (text === undefined) throw new Error(`not a document of this project: ${path}`);
    const known = this.#documents.get(path);
    if (known?.text === text) return known;
    const limit = fileLimit(this.settings);
    const isTooLarge = text.length > limit;
    const readable = isTooLarge ? headOf(text) : text;
    const layout = this.format.layout(path, readable, this.dialect.id);
    const read = isTooLarge
      ? readTooLarge(text, layout, limit)
      : readDocument(this.dialect, text, layout.sections, known?.read);
    const loaded: LoadedDocument = { text, layout, directives: readDirectives(readable), read };
    this.#documents.set(path, loaded);
    return loaded;
  }

  #analyse(path: string): AnalysedDocument {
    const document = this.#load(path);
    const index = this.#indexOf(path) ?? this.#migrations.migrations.length;
    const migration = this.#migrations.migrations[index];
    const before = this.#before(index);
    const isDownFile = migration !== undefined && migration.downPath === path && migration.upPath !== path;
    const start = isDownFile ? this.#after(index) : before;
    const previous = this.#analysed.get(path);
    const statements = analyseDocument(
      this.dialect,
      document.read,
      start,
      isDownFile ? start : undefined,
      (section) => this.#origin(this.#indexOfSection(path, section)),
      this.target,
      previous?.statements,
    );
    const analysed = { document, statements };
    this.#analysed.set(path, analysed);
    return analysed;
  }

  /** Schema before a migration: what the connected database has and the pending ones before it, or all earlier migrations. */
  #before(index: number): Schema {
    const migration = this.#migrations.migrations[index];
    const isPending = migration === undefined || !this.#isApplied(migration);
    return (isPending ? this.#pending : undefined)?.before(index) ?? this.#chain.before(index);
  }

  #after(index: number): Schema {
    return this.#foldOne(index, this.#before(index));
  }

  #foldOne(index: number, before: Schema): Schema {
    const migration = this.#migrations.migrations[index];
    if (migration === undefined) return before;
    // A document that is being linted has been folded already.
    const analysed = this.#analysed.get(migration.upPath);
    const up =
      analysed?.statements.filter(
        (statement) => statement.section.direction === 'up' && isOf(statement.section, migration),
      ) ?? [];
    const last = up.at(-1);
    if (last !== undefined && up[0]?.before === before && analysed?.document === this.#load(migration.upPath))
      return last.after.session === before.session ? last.after : { ...last.after, session: before.session };
    return foldDocument(
      this.dialect,
      this.#load(migration.upPath).read,
      before,
      this.#origin(index),
      this.target,
      migration.id,
    );
  }

  #origin(index: number): Origin {
    const migration = this.#migrations.migrations[index];
    return migration === undefined ? { fileIndex: index } : { migration: migration.id, fileIndex: index };
  }

  #newChain(): FoldChain {
    return new FoldChain(this.dialect.emptySchema(false), (index, before) => this.#foldOne(index, before));
  }

  #restartChains(): void {
    this.#analysed.clear();
    this.#idIndex = undefined;
    this.#newest = undefined;
    this.#lastLint = undefined;
    this.#chain = this.#newChain();
    const catalog = this.#database?.catalog;
    this.#pending =
      catalog === undefined
        ? undefined
        : new FoldChain(catalog, (index, before) => {
            const migration = this.#migrations.migrations[index];
            return migration === undefined || this.#isApplied(migration) ? before : this.#foldOne(index, before);
          });
  }

  #forget(path: string): void {
    this.#documents.delete(path);
    this.#analysed.delete(path);
  }
}

/** Whether a section is a half of the migration. */
function isOf(section: Section, migration: MigrationFile): boolean {
  return section.migration === undefined || section.migration === migration.id;
}

/** Operations after which code may name what is no longer there. */
const NAME_CHANGES: ReadonlySet<OperationKind> = new Set<OperationKind>([
  'drop-table',
  'drop-view',
  'drop-materialized-view',
  'drop-column',
  'rename-column',
  'rename-table',
  'set-table-schema',
]);

/** Rules about names that code must have given up before. */
const RULES_ABOUT_NAMES = new Set(['drop-before-contract', 'rename-in-use', 'renamed-object']);

function namesSought({ finding, ruleFinding }: LocatedFinding): readonly SoughtName[] {
  return ruleFinding?.operation === undefined || !RULES_ABOUT_NAMES.has(finding.code)
    ? []
    : soughtBy(ruleFinding.operation, ruleFinding.span);
}

const created = new WeakMap<ReadDocument, ReadonlySet<string>>();

/** Tables that a document's up half creates without IF NOT EXISTS, as `schema.name`. */
function tablesCreated(document: ReadDocument, defaultSchema: string): ReadonlySet<string> {
  const known = created.get(document);
  if (known !== undefined) return known;
  const names = new Set<string>();
  for (const statement of document.statements) {
    if (statement.section.direction === 'down') continue;
    for (const operation of statement.body.operations) {
      if (
        operation.kind !== 'create-table' ||
        operation.ifNotExists ||
        operation.certainty === 'may' ||
        operation.persistence === 'temporary'
      )
        continue;
      names.add(`${operation.relation.schema ?? defaultSchema}.${operation.relation.name}`);
    }
  }
  created.set(document, names);
  return names;
}
