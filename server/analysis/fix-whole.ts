import { applyEdits } from '../core/edit.ts';
import type { FileChange } from '../core/ports.ts';
import type { Span } from '../core/span.ts';
import type { MigrationFile } from '../model/migration.ts';
import type { Operation } from '../model/operation.ts';
import { changeIdOf, slugOf } from '../planner/names.ts';
import { planWhole, type WholeOptions, type WholePlan } from '../planner/whole/plan-whole.ts';
import { conflicts, touchesOf } from '../planner/whole/touches.ts';
import type { WholeStatement } from '../planner/whole/whole-statement.ts';
import type { AnalysedStatement } from './analyse.ts';
import { writePlan, type FixDocument, type FixInput } from './fix.ts';
import type { LocatedFinding } from './lint.ts';
import type { FixProposal, SkippedFix } from './report.ts';
import { undoes } from './undo.ts';

/** Code of the proposal that makes a whole migration safe. */
export const WHOLE_MIGRATION = 'whole-migration';

/** What a folder would hold after some changes. */
export interface ProposedFolder {
  readonly files: readonly FileChange[];
  /** In the migration's place, where it keeps something; else it is taken out. */
  readonly keepsMigration: boolean;
  /** After the newest. */
  readonly added: readonly MigrationFile[];
  /** Keys of indexes that are not to be there at the end. */
  readonly leftOut?: readonly string[];
}

/** Why a proposal is not offered: a sentence; undefined where it holds. `files` are those that are objected to. */
export type Objection = { readonly reason: string; readonly files: readonly string[] } | undefined;

export type WholeFix =
  | {
      readonly kind: 'fix';
      readonly proposal: FixProposal;
      /** Keys of the indexes that the migration makes and the proposal does not: the title names them. */
      readonly leftOut: readonly string[];
      readonly left: readonly SkippedFix[];
    }
  | { readonly kind: 'nothing'; readonly left: readonly SkippedFix[] }
  | { readonly kind: 'refused'; readonly reason: string; readonly left: readonly SkippedFix[] };

/** What the folder says of a plan. */
export interface WholeFolder {
  /** Whether a file of its format that runs outside a transaction is sent statement by statement. */
  readonly sendsStatements: boolean;
  /** Whether each step is to have a file of its own. */
  readonly isOneEach: boolean;
  /**
   * Runs a proposal against the engine: what it objects to is not offered. `stands`: complaints, by `complaintKey`, that a
   * statement had before and that nothing is done about.
   */
  check(proposed: ProposedFolder, stands: ReadonlySet<string>): Objection;
}

/** Rules that ask what a statement is meant to do, or say that the server does not run it, or where a transaction ends. */
const QUESTIONS: ReadonlySet<string> = new Set([
  'column-replaced',
  'statement-not-supported',
  'transaction-control-inside',
]);

/** Of a change of many rows one or the other is said, as it stands beside others or alone. */
const OF_MANY_ROWS: ReadonlySet<string> = new Set(['unbatched-update', 'work-under-lock']);

/** What tells a complaint about a statement, wherever that stands. */
export function complaintKey(code: string, statement: string): string {
  return `${OF_MANY_ROWS.has(code) ? 'rows' : code}\0${statement.replaceAll(/\s+/g, ' ').trim()}`;
}

/** Shapes of a plan, from the one that asks least of people to the one that is surest. */
const SHAPES: readonly Pick<WholeOptions, 'order' | 'files'>[] = [
  { order: 'phases', files: 'shared' },
  { order: 'phases', files: 'one-each' },
  { order: 'statements', files: 'shared' },
  { order: 'statements', files: 'one-each' },
];

/** The whole migration as one change. `findings` are those to be mended. */
export function fixWhole(input: FixInput, findings: readonly LocatedFinding[], folder: WholeFolder): WholeFix {
  const statements = input.up.statements.filter(({ section }) => section.direction === 'up');
  const whole = statements.map((statement) => wholeStatement(statement, findings));
  const [first] = findings;
  if (first === undefined || input.isApplied)
    return {
      kind: 'refused',
      left: [],
      reason: `${input.migration.id} is applied already and is never edited: write a new migration instead.`,
    };
  let objection: Objection;
  let left: readonly SkippedFix[] = [];
  const shapes = SHAPES.filter(({ files }) => !folder.isOneEach || files === 'one-each');
  // What nothing can be done about keeps the rest from being made safe only where that would be worse than it was.
  for (const { shape, isPart } of [false, true].flatMap((part) =>
    shapes.map((each) => ({ shape: each, isPart: part })),
  )) {
    const planned = planWhole(whole, input, {
      ...shape,
      id: changeOf(input.migration),
      title: `Make ${input.migration.id} safe`,
      sendsStatements: folder.sendsStatements,
      leave: new Set(),
    });
    const rest = isPart ? untouched(findings, statements, planned) : [];
    // Nothing is gained by a plan that leaves all that is objected to; a question is answered, and an edit made, before it.
    if (
      isPart &&
      (planned.isOutOfPlace ||
        rest.length >= findings.length ||
        rest.some(
          ({ located: { finding, fixes } }) => QUESTIONS.has(finding.code) || fixes.some(({ kind }) => kind === 'edit'),
        ))
    )
      continue;
    const stands = isPart ? standing(findings, statements, planned) : [];
    left = eachOnce([...planned.left, ...stands]);
    if (planned.plan.steps.length === 0 && planned.leftOut.length === 0) return { kind: 'nothing', left };
    const later = laterUse(input, statements, planned);
    if (later !== undefined) return { kind: 'refused', reason: later, left };
    const removal = removeStatements(input, statements, planned);
    if (typeof removal === 'string') return { kind: 'refused', reason: removal, left };
    const written = writePlan({ ...input, schema: planned.before }, planned.plan, removal);
    if (written.kind === 'refused') return { kind: 'refused', reason: written.reason, left };
    const found = folder.check(
      {
        files: written.files,
        keepsMigration: keepsAny(statements, planned),
        added: written.migrations,
        leftOut: planned.leftOut,
      },
      new Set(isPart ? keysOf(findings, statements, planned) : []),
    );
    objection ??= found;
    if (found !== undefined) continue;
    return {
      kind: 'fix',
      left,
      leftOut: planned.leftOut,
      proposal: {
        code: WHOLE_MIGRATION,
        title: isPart ? 'Make the rest of this migration safe' : titleOf(planned),
        kind: 'change',
        safety: 'review',
        range: first.finding.range,
        steps: written.steps,
        files: written.files,
        values: written.values,
      },
    };
  }
  return { kind: 'refused', left, reason: objection?.reason ?? 'No order of its steps holds.' };
}

/** Findings about statements that a plan does nothing about, each with the statement's index. */
function untouched(
  findings: readonly LocatedFinding[],
  statements: readonly AnalysedStatement[],
  { stays, left, bare }: WholePlan,
): readonly { readonly located: LocatedFinding; readonly statement: number; readonly text: string }[] {
  const refused = new Set(left.map(({ statement }) => statement));
  return findings.flatMap((located) => {
    const source = located.ruleFinding?.statement.source;
    const index = statements.findIndex((statement) => statement.source === source);
    return source === undefined || !(stays.has(index) || refused.has(index) || bare.has(index))
      ? []
      : [{ located, statement: index, text: source.text }];
  });
}

function keysOf(...of: Parameters<typeof untouched>): readonly string[] {
  return untouched(...of).map(({ located, text }) => complaintKey(located.finding.code, text));
}

/** What is said of several statements in the same words is said once. */
function eachOnce(left: readonly SkippedFix[]): readonly SkippedFix[] {
  const found = new Map(left.map(({ code, reason }) => [JSON.stringify([code, reason]), { code, reason }]));
  return [...found.values()];
}

/** Those of them that the plan itself says nothing of: what the finding says is what there is to do. */
function standing(
  findings: readonly LocatedFinding[],
  statements: readonly AnalysedStatement[],
  plan: WholePlan,
): readonly SkippedFix[] {
  const said = new Set(plan.left.map(({ statement }) => statement));
  return untouched(findings, statements, plan).flatMap(({ located: { finding }, statement }) =>
    said.has(statement) ? [] : [{ code: finding.code, reason: finding.message }],
  );
}

/** The schema is that of the migration but for what the title names. */
function titleOf({ plan, leftOut }: WholePlan): string {
  if (leftOut.length === 0) return 'Make this migration safe';
  const names = leftOut.map((key) => key.slice(key.indexOf('\0') + 1)).join(', ');
  return plan.steps.length === 0
    ? `Leave out ${names}, which another index covers`
    : `Make this migration safe, without ${names}, which another index covers`;
}

function wholeStatement(statement: AnalysedStatement, findings: readonly LocatedFinding[]): WholeStatement {
  const { source, body, before } = statement;
  const objections = findings.flatMap(({ ruleFinding, finding, fixes }) => {
    if (ruleFinding === undefined || ruleFinding.statement.source !== source) return [];
    const request = fixes.flatMap((fix) => (fix.kind === 'change' ? [fix.request] : []))[0];
    const operation = request?.operation ?? ruleFinding.operation ?? body.operations[0];
    return operation === undefined
      ? []
      : [
          {
            operation,
            code: finding.code,
            message: finding.message,
            ...(request === undefined ? {} : { recipe: request.recipe }),
          },
        ];
  });
  return {
    text: source.text,
    operations: body.operations,
    before,
    objections,
    isMovable:
      source.notation === undefined &&
      body.problems.length === 0 &&
      body.operations.length > 0 &&
      !body.operations.some((operation) => isOfSession(operation) || operation.kind === 'opaque'),
  };
}

/** What holds for the statements around it, and means nothing elsewhere. */
function isOfSession(operation: Operation): boolean {
  return (
    operation.kind === 'transaction-control' ||
    operation.kind === 'set-variable' ||
    operation.kind === 'pragma' ||
    operation.kind === 'lock-table'
  );
}

/** Why what goes into new files cannot: a later migration, which would then run first, works with the same things. */
function laterUse(
  input: FixInput,
  statements: readonly AnalysedStatement[],
  { touches }: WholePlan,
): string | undefined {
  let schema = statements.at(-1)?.after;
  for (const { id, text } of input.laterTexts) {
    if (schema === undefined) return undefined;
    const later = touchesOf(text, schema, input);
    schema = later.after;
    if (touches.some((own) => conflicts(own, later)))
      return `The later migration ${id} works with what this one changes and would run before the new steps: move that part into a migration after them.`;
  }
  return undefined;
}

function keepsAny(statements: readonly AnalysedStatement[], { stays }: WholePlan): boolean {
  return statements.some(
    ({ body }, index) => stays.has(index) && !(body.operations.length > 0 && body.operations.every(isOfSession)),
  );
}

/** Changes that take the statements that go out of the migration, with what undoes them; a text says why that cannot be. */
function removeStatements(
  input: FixInput,
  statements: readonly AnalysedStatement[],
  plan: WholePlan,
): readonly FileChange[] | string {
  if (!keepsAny(statements, plan)) return input.format.remove(input.migration, input.folder);
  const gone: { readonly document: FixDocument; readonly statement: AnalysedStatement }[] = [
    ...statements.flatMap((statement, index) => (plan.stays.has(index) ? [] : [{ document: input.up, statement }])),
  ];
  for (const statement of input.down?.statements ?? []) {
    if (statement.section.direction !== 'down' || input.down === undefined) continue;
    const undone = statement.body.operations.filter((down) => plan.taken.some((operation) => undoes(down, operation)));
    if (undone.length === 0) continue;
    if (undone.length < statement.body.operations.length)
      return 'A statement of the down half takes back what stays and what goes: write it as two statements.';
    gone.push({ document: input.down, statement });
  }
  const byPath = new Map<string, { readonly text: string; readonly spans: { start: number; end: number }[] }>();
  for (const { document, statement } of gone) {
    const span = document.language.removal(document.text, statement.source);
    if (span === undefined)
      return 'A statement cannot be taken out of the file without changing what stands around it: write the steps by hand.';
    const entry = byPath.get(document.path) ?? { text: document.text, spans: [] };
    entry.spans.push(span);
    byPath.set(document.path, entry);
  }
  return [...byPath].map(([path, { text, spans }]) => ({
    path,
    action: 'edit',
    text: applyEdits(
      text,
      joined(spans).map((span) => ({ span, newText: '' })),
    ),
  }));
}

/** Spans that overlap, as statements of one line do with the space between them, as one. */
function joined(spans: readonly Span[]): readonly Span[] {
  const parts: Span[] = [];
  for (const span of [...spans].sort((left, right) => left.start - right.start)) {
    const last = parts.at(-1);
    if (last === undefined || span.start >= last.end) parts.push(span);
    else parts[parts.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
  }
  return parts;
}

/** A tool's id alone may be a bare timestamp, which tells nobody what changes. */
function changeOf({ id, name }: MigrationFile): string {
  return slugOf(id).includes(slugOf(name)) ? changeIdOf(id) : changeIdOf(id, name);
}
