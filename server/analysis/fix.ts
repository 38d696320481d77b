import { escapePattern } from '../core/escape-pattern.ts';
import type { Format } from '../tools/format.ts';
import type { FolderTexts } from '../tools/history.ts';
import { applyEdits, type TextEdit } from '../core/edit.ts';
import type { FileChange } from '../core/ports.ts';
import type { Engine, Target } from '../engines/engine.ts';
import type { Language } from '../languages/language.ts';
import type { MigrationFile } from '../model/migration.ts';
import { isTableAction, type Operation } from '../model/operation.ts';
import type { Schema } from '../model/schema.ts';
import type { ChangeRequest, PlanResult } from '../planner/plan.ts';
import { planChange } from '../planner/plan-change.ts';
import type { Plan } from '../planner/step.ts';
import { withOwnIndexesSaid } from '../planner/parts/own-indexes.ts';
import type { AnalysedStatement } from './analyse.ts';
import type { LocatedFinding } from './lint.ts';
import { mayTakeAway, neededBy, takesAway } from './later-drops.ts';
import type { FixProposal } from './report.ts';
import { stepLocks } from './step-locks.ts';
import { undoes } from './undo.ts';

/** One document as a fix sees it. */
export interface FixDocument {
  readonly path: string;
  readonly text: string;
  readonly language: Language;
  readonly statements: readonly AnalysedStatement[];
}

/** What a fix may change: the migration's own documents, and the folder behind it. */
export interface FixInput {
  readonly engine: Engine;
  readonly target: Target;
  readonly format: Format;
  /** All migrations, in order, and their texts. */
  readonly folder: FolderTexts;
  readonly migration: MigrationFile;
  readonly up: FixDocument;
  /** Same as `up` where both halves are in one file; absent where there is no down half. */
  readonly down?: FixDocument;
  /** Texts of the up halves of later migrations, which would run before the new files. */
  readonly laterTexts: readonly { readonly id: string; readonly text: string }[];
  /** Ids of the changes that the project has already. */
  readonly changeIds: ReadonlySet<string>;
  readonly isApplied: boolean;
  readonly now: Date;
  /** SQL of values for old rows that a person gave, by `table.column` or `column`. */
  readonly values?: ReadonlyMap<string, string>;
}

/** A remedy worked out, or why it was not: a sentence that says what to do instead. */
export type FixResult =
  | { readonly kind: 'fix'; readonly proposal: FixProposal }
  | { readonly kind: 'skipped'; readonly code: string; readonly reason: string };

/** Works out every remedy of one finding; a finding without remedies gives none. */
export function resolveFixes(input: FixInput, located: LocatedFinding): readonly FixResult[] {
  const { ruleFinding, finding } = located;
  if (ruleFinding === undefined) return [];
  const skip = (reason: string): FixResult => ({ kind: 'skipped', code: finding.code, reason });
  return located.fixes.flatMap((fix): FixResult | readonly [] => {
    // Whoever knows the folder plans the whole migration.
    if (fix.kind === 'whole') return [];
    if (input.isApplied)
      return skip(`${input.migration.id} is applied already and is never edited: write a new migration instead.`);
    const statement = input.up.statements.find((candidate) => candidate.source === ruleFinding.statement.source);
    const document = statement === undefined ? input.down : input.up;
    if (document === undefined) return skip('The document has changed since it was read.');
    const summary = { code: finding.code, title: fix.title, safety: fix.safety, range: finding.range };
    if (fix.kind === 'edit') {
      const edits = fix.edits.flatMap((edit) => document.language.edit(ruleFinding.statement.source, edit) ?? []);
      if (edits.length < fix.edits.length)
        return skip('The place of the edit is not written in the file as the database reads it: write it by hand.');
      return {
        kind: 'fix',
        proposal: {
          ...summary,
          kind: 'edit',
          steps: [],
          values: [],
          files: settled(input, [{ path: document.path, action: 'edit', text: applyEdits(document.text, edits) }]),
        },
      };
    }
    if (statement === undefined || document !== input.up)
      return skip('Only the up half of a migration is split into steps.');
    return resolveChange(input, statement, fix.request, summary);
  });
}

function resolveChange(
  input: FixInput,
  statement: AnalysedStatement,
  request: ChangeRequest,
  summary: Omit<FixProposal, 'kind' | 'steps' | 'files' | 'values'>,
): FixResult {
  const skip = (reason: string): FixResult => ({ kind: 'skipped', code: summary.code, reason });
  const obstacle = laterUse(input, statement, request.operation);
  if (obstacle !== undefined) return skip(obstacle);
  // What else the statement does stays where it is, and so comes before the steps.
  const others = statement.body.operations.filter((operation) => operation !== request.operation);
  const schema =
    others.length === 0
      ? statement.before
      : input.engine.fold(statement.before, others, { fileIndex: -1 }, input.target);
  const planned: PlanResult = planChange(request, {
    engine: input.engine,
    target: input.target,
    schema,
    running: input.up.statements[0]?.before ?? schema,
    statementText: statement.source.text,
    ...(input.values === undefined ? {} : { values: input.values }),
  });
  if (planned.kind === 'refused') return skip(planned.reason);
  const removal = removeOperation(input, statement, request.operation);
  if (removal === undefined)
    return skip(
      'The statement cannot be taken out of the file without changing what stands around it: write the steps by hand.',
    );
  const written = writePlan({ ...input, schema }, planned.plan, removal);
  if (written.kind === 'refused') return skip(written.reason);
  return {
    kind: 'fix',
    proposal: { ...summary, kind: 'change', steps: written.steps, files: written.files, values: written.values },
  };
}

/** A plan as files, or why the tool's format cannot hold it. */
export type WrittenPlan =
  | ({
      readonly kind: 'written';
      readonly changeId: string;
      readonly migrations: readonly MigrationFile[];
    } & Pick<FixProposal, 'steps' | 'files' | 'values'>)
  | { readonly kind: 'refused'; readonly reason: string };

/** The steps of a plan as files after the newest migration, in the tool's own format, with `removal`, which comes before them. */
export function writePlan(
  input: Pick<FixInput, 'format' | 'folder' | 'engine' | 'target' | 'now' | 'changeIds'> & {
    /** Before the first step. */
    readonly schema: Schema;
  },
  plan: Plan,
  removal: readonly FileChange[] = [],
): WrittenPlan {
  const changeId = uniqueId(plan.id, input.changeIds);
  const said = withOwnIndexesSaid(plan.steps, input.schema, input);
  const steps = said.map((step) => ({ ...step, changeId }));
  const refusal = input.format.refuses?.(steps);
  if (refusal !== undefined) return { kind: 'refused', reason: refusal };
  const written = input.format.write({
    folder: afterChanges(input.folder, removal),
    dialect: input.engine.id,
    now: input.now,
    steps,
  });
  const locks = stepLocks(said, input.schema, input);
  return {
    kind: 'written',
    changeId,
    migrations: written.migrations,
    steps: said.map((step, index) => {
      const migration = written.migrations[index];
      const documents =
        migration === undefined
          ? []
          : [...new Set([migration.upPath, ...(migration.downPath === undefined ? [] : [migration.downPath])])];
      const beside = written.changes.filter(({ goesWith }) => goesWith !== undefined && documents.includes(goesWith));
      return {
        phase: step.phase,
        title: step.title,
        files: [...documents, ...beside.map(({ path }) => path)],
        requires: step.requires.length === 0 ? null : step.requires,
        locks: locks[index] ?? [],
      };
    }),
    files: settled(input, joined([...removal, ...written.changes])),
    values: [...new Map(said.flatMap((step) => step.asked ?? []).map((value) => [value.name, value])).values()],
  };
}

/** The folder as it is read after some changes of documents; the list of its migrations stays. */
function afterChanges(folder: FolderTexts, changes: readonly FileChange[]): FolderTexts {
  const texts = new Map(changes.map((change) => [change.path, change.action === 'delete' ? undefined : change.text]));
  return {
    migrations: folder.migrations,
    textOf: (path) => (texts.has(path) ? texts.get(path) : folder.textOf(path)),
  };
}

/** One change for each path: what comes later builds on what came before. */
function joined(changes: readonly FileChange[]): readonly FileChange[] {
  return [...new Map(changes.map((change) => [change.path, change])).values()];
}

function settled(input: Pick<FixInput, 'format' | 'folder'>, changes: readonly FileChange[]): readonly FileChange[] {
  return input.format.settle?.(changes, input.folder) ?? changes;
}

/** The change's id, with a number behind it where the project has one of that name. */
function uniqueId(id: string, taken: ReadonlySet<string>): string {
  if (!taken.has(id)) return id;
  let number = 2;
  while (taken.has(`${id}-${number}`)) number++;
  return `${id}-${number}`;
}

/**
 * Why the operation cannot leave its place: something behind it in this migration or in a later one names what it makes,
 * or takes away what it needs, and would then run before it.
 */
function laterUse(input: FixInput, statement: AnalysedStatement, operation: Operation): string | undefined {
  const changed = changedColumn(operation);
  if (changed !== undefined) {
    const [table, column] = [wordOf(changed.table), wordOf(changed.column)];
    const rest = input.up.statements.find(
      (later) =>
        later.index > statement.index &&
        later.section.direction === 'up' &&
        table.test(later.source.text) &&
        column.test(later.source.text),
    );
    if (rest !== undefined)
      return `A later statement of this migration names "${changed.column}" of "${changed.table}" and would run before the change: move that statement to a migration of its own first.`;
    const next = input.laterTexts.find((migration) => table.test(migration.text) && column.test(migration.text));
    if (next !== undefined)
      return `The later migration ${next.id} names "${changed.column}" of "${changed.table}" and would run before the new steps: move that part behind them.`;
  }
  const gone = droppedName(operation);
  if (gone !== undefined) {
    const again = wordOf(gone);
    const rest = input.up.statements.find(
      (later) => later.index > statement.index && later.section.direction === 'up' && again.test(later.source.text),
    );
    if (rest !== undefined)
      return `A later statement of this migration names "${gone}" and would run before the drop: move that statement to a migration of its own first.`;
    const next = input.laterTexts.find((migration) => again.test(migration.text));
    if (next !== undefined)
      return `The later migration ${next.id} names "${gone}" and would run before the drop: move that part behind it.`;
  }
  for (const needed of neededBy(operation, statement.before)) {
    const rest = input.up.statements.find(
      (later) =>
        later.index > statement.index &&
        later.section.direction === 'up' &&
        later.body.operations.some((other) => takesAway(other, needed)),
    );
    if (rest !== undefined)
      return `A later statement of this migration drops or renames ${needed.shown}, which is needed until the change is done: move that statement to a migration of its own first.`;
    const next = input.laterTexts.find((migration) => mayTakeAway(migration.text, needed));
    if (next !== undefined)
      return `The later migration ${next.id} drops or renames ${needed.shown}, which is needed until the new steps are done: move that part behind them.`;
  }
  const name = madeName(operation);
  if (name === undefined) return undefined;
  const word = wordOf(name);
  const rest = input.up.statements.find(
    (later) => later.index > statement.index && later.section.direction === 'up' && word.test(later.source.text),
  );
  if (rest !== undefined)
    return `A later statement of this migration names "${name}" and would run before it: move that statement to a migration of its own first.`;
  const sibling = statement.body.operations.find(
    (other) =>
      other !== operation &&
      other.span.start >= operation.span.end &&
      word.test(statement.source.text.slice(other.span.start, other.span.end)),
  );
  if (sibling !== undefined)
    return `Another action of this statement names "${name}" and would run before it: make it a statement of its own first.`;
  const later = input.laterTexts.find((migration) => word.test(migration.text));
  if (later !== undefined)
    return `The later migration ${later.id} names "${name}" and would run before the new steps: split this migration before ${later.id} is written, or move that part behind them.`;
  return undefined;
}

/** A name where it stands as a word of its own, in any spelling of its letters. */
function wordOf(name: string): RegExp {
  return new RegExp(`(?<![\\w$])${escapePattern(name)}(?![\\w$])`, 'iu');
}

/** A column that is replaced, renamed or dropped: what is made over it later, and would now come first, would be lost. */
function changedColumn(operation: Operation): { readonly table: string; readonly column: string } | undefined {
  if (!isTableAction(operation)) return undefined;
  const { action } = operation;
  return action.kind === 'alter-type' || action.kind === 'rename-column' || action.kind === 'drop-column'
    ? { table: operation.relation.name, column: action.column }
    : undefined;
}

/** Name of the index, table or constraint that the operation drops: made anew behind it, it would now be made first, and then dropped. */
function droppedName(operation: Operation): string | undefined {
  if (operation.kind === 'drop-index' || operation.kind === 'drop-table') return operation.objects[0]?.name;
  return operation.kind === 'drop-constraint' ? operation.action.constraint : undefined;
}

/** Name of what the operation brings into being, which later statements may use; undefined where nothing new has a name. */
function madeName(operation: Operation): string | undefined {
  if (operation.kind === 'create-index') return operation.name;
  if (!isTableAction(operation)) return undefined;
  const { action } = operation;
  switch (action.kind) {
    case 'add-column':
      return action.column.name;
    case 'add-constraint':
      return action.constraint.name;
    case 'rename-column':
    case 'rename-table':
      return action.newName;
    default:
      return undefined;
  }
}

/**
 * Edits that take the operation, and what undoes it in the down half, out of the migration; files left without statements
 * go. Undefined where what is to go is no text of its own in the document.
 */
function removeOperation(
  input: FixInput,
  statement: AnalysedStatement,
  operation: Operation,
): readonly FileChange[] | undefined {
  const downDocument = input.down;
  const downStatement = downDocument?.statements.find(
    (candidate) =>
      candidate.section.direction === 'down' && candidate.body.operations.some((down) => undoes(down, operation)),
  );
  const downOperation = downStatement?.body.operations.find((down) => undoes(down, operation));
  const removals: {
    readonly document: FixDocument;
    readonly statement: AnalysedStatement;
    readonly operation: Operation;
  }[] = [{ document: input.up, statement, operation }];
  if (downDocument !== undefined && downStatement !== undefined && downOperation !== undefined)
    removals.push({ document: downDocument, statement: downStatement, operation: downOperation });
  const isUpEmpty = input.up.statements.every(
    (other) => other.section.direction === 'down' || (other === statement && statement.body.operations.length === 1),
  );
  if (isUpEmpty && input.format.keepsEmpty?.(input.migration, input.folder) !== true)
    return input.format.remove(input.migration, input.folder);
  const byPath = new Map<string, { readonly text: string; readonly edits: TextEdit[] }>();
  for (const removal of removals) {
    const entry = byPath.get(removal.document.path) ?? { text: removal.document.text, edits: [] };
    const edit = removalEdit(removal.document, removal.statement, removal.operation);
    if (edit === undefined) return undefined;
    entry.edits.push(edit);
    byPath.set(removal.document.path, entry);
  }
  return [...byPath].map(([path, { text, edits }]) => ({ path, action: 'edit', text: applyEdits(text, edits) }));
}

/** Takes out the whole statement with its line, or one action of several with the comma beside it. */
function removalEdit(
  { text, language }: FixDocument,
  { source, body: { operations } }: AnalysedStatement,
  operation: Operation,
): TextEdit | undefined {
  if (operations.length > 1) {
    const position = operations.indexOf(operation);
    const next = operations[position + 1];
    const previous = operations[position - 1];
    if (next !== undefined)
      return language.edit(source, { span: { start: operation.span.start, end: next.span.start }, newText: '' });
    if (previous !== undefined)
      return language.edit(source, { span: { start: previous.span.end, end: operation.span.end }, newText: '' });
  }
  const span = language.removal(text, source);
  return span === undefined ? undefined : { span, newText: '' };
}
