import { analyseDocument, type AnalysedStatement, type ReadDocument } from '../analysis/analyse.ts';
import { soughtBy, usesSentence, type SoughtName } from '../analysis/code-uses.ts';
import { explainStatements } from '../analysis/explain.ts';
import { editedAfterApply, editedAfterRelease, lintDocument, type LocatedFinding } from '../analysis/lint.ts';
import type { ExplainedFile, Finding } from '../analysis/report.ts';
import type { Settings } from '../analysis/settings.ts';
import type { Engine } from '../engines/engine.ts';
import type { LockHolder } from '../model/activity.ts';
import type { DocumentLayout, MigrationFile } from '../model/migration.ts';
import type { OperationKind } from '../model/operation.ts';
import type { FolderFacts, HeldBefore, Rule } from '../rules/rule.ts';
import type { FolderTexts } from '../tools/history.ts';
import type { ToolProject } from '../tools/tool.ts';
import type { CodeSearch } from './code-search.ts';
import { directivesIn, type DocumentPart, type Documents, type LoadedDocument } from './documents.ts';
import type { FolderHistory } from './folder-history.ts';
import { type RunHalf, transactionsOf } from './run-transactions.ts';

/** How many later migrations are folded again at a keystroke in an earlier one; each takes about 0.1 ms. */
const MOST_FOLDED_AGAIN = 300;

export interface AnalysedDocument {
  readonly document: LoadedDocument;
  readonly statements: readonly AnalysedStatement[];
}

export interface FolderAnalysisOptions {
  readonly documents: Documents;
  readonly history: FolderHistory;
  readonly project: ToolProject;
  readonly engine: Engine;
  readonly settings: Settings;
  readonly rules: readonly Rule[];
}

/** Findings about one migration of a document. */
export interface MigrationFindings {
  /** Of the migration in the folder; after all others where it is a new one. */
  readonly index: number;
  readonly findings: readonly LocatedFinding[];
}

/** What was worked out of one document while nothing that it depends on changed. */
interface Kept {
  readonly revision: number;
  readonly document: LoadedDocument;
  readonly analysed: AnalysedDocument;
  located?: readonly MigrationFindings[];
  explained?: ExplainedFile['statements'];
}

/** Findings and effects of a folder's documents: one result for each version of a document, however often it is asked for. */
export class FolderAnalysis {
  readonly #options: FolderAnalysisOptions;
  readonly #kept = new Map<string, Kept>();
  #codeSearch: Pick<CodeSearch, 'usesOf'> | undefined;

  constructor(options: FolderAnalysisOptions) {
    this.#options = options;
  }

  /** Locks that long transactions of the connected database held when it was read. */
  get holders(): readonly LockHolder[] {
    return this.#options.history.database?.holders ?? [];
  }

  /** Where to ask for source code that still names what a migration takes away. */
  setCodeSearch(search: Pick<CodeSearch, 'usesOf'> | undefined): void {
    this.#codeSearch = search;
  }

  /** A document is no more. */
  forget(path: string): void {
    this.#kept.delete(path);
  }

  /** Documents that are gone, or whose schemas start from somewhere else. */
  forgetAll(): void {
    this.#kept.clear();
  }

  /** What was analysed last of a document, in whatever version; nothing is worked out. */
  known(path: string): AnalysedDocument | undefined {
    return this.#kept.get(path)?.analysed;
  }

  analyse(path: string): AnalysedDocument {
    return this.#keptOf(path).analysed;
  }

  /** Findings of a document; none about a migration that is history. */
  findings(path: string): readonly LocatedFinding[] {
    return this.findingsByMigration(path).flatMap(({ findings }) => findings);
  }

  /** The same, by the migration that they are about: one, or several where the tool writes these in one document. */
  findingsByMigration(path: string): readonly MigrationFindings[] {
    const kept = this.#keptOf(path);
    kept.located ??= this.#lintParts(path, kept.analysed);
    return kept.located;
  }

  explain(path: string): ExplainedFile['statements'] {
    const kept = this.#keptOf(path);
    const { engine, history, settings } = this.#options;
    kept.explained ??= explainStatements(
      { engine, target: history.target, settings, holders: this.holders },
      kept.document.text,
      kept.analysed.statements,
    );
    return kept.explained;
  }

  /** Names that findings of a document ask for, and that nobody has searched for yet. */
  soughtNames(path: string): readonly SoughtName[] {
    // Most migrations take nothing away, which costs no lint to see.
    const takesAway = this.#options.documents
      .load(path)
      .read.statements.some((statement) =>
        statement.body.operations.some((operation) => NAME_CHANGES.has(operation.kind)),
      );
    return !takesAway
      ? []
      : this.findings(path)
          .flatMap(namesSought)
          .filter((name) => this.#codeSearch?.usesOf(name) === undefined);
  }

  /** The finding, and where source code still names what it is about. */
  withUses(located: LocatedFinding): Finding {
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

  #keptOf(path: string): Kept {
    const { documents, history } = this.#options;
    const document = documents.load(path);
    const previous = this.#kept.get(path);
    if (previous?.document === document && previous.revision === history.revision) return previous;
    const analysed = { document, statements: this.#statements(path, document, previous?.analysed.statements) };
    const kept: Kept = { revision: history.revision, document, analysed };
    this.#kept.set(path, kept);
    return kept;
  }

  #statements(
    path: string,
    document: LoadedDocument,
    previous: readonly AnalysedStatement[] | undefined,
  ): readonly AnalysedStatement[] {
    const { history, engine } = this.#options;
    const index = history.indexOf(path);
    const migration = history.migrationAt(index);
    const before = history.before(index);
    const isDownFile = migration !== undefined && migration.downPath === path && migration.upPath !== path;
    const start = isDownFile ? history.after(index) : before;
    return analyseDocument(
      engine,
      document.read,
      start,
      isDownFile ? start : undefined,
      (section) => history.origin(history.indexOfSection(path, section)),
      history.target,
      previous,
    );
  }

  #lintParts(path: string, { document, statements }: AnalysedDocument): readonly MigrationFindings[] {
    const { history } = this.#options;
    return document.parts.map((part, position) => {
      const index = history.indexOfSection(path, part);
      const layoutProblems = position === 0 ? document.layout.problems : [];
      if (part.migration === undefined)
        return { index, findings: this.#lint(path, document, part, layoutProblems, statements, index) };
      const own = statements.filter(({ section }) => section.migration === part.migration);
      const offset = own[0]?.index ?? 0;
      const renumbered = own.map((statement) => ({ ...statement, index: statement.index - offset }));
      return {
        index,
        findings: this.#lint(path, document, part, layoutProblems, renumbered, index).map((located) =>
          located.finding.statement < 0
            ? located
            : { ...located, finding: { ...located.finding, statement: located.finding.statement + offset } },
        ),
      };
    });
  }

  #lint(
    path: string,
    document: LoadedDocument,
    part: DocumentPart,
    layoutProblems: DocumentLayout['problems'],
    statements: readonly AnalysedStatement[],
    index: number,
  ): readonly LocatedFinding[] {
    const { history, engine, project, rules, settings } = this.#options;
    if (history.isHistory(index)) return this.#drift(path, document.text, index);
    const located = lintDocument({
      engine,
      target: history.target,
      rules,
      settings,
      isAppliedByCommand: project.applier.kind === 'command',
      path,
      text: document.text,
      statements,
      directives: part.directives,
      layoutProblems,
      changeSteps: history.changeSteps().map((step) => ({
        ...step,
        isEarlier: (history.indexOfId(step.migration) ?? 0) < index,
      })),
      ...(document.language.remarks === undefined ? {} : { remarks: document.language.remarks(engine, document.text) }),
      holders: this.holders,
      isNew: (relationKey, schema) => history.isNew(relationKey, schema, index),
      isNewOrigin: (origin) => history.isNewOrigin(origin, index),
      folder: this.#folderFacts(index),
    });
    return history.isEdited(path, index) ? [...editedAfterRelease(document.text, settings), ...located] : located;
  }

  /** An applied migration is history and not linted, but that its text is another one now is said. */
  #drift(path: string, text: string, index: number): readonly LocatedFinding[] {
    return this.isDrifted(path, index) ? editedAfterApply(text, this.#options.settings) : [];
  }

  /** Whether a document is the up half of an applied migration, and holds something else than what was applied. */
  isDrifted(path: string, index: number): boolean {
    const { history, project } = this.#options;
    const migration = history.migrationAt(index);
    const stored = migration === undefined ? undefined : history.database?.checksums?.get(migration.id);
    if (migration === undefined || migration.upPath !== path || stored === undefined) return false;
    const current = project.history.checksums(migration, this.#folder);
    return current.length > 0 && !current.includes(stored);
  }

  /** The folder as the tools see it: its migrations and their texts. */
  get #folder(): FolderTexts {
    const { history, documents } = this.#options;
    return { migrations: history.migrations, textOf: (path) => documents.textOf(path) };
  }

  /** What rules may ask of the other migrations. */
  #folderFacts(index: number): FolderFacts {
    const { history, documents, project, engine } = this.#options;
    const { migrations } = history.migrations;
    const migration = migrations[index];
    const newest = history.newestApplied();
    const late =
      migration === undefined || newest === undefined || newest <= index || history.isApplied(migration)
        ? undefined
        : migrations[newest];
    return {
      index,
      isNewest: index >= migrations.length - 1,
      lacksDown: () => this.#lacksDown(index),
      schemaBefore: () => history.before(index),
      schemaAtEnd: () =>
        index >= migrations.length - 1 ||
        (migrations.length - index > MOST_FOLDED_AGAIN && migration !== undefined && documents.isOpen(migration.upPath))
          ? undefined
          : history.atEnd(index),
      isUpKnown: () =>
        migration === undefined ||
        documents
          .load(migration.upPath)
          .read.statements.every(
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
          : documents
              .load(migration.upPath)
              .read.statements.flatMap((statement) =>
                statement.section.direction === 'up' ? statement.body.operations : [],
              ),
      createdLater: (schema, name) => {
        const known = `${schema}.${name}`;
        for (let later = index + 1; later < migrations.length; later++) {
          const path = migrations[later]?.upPath;
          if (path !== undefined && tablesCreated(documents.load(path).read, engine.product.searchPath[0]).has(known))
            return migrations[later]?.id;
        }
        return undefined;
      },
      heldBefore: () => this.#heldBefore(index),
      ...(late === undefined ? {} : { late: { newest: late.id, outcome: project.history.lateArrival } }),
    };
  }

  /** What the pending migrations before one hold when it begins, where the tool runs them in one transaction. */
  #heldBefore(index: number): readonly HeldBefore[] {
    const { history, project } = this.#options;
    const { applier } = project;
    const own = history.migrationAt(index);
    // Without a database nobody knows what runs together.
    if (applier.kind !== 'command' || applier.transactions !== 'all' || own === undefined) return [];
    if (history.database === undefined || history.isApplied(own)) return [];
    const earlier = history.migrations.migrations.slice(0, index).filter((migration) => !history.isApplied(migration));
    const open = transactionsOf(this.halvesOf(earlier, 'up'), 'all').at(-1);
    if (open?.isOpen !== true) return [];
    return open.locks.filter(
      ({ key, effect, migration, before }) =>
        effect.certainty === 'certain' &&
        effect.blocks.includes('writes') &&
        TABLE_KINDS.has(effect.relationKind) &&
        !history.isNew(key, before, history.indexOfId(migration) ?? index),
    );
  }

  /** Halves of some migrations with what their statements do, in the order of the run. */
  halvesOf(migrations: readonly MigrationFile[], direction: 'up' | 'down'): readonly RunHalf[] {
    return migrations.map((migration) => {
      const path = direction === 'up' ? migration.upPath : migration.downPath;
      const statements = path === undefined ? [] : this.analyse(path).statements;
      return {
        id: migration.id,
        statements: statements.filter(
          ({ section }) =>
            section.direction === direction && (section.migration === undefined || section.migration === migration.id),
        ),
      };
    });
  }

  /** Whether others of the folder can be reverted, and this one neither can nor says why. */
  #lacksDown(index: number): boolean {
    const { history, documents } = this.#options;
    const migration = history.migrationAt(index);
    if (
      migration === undefined ||
      migration.downPath !== undefined ||
      directivesIn(documents.load(migration.upPath), migration).irreversible !== undefined
    )
      return false;
    return history.migrations.migrations.some((other) => other.downPath !== undefined);
  }
}

/** What queries name: locks of indexes and sequences come with those of their tables. */
const TABLE_KINDS: ReadonlySet<string> = new Set(['table', 'partitioned-table', 'materialized-view', 'foreign-table']);

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
