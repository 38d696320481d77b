import type { FileChange, FileSystem } from '../core/ports.ts';
import { LineIndex } from '../core/line-index.ts';
import type { Engine, Target } from '../engines/engine.ts';
import type { AnalysedStatement } from '../analysis/analyse.ts';
import type { WishResult } from '../analysis/plan-wish.ts';
import type { SoughtName } from '../analysis/code-uses.ts';
import { lintSource, problemsOfDocument, type LocatedFinding } from '../analysis/lint.ts';
import type { ExplainedTransaction, ExplainedFile, FileReport, Finding } from '../analysis/report.ts';
import type { Settings } from '../analysis/settings.ts';
import type { Language } from '../languages/language.ts';
import type { LockHolder } from '../model/activity.ts';
import type { Directives } from '../model/directives.ts';
import type { Effect } from '../model/effect.ts';
import type { DocumentLayout, MigrationFile, MigrationFolder } from '../model/migration.ts';
import type { Schema } from '../model/schema.ts';
import type { Wish } from '../planner/wishes.ts';
import type { Rule } from '../rules/rule.ts';
import type { Applier, ScriptRequest } from '../tools/applier.ts';
import type { Format } from '../tools/format.ts';
import type { Headers } from '../tools/headers.ts';
import type { History } from '../tools/history.ts';
import { truncatedName } from '../rules/truncated-name.ts';
import type { ToolProject } from '../tools/tool.ts';
import type { CodeSearch } from './code-search.ts';
import { directivesIn, Documents } from './documents.ts';
import { FolderAnalysis } from './folder-analysis.ts';
import { FolderChanges } from './folder-changes.ts';
import { FolderHistory } from './folder-history.ts';
import { heldAtEnd, transactionsOf } from './run-transactions.ts';
import type { DatabaseFacts, Project, ServerFacts } from './project.ts';

/** How many files are read at once. */
const READ_CONCURRENCY = 32;

export interface FolderProjectOptions {
  readonly root: string;
  readonly project: ToolProject;
  readonly engine: Engine;
  readonly target: Target;
  /** A person named the target's version, so that it counts before the connected database's. */
  readonly isVersionNamed?: boolean;
  readonly settings: Settings;
  /** Absolute; where the configuration file lies, from which its paths count. Absent where there is none. */
  readonly settingsFolder?: string;
  readonly rules: readonly Rule[];
  readonly files: FileSystem;
}

/** Names that are written as they are kept before a migration is planned; more would be an edit that mends nothing. */
const MOST_NAMES = 500;

const NO_VALUES: ReadonlyMap<string, string> = new Map();

/** The one implementation of `Project`: documents, their history, what is found in them and what can be done about it. */
export class FolderProject implements Project {
  readonly root: string;
  /** Relative to `root`; empty for the root itself. */
  readonly folder: string;
  readonly tool: ToolProject['tool'];
  readonly format: Format;
  readonly history: History;
  readonly applier: Applier;
  readonly engine: Engine;
  readonly unreadProduct: string | undefined;
  readonly settings: Settings;
  readonly settingsFolder: string | undefined;
  readonly #files: FileSystem;
  readonly #options: Pick<FolderProjectOptions, 'project' | 'rules'>;
  readonly #documents: Documents;
  /** What has been made of the schema so far; `history` is the tool's own table. */
  readonly #order: FolderHistory;
  readonly #analysis: FolderAnalysis;
  readonly #changes: FolderChanges;

  constructor(options: FolderProjectOptions) {
    this.root = options.root;
    this.folder = options.project.folder;
    this.tool = options.project.tool;
    this.format = options.project.format;
    this.history = options.project.history;
    this.applier = options.project.applier;
    this.engine = options.engine;
    this.unreadProduct = options.project.unreadProduct;
    this.settings = options.settings;
    this.settingsFolder = options.settingsFolder;
    this.#files = options.files;
    this.#options = options;
    const documents = new Documents(options);
    const history = new FolderHistory({ ...options, documents, analysedOf: (path) => this.#analysis.known(path) });
    const analysis = new FolderAnalysis({ ...options, documents, history });
    this.#documents = documents;
    this.#order = history;
    this.#analysis = analysis;
    this.#changes = new FolderChanges({ ...options, documents, history, analysis });
  }

  get migrations(): MigrationFolder {
    return this.#order.migrations;
  }

  get target(): Target {
    return this.#order.target;
  }

  /** What the connected database has, as it was last read; undefined without one. */
  get database(): DatabaseFacts | undefined {
    return this.#order.database;
  }

  /** Locks that long transactions of the connected database held when it was read. */
  get holders(): readonly LockHolder[] {
    return this.#analysis.holders;
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
    this.#documents.setDisk(texts, migrations.sidecars);
    this.#analysis.forgetAll();
    this.#order.setMigrations(migrations);
  }

  setText(path: string, text: string | undefined): void {
    const before = this.#documents.known(path);
    if (!this.#documents.setText(path, text)) return;
    if (this.#documents.textOf(path) === undefined) this.#analysis.forget(path);
    this.#order.documentChanged(path, before);
  }

  textOf(path: string): string | undefined {
    return this.#documents.textOf(path);
  }

  setDatabase(facts: DatabaseFacts | undefined): void {
    this.#analysis.forgetAll();
    this.#order.setDatabase(facts);
  }

  /** Version and sizes of a database that was not asked what it has applied. */
  setServer(server: ServerFacts | undefined): void {
    this.#analysis.forgetAll();
    this.#order.setServer(server);
  }

  setUnreleased(ids: ReadonlySet<string> | undefined): void {
    this.#order.setUnreleased(ids);
  }

  setEdited(paths: ReadonlySet<string> | undefined): void {
    this.#order.setEdited(paths);
  }

  setCodeSearch(search: Pick<CodeSearch, 'usesOf'> | undefined): void {
    this.#analysis.setCodeSearch(search);
  }

  /** Names that findings of a document ask for, and that nobody has searched for yet. */
  soughtNames(path: string): readonly SoughtName[] {
    return this.#analysis.soughtNames(path);
  }

  owns(path: string): boolean {
    return this.format.holds(path);
  }

  /** Whether the folder, as it was last read, holds this document. */
  isListed(path: string): boolean {
    return this.#order.isListed(path);
  }

  /**
   * Documents that lint may have something to say about, the newest first: those of migrations that are not past, and applied
   * ones whose text is another one now.
   */
  lintedPaths(): readonly string[] {
    const paths = new Set<string>();
    for (const [index, migration] of [...this.migrations.migrations.entries()].toReversed()) {
      const { upPath, downPath } = migration;
      if (!this.#order.isHistory(index)) {
        paths.add(upPath);
        if (downPath !== undefined) paths.add(downPath);
      } else if (this.#analysis.isDrifted(upPath, index)) paths.add(upPath);
    }
    return [...paths];
  }

  lint(path: string): FileReport {
    const { document, statements } = this.#analysis.analyse(path);
    return {
      ...this.#head(path),
      phase: document.directives.change?.phase ?? null,
      findings: this.#analysis.findings(path).map((located) => this.#analysis.withUses(located)),
      problems: problemsOfDocument(document.text, statements, document.layout.problems),
    };
  }

  /** Findings about the program that the migrations belong to, read now; only of files that have some. */
  async lintSources(): Promise<readonly FileReport[]> {
    const { project, rules } = this.#options;
    const sources = (await project.sources?.(this.#files, this.root)) ?? [];
    return sources.flatMap(({ path, text, remarks }): readonly FileReport[] => {
      const findings = lintSource(
        {
          text,
          rules,
          settings: this.settings,
          engine: this.engine,
          isAppliedByCommand: this.applier.kind === 'command',
        },
        remarks,
      );
      return findings.length === 0 ? [] : [{ ...this.#head(path), phase: null, findings, problems: [] }];
    });
  }

  explain(path: string): ExplainedFile {
    return {
      ...this.#head(path),
      transaction: this.#documents.load(path).layout.sections[0]?.transaction ?? 'one',
      statements: this.#analysis.explain(path),
    };
  }

  /**
   * The transactions in which the tool's own command runs some migrations, in this order, with what each holds when it ends;
   * undefined where Lockstep runs them, or where it is not known.
   */
  transactions(
    direction: 'up' | 'down',
    migrations: readonly MigrationFile[],
  ): readonly ExplainedTransaction[] | undefined {
    const rule =
      this.applier.kind === 'command' && this.unreadProduct === undefined ? this.applier.transactions : undefined;
    return rule === undefined
      ? undefined
      : transactionsOf(this.#analysis.halvesOf(migrations, direction), rule).map((transaction) => ({
          migrations: transaction.migrations,
          heldAtEnd: heldAtEnd(transaction),
        }));
  }

  /** What pending migrations among some documents hold together; undefined where the tool runs each by itself. */
  explainTogether(paths: readonly string[]): readonly ExplainedTransaction[] | undefined {
    if (this.applier.kind !== 'command' || this.applier.transactions !== 'all') return undefined;
    const pending = this.migrations.migrations.filter(
      (migration) => paths.includes(migration.upPath) && !this.#order.isApplied(migration),
    );
    return this.transactions('up', pending)?.filter(({ heldAtEnd }) => heldAtEnd.length > 0);
  }

  /** The statements of one half as they are sent, with whether each runs in the migration's transaction. */
  sent(path: string, direction: 'up' | 'down'): ScriptRequest['migrations'][number]['statements'] {
    return this.#analysis
      .analyse(path)
      .statements.filter(({ section }) => section.direction === direction)
      .map(({ source, section }) => ({ source, transaction: section.transaction }));
  }

  fixes(
    path: string,
    now: Date,
    isWanted: (finding: Finding) => boolean = () => true,
    values: ReadonlyMap<string, string> = NO_VALUES,
  ): ReturnType<Project['fixes']> {
    return this.#changes.fixes(path, { now, values }, isWanted);
  }

  fixWhole(
    path: string,
    now: Date,
    isWanted: (finding: Finding) => boolean = ({ severity }) => severity !== 'info',
    values: ReadonlyMap<string, string> = NO_VALUES,
  ): ReturnType<Project['fixWhole']> {
    const held = this.#documents.heldText(path);
    // What a database calls a thing is planned with, not a longer name that it cuts off; a proposal holds whole texts.
    const text = this.#withKeptNames(path, now, isWanted);
    if (text === undefined) return this.#changes.fixWhole(path, { now, values }, isWanted);
    try {
      this.setText(path, text);
      return this.#changes.fixWhole(path, { now, values }, isWanted);
    } finally {
      this.setText(path, held);
    }
  }

  /** The text of a document with each name as the database keeps it; undefined where that is as it is. */
  #withKeptNames(path: string, now: Date, isWanted: (finding: Finding) => boolean): string | undefined {
    const held = this.#documents.heldText(path);
    const original = this.#documents.textOf(path);
    let text = original;
    try {
      for (let round = 0; round < MOST_NAMES; round++) {
        const [edit] = this.#changes.fixes(
          path,
          { now, values: NO_VALUES },
          (finding) => finding.code === truncatedName.code && isWanted(finding),
        ).fixes;
        const next = edit?.files.find((file) => file.path === path);
        if (next === undefined || next.action === 'delete' || next.text === text) break;
        text = next.text;
        this.setText(path, text);
      }
    } finally {
      if (text !== original) this.setText(path, held);
    }
    return text === original ? undefined : text;
  }

  /** Plans a change that no migration has asked for yet, as files behind the newest one. */
  planWish(
    wish: Wish,
    values: readonly string[],
    now: Date,
    rowValues: ReadonlyMap<string, string> = NO_VALUES,
  ): WishResult {
    return this.#changes.planWish(wish, values, { now, values: rowValues });
  }

  /** What all migrations together make, the connected database's own objects included. */
  schema(): Schema {
    return this.#order.before(this.migrations.migrations.length);
  }

  /** What the migrations up to one make, the connected database's own objects included. */
  schemaAfter(id: string): Schema {
    const index = this.#order.indexOfId(id);
    return index === undefined ? this.schema() : this.#order.before(index + 1);
  }

  /** Files of an empty migration behind the newest, in the tool's own format. */
  newMigration(slug: string, now: Date): readonly FileChange[] {
    return this.#changes.newMigration(slug, now);
  }

  /** Findings with their spans, for callers that need more than the report. */
  located(path: string): readonly LocatedFinding[] {
    return this.#analysis.findings(path);
  }

  /** Statement under an offset with its effects, and the index of its lines; undefined between statements. */
  statementAt(
    path: string,
    offset: number,
  ): { readonly statement: AnalysedStatement; readonly lines: LineIndex } | undefined {
    const { document, statements } = this.#analysis.analyse(path);
    const statement = statements.find(
      (candidate) => offset >= candidate.source.span.start && offset <= candidate.source.span.end,
    );
    return statement === undefined ? undefined : { statement, lines: new LineIndex(document.text) };
  }

  /** Statements that were made from the same words of a document, in the order in which they run; a plain one alone. */
  statementsWith(path: string, { source }: Pick<AnalysedStatement, 'source'>): readonly AnalysedStatement[] {
    const { from } = source;
    return this.#analysis
      .analyse(path)
      .statements.filter(
        (other) =>
          other.source === source ||
          (from !== undefined && other.source.from?.start === from.start && other.source.from.end === from.end),
      );
  }

  /** Whether this text of a file would count as edited after it was applied, where its own does not. */
  wouldDrift(path: string, text: string): boolean {
    const textOf = (asked: string): string | undefined => (asked === path ? text : this.textOf(asked));
    return this.migrations.migrations.some((migration) => {
      const stored = migration.upPath === path ? this.#order.database?.checksums?.get(migration.id) : undefined;
      if (stored === undefined || !this.history.checksums(migration, this).includes(stored)) return false;
      return !this.history.checksums(migration, { migrations: this.migrations, textOf }).includes(stored);
    });
  }

  /**
   * Statements of a document with their effects on relations that are in use: not made by this migration, or by one that
   * has not been applied. None where the migration is history: it has done what it does.
   */
  impacts(path: string): readonly { readonly statement: AnalysedStatement; readonly effects: readonly Effect[] }[] {
    return this.#analysis.analyse(path).statements.flatMap((statement) => {
      const index = this.#order.indexOfSection(path, statement.section);
      return this.#order.isHistory(index)
        ? []
        : [
            {
              statement,
              effects: statement.effects.filter((effect) => !this.#order.isOnNew(effect, statement.before, index)),
            },
          ];
    });
  }

  /** Every statement of a document, its layout, and the language that it is written in. */
  analysed(path: string): {
    readonly statements: readonly AnalysedStatement[];
    readonly layout: DocumentLayout;
    readonly text: string;
    readonly language: Language;
  } {
    const { document, statements } = this.#analysis.analyse(path);
    return { statements, layout: document.layout, text: document.text, language: document.language };
  }

  /** What the headers of one migration say: its part of the document, where that holds several. */
  directivesOfMigration(migration: MigrationFile): Directives {
    return directivesIn(this.#documents.load(migration.upPath), migration);
  }

  headersOf(path: string): Headers | undefined {
    return this.#documents.headersOf(path);
  }

  /** What the document's headers say. */
  directivesOf(path: string): Directives {
    return this.#documents.load(path).directives;
  }

  layoutOf(path: string): DocumentLayout {
    return this.#documents.load(path).layout;
  }

  #head(path: string): {
    readonly path: string;
    readonly tool: string;
    readonly dialect: Project['engine']['id'] | null;
    readonly unreadProduct?: string;
    readonly serverVersion: string;
  } {
    if (this.unreadProduct !== undefined)
      return { path, tool: this.tool.id, dialect: null, unreadProduct: this.unreadProduct, serverVersion: '' };
    return {
      path,
      tool: this.tool.id,
      dialect: this.engine.id,
      serverVersion: this.engine.formatVersion(this.target.version),
    };
  }
}
