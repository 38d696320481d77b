import { sameValue } from '../core/same-value.ts';
import { shiftSpan } from '../core/span.ts';
import type { Engine, Problem, StatementBody, StatementText, Target } from '../engines/engine.ts';
import type { Effect } from '../model/effect.ts';
import type { Operation } from '../model/operation.ts';
import type { Section } from '../model/migration.ts';
import { KeptFold } from '../model/fold/kept-fold.ts';
import { KeptAnswer } from '../model/kept-answer.ts';
import type { Origin, Schema } from '../model/schema.ts';
import { LineIndex } from '../core/line-index.ts';
import type { Allow } from '../model/directives.ts';
import type { Language, SplitText } from '../languages/language.ts';

/** What `allow` names where a person vouches that nothing which could not be read in a statement matters to the schema. */
export const NOT_ANALYSED = 'not-analysed';

/** One statement with what is known before and after it. Spans of the body are relative to the statement's start. */
export interface AnalysedStatement {
  /** Among all statements of the document. */
  readonly index: number;
  readonly section: Section;
  readonly source: StatementText;
  readonly body: StatementBody;
  readonly before: Schema;
  readonly after: Schema;
  readonly effects: readonly Effect[];
  /** The body with what the functions that it calls do; absent where that is nothing. */
  readonly resolved?: StatementBody;
  /** The statements of a DO block one by one, each with what those before it leave; absent where there are not several. */
  readonly parts?: readonly StatementPart[];
  /** Something in it could not be read, and an `allow` line says that it may be passed over. */
  readonly isVouchedFor?: boolean;
  /** Such an `allow` line holds for it, needed or not. */
  readonly maySkipUnknown?: true;
}

/** One statement of a DO block. */
export interface StatementPart {
  readonly operations: readonly Operation[];
  readonly before: Schema;
  readonly after: Schema;
  readonly effects: readonly Effect[];
}

type ReadStatement = Pick<AnalysedStatement, 'section' | 'source' | 'body' | 'maySkipUnknown'>;

/** A document cut into statements and read; knows nothing of any schema. */
export interface ReadDocument {
  readonly text: string;
  readonly statements: readonly ReadStatement[];
  /** Bodies by statement text and the notation that it is in, for the next version of the document. */
  readonly bodies: ReadonlyMap<string, StatementBody>;
  /** Bodies that versions before this one had and it has not, the latest first: what is typed is taken back again. */
  readonly lateBodies: ReadonlyMap<string, StatementBody>;
  /** Statements by section, for the next version of the document. */
  readonly parts: readonly SplitText[];
}

/** Statements that are no longer in a document and are kept nevertheless. */
const MOST_LATE_BODIES = 8;

/**
 * Splits a document and reads each statement; statements whose text stood in one of the last versions are not read again.
 * `allows` are those of the document's directives. `written` is the document where `text`, which is as long, has something
 * else in the place of what its tool replaces.
 */
export function readDocument(
  engine: Engine,
  language: Language,
  text: string,
  sections: readonly Section[],
  allows: readonly Allow[],
  previous?: ReadDocument,
  written: string = text,
): ReadDocument {
  const bodies = new Map<string, StatementBody>();
  let isOther = false;
  const parts = sections.map(
    (section, index): SplitText => ({
      text,
      within: section.span,
      statements: language.split(engine, text, section.span, previous?.parts[index], section.turn),
    }),
  );
  const statements = sections.flatMap((section, index) =>
    (parts[index]?.statements ?? []).map((found) => {
      const source = withPlaceholders(found, written, section);
      const key = [
        ...(source.notation === undefined ? [] : [source.notation]),
        ...(source.placeholders === undefined ? [] : [JSON.stringify(source.placeholders)]),
        source.text,
      ].join('\u0000');
      const known = bodies.get(key) ?? previous?.bodies.get(key);
      const body = known ?? previous?.lateBodies.get(key) ?? language.read(engine, source);
      isOther ||= known === undefined;
      bodies.set(key, body);
      return { section, source, body };
    }),
  );
  const lateBodies = !isOther ? (previous?.lateBodies ?? NO_BODIES) : lateBodiesOf(bodies, previous);
  return { text, statements: withVouched(text, conditional(statements), allows), bodies, lateBodies, parts };
}

const NO_BODIES: ReadonlyMap<string, StatementBody> = new Map();

function lateBodiesOf(
  bodies: ReadonlyMap<string, StatementBody>,
  previous: ReadDocument | undefined,
): ReadonlyMap<string, StatementBody> {
  const late = new Map<string, StatementBody>();
  for (const earlier of [previous?.bodies ?? NO_BODIES, previous?.lateBodies ?? NO_BODIES]) {
    for (const [key, body] of earlier) {
      if (late.size === MOST_LATE_BODIES) return late;
      if (!bodies.has(key)) late.set(key, body);
    }
  }
  return late;
}

/** The statement as it is written, with what its tool replaces in it. */
function withPlaceholders(found: StatementText, written: string, section: Section): StatementText {
  const { span } = found;
  const own = (section.placeholders ?? []).filter((each) => each.span.start >= span.start && each.span.end <= span.end);
  if (own.length === 0 || found.map !== undefined) return found;
  return {
    ...found,
    text: written.slice(span.start, span.end),
    placeholders: own.map((each) => ({
      span: shiftSpan(each.span, -span.start),
      text: written.slice(each.span.start, each.span.end),
      ...(each.value === undefined ? {} : { value: each.value }),
    })),
  };
}

/** What each body is where a condition decides on it, so that a statement of the version before is the same one. */
const openBodies = new WeakMap<StatementBody, StatementBody>();

/** The statements, those that a condition of the script decides on as ones that may run. */
function conditional(statements: readonly ReadStatement[]): readonly ReadStatement[] {
  let depth = 0;
  return statements.map((statement) => {
    const bound = conditionOf(statement.body);
    if (bound === 'opens') depth++;
    else if (bound === 'closes') depth = Math.max(0, depth - 1);
    if (depth === 0 || bound !== undefined) return statement;
    const known = openBodies.get(statement.body);
    const body = known ?? {
      ...statement.body,
      operations: statement.body.operations.map((operation): Operation => ({ ...operation, certainty: 'may' })),
    };
    openBodies.set(statement.body, body);
    return { ...statement, body };
  });
}

function conditionOf({ operations }: StatementBody): 'opens' | 'closes' | undefined {
  const [first] = operations;
  return first?.kind === 'opaque' ? first.condition : undefined;
}

/** The statements, each with whether an `allow not-analysed` line holds for it. */
function withVouched(
  text: string,
  statements: readonly ReadStatement[],
  allAllows: readonly Allow[],
): readonly ReadStatement[] {
  const vouching = allAllows.filter((allow) => allow.code === NOT_ANALYSED);
  if (vouching.length === 0) return statements;
  const allows = allowsByStatement(
    vouching,
    statements.map(({ source }, index) => ({ index, source })),
    new LineIndex(text),
  );
  return statements.map((statement, index) => (allows.has(index) ? { ...statement, maySkipUnknown: true } : statement));
}

/**
 * Which `allow` lines hold for which statement: those inside it, on the line where it ends, or above it with nothing but
 * white space and comments between; file-wide ones hold for all.
 */
export function allowsByStatement(
  allows: readonly Allow[],
  statements: readonly { readonly index: number; readonly source: StatementText }[],
  lines: LineIndex,
): ReadonlyMap<number, readonly Allow[]> {
  const result = new Map<number, Allow[]>();
  // Most documents allow nothing, and this is asked for at every keystroke.
  if (allows.length === 0) return result;
  const places = statements
    .flatMap((statement) =>
      [statement.source.span, ...(statement.source.places ?? []).map(({ span }) => span)].map((span) => ({
        statement,
        span,
      })),
    )
    // Statements may run in another order than the one in which they are written.
    .sort((left, right) => left.span.start - right.span.start || left.span.end - right.span.end);
  const add = (index: number, allow: Allow): void => {
    result.set(index, [...(result.get(index) ?? []), allow]);
  };
  for (const allow of allows) {
    if (allow.wholeFile) {
      for (const statement of statements) add(statement.index, allow);
      continue;
    }
    const line = lines.position(allow.span.start).line;
    const nearest = (
      places.findLast(({ span }) => span.end <= allow.span.start && lines.position(span.end).line === line) ??
      places.find(({ span }) => span.end > allow.span.start)
    )?.statement;
    if (nearest === undefined) continue;
    // One call of a program may become several statements.
    for (const statement of statements)
      if (statement === nearest || isOfOneCall(statement.source, nearest.source)) add(statement.index, allow);
  }
  return result;
}

/** Whether two statements were made from the same words of the document. */
function isOfOneCall({ from: left }: StatementText, { from: right }: StatementText): boolean {
  return left !== undefined && right !== undefined && left.start === right.start && left.end === right.end;
}

/** The body without what could not be read; undefined where all was read, or is no SQL at all. */
function readPart(body: StatementBody): StatementBody | undefined {
  if (body.problems.length === 0 || body.problems.some((problem) => problem.kind !== 'not-analysed')) return undefined;
  return {
    operations: body.operations.filter((operation) => operation.kind !== 'opaque' && operation.kind !== 'call'),
    problems: [],
  };
}

/** Problems of a statement, an unterminated quote or comment first, which hides the parser's own complaint about it. */
export function problemsOf(statement: {
  readonly source: StatementText;
  readonly body: StatementBody;
  readonly resolved?: StatementBody;
}): readonly Problem[] {
  return statement.source.unterminated === undefined
    ? (statement.resolved ?? statement.body).problems
    : [statement.source.unterminated];
}

/**
 * The schema after the given statements, without effects: what earlier migrations leave behind. `migration` picks one of
 * several that the document holds.
 */
export function foldDocument(
  engine: Engine,
  document: ReadDocument,
  before: Schema,
  origin: Origin,
  target: Target,
  migration?: string,
): Schema {
  let schema = before;
  for (const statement of document.statements) {
    if (
      statement.section.direction === 'up' &&
      (migration === undefined ||
        statement.section.migration === undefined ||
        statement.section.migration === migration)
    )
      schema = engine.fold(schema, resolve(engine, statement, schema).body.operations, origin, target);
  }
  // The next migration may run in a session of its own, so nothing that SET left counts there.
  return schema.session === before.session ? schema : { ...schema, session: before.session };
}

/**
 * Folds and explains every statement: up statements from `before`, down statements from the schema after the up half,
 * which is `afterUp` where the halves are in two files. A document of several migrations goes on from one to the next.
 *
 * A statement whose text and schema before it are those of the previous version keeps its result.
 */
export function analyseDocument(
  engine: Engine,
  document: ReadDocument,
  before: Schema,
  afterUp: Schema | undefined,
  origin: Origin | ((section: Section) => Origin),
  target: Target,
  previous: readonly AnalysedStatement[] = [],
): readonly AnalysedStatement[] {
  const analysed: AnalysedStatement[] = [];
  const originOf = typeof origin === 'function' ? origin : (): Origin => origin;
  let schema = before;
  let afterUps = before;
  let current: Section | undefined;
  for (const [index, statement] of document.statements.entries()) {
    const { section } = statement;
    if (section !== current) {
      const isOther = section.migration !== current?.migration;
      // A half in several parts goes on from one to the next.
      const isFirstDown = current?.direction !== 'down' || isOther;
      if (section.direction === 'down') {
        if (isFirstDown) schema = { ...(afterUp ?? afterUps), session: before.session };
      } else if (current !== undefined && (isOther || current.direction === 'down'))
        schema = { ...afterUps, session: before.session };
      current = section;
    }
    const known = previous[index];
    if (
      known !== undefined &&
      known.body === statement.body &&
      known.before === schema &&
      known.section.transaction === section.transaction &&
      known.section.migration === section.migration &&
      known.maySkipUnknown === statement.maySkipUnknown
    ) {
      analysed.push({ ...known, ...statement, index });
      schema = known.after;
      if (section.direction === 'up') afterUps = schema;
      continue;
    }
    const { body, isVouchedFor } = resolve(engine, statement, schema);
    const { operations } = body;
    const effects = effectsOf(engine, operations, schema, effectiveTarget(target, schema));
    const own = originOf(section);
    const after = afterOf(engine, operations, schema, own, target);
    const parts = partsOf(engine, statement.body, schema, after, own, target);
    analysed.push({
      index,
      ...statement,
      before: schema,
      after,
      effects,
      ...(parts === undefined ? {} : { parts }),
      ...(body === statement.body ? {} : { resolved: body }),
      ...(isVouchedFor ? { isVouchedFor } : {}),
    });
    schema = after;
    if (section.direction === 'up') afterUps = schema;
  }
  return analysed;
}

/** What was said of a statement's operations last. */
const keptEffects = new WeakMap<
  readonly Operation[],
  { readonly engine: Engine; readonly target: Target; readonly kept: KeptAnswer<readonly Effect[]> }
>();

/** The engine's effects, those of the last time where the statement meets the same objects. */
function effectsOf(
  engine: Engine,
  operations: readonly Operation[],
  schema: Schema,
  target: Target,
): readonly Effect[] {
  const last = keptEffects.get(operations);
  const known = last?.engine === engine && sameValue(last.target, target) ? last.kept : undefined;
  const kept = KeptAnswer.of(known, schema, () => engine.effects(operations, schema, target));
  if (kept !== known) keptEffects.set(operations, { engine, target, kept });
  return kept.answer;
}

/** What a statement's operations made last. */
const keptFolds = new WeakMap<
  readonly Operation[],
  { readonly engine: Engine; readonly target: Target; readonly origin: Origin; readonly kept: KeptFold }
>();

/** The schema after a statement, made as the last time where it meets the same objects. */
function afterOf(
  engine: Engine,
  operations: readonly Operation[],
  schema: Schema,
  origin: Origin,
  target: Target,
): Schema {
  const last = keptFolds.get(operations);
  const isSame = last?.engine === engine && sameValue(last.target, target) && sameValue(last.origin, origin);
  const known = isSame ? last.kept : undefined;
  const { kept, after } = KeptFold.of(known, schema, (like) => engine.fold(schema, operations, origin, target, like));
  if (kept !== known) keptFolds.set(operations, { engine, target, origin, kept });
  return after;
}

/**
 * The statements of a DO block, and those of the functions that a statement calls, each from what those before it leave
 * behind; undefined for any other statement.
 */
function partsOf(
  engine: Engine,
  body: StatementBody,
  before: Schema,
  afterAll: Schema,
  origin: Origin,
  target: Target,
): readonly StatementPart[] | undefined {
  const isBlock = body.operations.length > 1 && body.operations.some((operation) => operation.within !== undefined);
  const groups = isBlock ? groupsIn(body.operations) : [body.operations];
  const resolvedIn = (operations: readonly Operation[], schema: Schema): readonly Operation[] =>
    engine.resolveCalls({ operations, problems: [] }, schema)?.operations ?? operations;
  if (groups.length < 2 && calledBy(groups[0] ?? [], before, resolvedIn).length === 0) return undefined;
  const hasBranches =
    groups.length <= MOST_BRANCHED && groups.some((operations) => operations[0]?.branch !== undefined);
  let schema = before;
  return groups.flatMap((operations, index): readonly StatementPart[] => {
    // Where a statement of a branch runs, those before it in the branch have run.
    const own = hasBranches
      ? groups
          .slice(0, index)
          .reduce(
            (state, earlier) =>
              engine.fold(
                state,
                resolvedIn(isCertainFor(earlier, operations) ? earlier.map(certainly) : earlier, state),
                origin,
                target,
              ),
            before,
          )
      : schema;
    const resolved = resolvedIn(operations, own);
    schema =
      index === groups.length - 1 && !hasBranches
        ? afterAll
        : engine.fold(own, hasBranches ? resolved.map(certainly) : resolved, origin, target);
    const called = calledBy(operations, own, resolvedIn);
    const first: StatementPart = {
      operations,
      before: own,
      after: called.length === 0 ? schema : own,
      effects: engine.effects(called.length === 0 ? resolved : operations, own, effectiveTarget(target, own)),
    };
    let state = own;
    return [
      first,
      ...called.map((operation): StatementPart => {
        const start = state;
        state = engine.fold(start, [operation], origin, target);
        return {
          operations: [operation],
          before: start,
          after: state,
          effects: engine.effects([operation], start, effectiveTarget(target, start)),
        };
      }),
    ];
  });
}

/** Statements of functions beyond which a call is taken as a whole. */
const MOST_CALLED = 100;

/** What the functions that a SELECT, PERFORM or CALL calls do, in order; nothing for what fires triggers and rules. */
function calledBy(
  operations: readonly Operation[],
  schema: Schema,
  resolvedIn: (operations: readonly Operation[], schema: Schema) => readonly Operation[],
): readonly Operation[] {
  if (operations.length === 0 || !operations.every((operation) => CALLING.has(operation.kind))) return [];
  const called = resolvedIn(operations, schema).filter((operation) => !operations.includes(operation));
  // Rows that a function writes one by one are those of its caller.
  return called.length > MOST_CALLED ? [] : called;
}

const CALLING: ReadonlySet<Operation['kind']> = new Set(['select-rows', 'call', 'opaque']);

/** Operations of one statement of a DO block stand together. */
function groupsIn(operations: readonly Operation[]): readonly (readonly Operation[])[] {
  const groups: Operation[][] = [];
  for (const operation of operations) {
    const last = groups.at(-1);
    const { within } = operation;
    if (
      last !== undefined &&
      within !== undefined &&
      last[0]?.within?.start === within.start &&
      last[0].within.end === within.end
    )
      last.push(operation);
    else groups.push([operation]);
  }
  return groups;
}

/** Statements of a DO block with branches that are each folded from the start: more are taken in order, as they may have run. */
const MOST_BRANCHED = 40;

/** Whether one statement of a DO block has run wherever a later one does: it stands in no branch that the other is not in. */
function isCertainFor([earlier]: readonly Operation[], [later]: readonly Operation[]): boolean {
  return (earlier?.branch ?? []).every((branch, depth) => later?.branch?.[depth] === branch);
}

function certainly(operation: Operation): Operation {
  if (operation.certainty === undefined) return operation;
  const { certainty: _, ...certain } = operation;
  // Without the word that it may not happen it is the same operation.
  return certain as Operation;
}

/** A statement with what the functions that it calls do, and without what a person says may be passed over. */
function resolve(
  engine: Engine,
  statement: ReadStatement,
  schema: Schema,
): { readonly body: StatementBody; readonly isVouchedFor: boolean } {
  const body = engine.resolveCalls(statement.body, schema) ?? statement.body;
  const known = statement.maySkipUnknown === true ? readPart(body) : undefined;
  return { body: known ?? body, isVouchedFor: known !== undefined };
}

/** The target as the statement meets it: a time zone that the file set itself counts. */
export function effectiveTarget(target: Target, schema: Schema): Target {
  return schema.session.timeZone === 'unknown' || schema.session.timeZone === target.timeZone
    ? target
    : { ...target, timeZone: schema.session.timeZone };
}
