import type { Dialect, Problem, StatementBody, StatementText, Target } from '../dialects/dialect.ts';
import type { Effect } from '../model/effect.ts';
import type { Section } from '../model/migration.ts';
import type { Origin, Schema } from '../model/schema.ts';
import { splitAgain, type SplitText } from './split-again.ts';

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
}

/** A document cut into statements and read; knows nothing of any schema. */
export interface ReadDocument {
  readonly text: string;
  readonly statements: readonly { readonly section: Section; readonly source: StatementText; readonly body: StatementBody }[];
  /** Bodies by statement text, for the next version of the document. */
  readonly bodies: ReadonlyMap<string, StatementBody>;
  /** Statements by section, for the next version of the document. */
  readonly parts: readonly SplitText[];
}

/**
 * Splits a document and reads each statement; statements whose text stood in the previous version are not read again.
 */
export function readDocument(dialect: Dialect, text: string, sections: readonly Section[], previous?: ReadDocument): ReadDocument {
  const bodies = new Map<string, StatementBody>();
  const parts = sections.map((section, index): SplitText => ({
    text, within: section.span, statements: splitAgain((whole, within) => dialect.split(whole, within), text, section.span, previous?.parts[index]),
  }));
  const statements = sections.flatMap((section, index) => (parts[index]?.statements ?? []).map((source) => {
    const body = bodies.get(source.text) ?? previous?.bodies.get(source.text) ?? dialect.parse(source.text);
    bodies.set(source.text, body);
    return { section, source, body };
  }));
  return { text, statements, bodies, parts };
}

/** Problems of a statement, an unterminated quote or comment first, which hides the parser's own complaint about it. */
export function problemsOf(statement: { readonly source: StatementText; readonly body: StatementBody; readonly resolved?: StatementBody }): readonly Problem[] {
  return statement.source.unterminated === undefined ? (statement.resolved ?? statement.body).problems : [statement.source.unterminated];
}

/** The schema after the given statements, without effects: what earlier migrations leave behind. */
export function foldDocument(dialect: Dialect, document: ReadDocument, before: Schema, origin: Origin, target: Target): Schema {
  let schema = before;
  for (const statement of document.statements) {
    if (statement.section.direction === 'up') schema = dialect.fold(schema, (dialect.resolveCalls(statement.body, schema) ?? statement.body).operations, origin, target);
  }
  // The next migration may run in a session of its own, so nothing that SET left counts there.
  return schema.session === before.session ? schema : { ...schema, session: before.session };
}

/**
 * Folds and explains every statement: up statements from `before`, down statements from the schema after the up half,
 * which is `afterUp` where the halves are in two files.
 *
 * A statement whose text and schema before it are those of the previous version keeps its result.
 */
export function analyseDocument(
  dialect: Dialect, document: ReadDocument, before: Schema, afterUp: Schema | undefined, origin: Origin, target: Target, previous: readonly AnalysedStatement[] = [],
): readonly AnalysedStatement[] {
  const analysed: AnalysedStatement[] = [];
  let schema = before;
  let direction: 'up' | 'down' = 'up';
  for (const [index, statement] of document.statements.entries()) {
    if (statement.section.direction === 'down' && direction === 'up') {
      direction = 'down';
      schema = { ...(afterUp ?? schema), session: before.session };
    }
    const known = previous[index];
    if (known !== undefined && known.body === statement.body && known.before === schema && known.section.transaction === statement.section.transaction) {
      analysed.push({ ...known, ...statement, index });
      schema = known.after;
      continue;
    }
    const resolved = dialect.resolveCalls(statement.body, schema);
    const { operations } = resolved ?? statement.body;
    const effects = dialect.effects(operations, schema, effectiveTarget(target, schema));
    const after = dialect.fold(schema, operations, origin, target);
    analysed.push({ index, ...statement, before: schema, after, effects, ...(resolved === undefined ? {} : { resolved }) });
    schema = after;
  }
  return analysed;
}

/** The target as the statement meets it: a time zone that the file set itself counts. */
export function effectiveTarget(target: Target, schema: Schema): Target {
  return schema.session.timeZone === 'unknown' || schema.session.timeZone === target.timeZone ? target : { ...target, timeZone: schema.session.timeZone };
}
