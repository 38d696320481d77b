import type { TextEdit } from '../../core/edit.ts';
import { editInDocument } from '../../core/source-map.ts';
import type { Span } from '../../core/span.ts';
import type { Engine, StatementBody, StatementText } from '../../engines/engine.ts';
import type { Operation } from '../../model/operation.ts';
import type { Language } from '../language.ts';
import type { CallStatement, Notation } from './lowered.ts';
import { lowerMethod, readNotation } from './lowered.ts';
import { migrationsOf } from './migration-texts.ts';
import { CHECKS } from './checks/index.ts';
import type { EfDocument } from './ef-document.ts';
import { batchMarkOf, unreadMethod } from './unread-product.ts';

/** EF Core migrations in C#: each call of the builder is the SQL that the provider makes of it. */
export function efcoreLanguage(document: EfDocument): Language {
  return {
    ...calledLanguage(sqlCall),
    id: 'efcore',
    title: 'EF Core (C#)',
    ...batchMarkOf(document.product),
    split: splitWith(document),
    remarks: (engine, text) =>
      migrationsOf(text).flatMap((migration) =>
        CHECKS.flatMap((check) => check({ migration, text, dialect: engine.id, document })),
      ),
  };
}

function splitWith({ models, product, version }: EfDocument): Language['split'] {
  return (engine, text, within, _previous, turn = 0) =>
    migrationsOf(text)
      .flatMap((migration) =>
        (['up', 'down'] as const).map((half) => ({ migration, method: migration[half], model: models[half] })),
      )
      .flatMap(({ migration, method, model }) =>
        method === undefined || !isIn(within, method.bodySpan)
          ? []
          : product === undefined
            ? lowerMethod(method, engine, model)
            : unreadMethod({ method, name: migration.nameSpan, product, model, version }),
      )
      .filter((step) => step.turn === turn && isIn(step.span, within))
      .flatMap(({ statements }) => statements);
}

/** What languages have in common whose statements are calls in C#; `call` writes one that sends SQL as it is. */
export function calledLanguage(
  call: (sql: string, transaction: 'one' | 'none') => string,
): Omit<Language, 'id' | 'title' | 'split' | 'remarks'> {
  return {
    commentMark: '//',
    read: readCalled,
    edit: (statement, edit) => editCalled(statement, edit, call),
    removal,
    commentPlace: (text, statement) => lineStart(text, callOf(statement)?.span.start ?? statement.span.start),
    step: call,
  };
}

function readCalled(engine: Engine, statement: StatementText): StatementBody {
  const notation = readNotation(statement.notation);
  if (notation === undefined) return engine.parse(statement.text);
  if (notation.preview !== undefined) {
    const span = { start: 0, end: statement.text.length };
    return {
      operations: [{ kind: 'opaque', span, reason: notation.preview, isToldElsewhere: true }],
      problems: notation.unknown.map(notAnalysed),
    };
  }
  const opaque = notation.unknown.map(
    ({ reason, start, end }): Operation => ({ kind: 'opaque', span: { start, end }, reason }),
  );
  const problems = notation.unknown.map(notAnalysed);
  // A rebuild on SQLite is told by its reason alone: the text only names the table.
  const isToldAlone =
    notation.isCode || notation.unknown.some(({ reason }) => reason.startsWith('EF Core makes the table'));
  if (isToldAlone) return { operations: opaque, problems };
  const body = engine.parse(statement.text);
  return withNotation(body, notation.certainty, opaque, problems);
}

function editCalled(
  statement: StatementText,
  edit: TextEdit,
  sqlCallOf: (sql: string, transaction: 'one' | 'none') => string,
): TextEdit | undefined {
  const call = callOf(statement);
  // A statement of its own before this one is a call of its own before its call.
  if (call !== undefined && edit.span.start === 0 && edit.span.end === 0 && /;\n$/.test(edit.newText)) {
    const { start } = call.span;
    return { span: { start, end: start }, newText: `${sqlCallOf(edit.newText.trim(), 'one').trim()}\n            ` };
  }
  // In a string of C# these would need another form, which differs by the kind of string.
  return /["\\{}\r\n]/.test(edit.newText) ? undefined : editInDocument(statement, edit);
}

function notAnalysed({ reason, start, end }: Notation['unknown'][number]): StatementBody['problems'][number] {
  return { kind: 'not-analysed', message: `Not analysed: ${reason}.`, span: { start, end } };
}

function withNotation(
  body: StatementBody,
  certainty: 'certain' | 'may',
  opaque: readonly Operation[],
  problems: StatementBody['problems'],
): StatementBody {
  const operations =
    certainty === 'certain'
      ? body.operations
      : body.operations.map((operation): Operation => {
          if (operation.kind === 'opaque') return operation;
          // The same operation, which may not run: every other kind can say so.
          return { ...operation, certainty: 'may' } as Operation;
        });
  return { operations: [...operations, ...opaque], problems: [...body.problems, ...problems] };
}

function isIn(inner: Span, outer: Span): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}

function callOf(statement: StatementText): CallStatement['call'] | undefined {
  // Statements of this language are made by `lowerMethod`, and a copy keeps what it has.
  return (statement as Partial<CallStatement>).call;
}

/** The whole call with its semicolon and its lines; undefined where it becomes more than one statement. */
function removal(text: string, statement: StatementText): Span | undefined {
  const call = callOf(statement);
  // The body of a method with an arrow is the call, and a method needs a body.
  if (call === undefined || !call.isOnly || /=>\s*$/.test(text.slice(0, call.span.start))) return undefined;
  const tail = /^[ \t]*;[ \t]*(?:\r\n|\n|\r)?/.exec(text.slice(call.span.end));
  if (tail === null) return undefined;
  const start = lineStart(text, call.span.start);
  return {
    start: text.slice(start, call.span.start).trim() === '' ? start : call.span.start,
    end: call.span.end + tail[0].length,
  };
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** A call that sends SQL as it is, in a raw string whose quotes the SQL does not hold. */
export function sqlCall(sql: string, transaction: 'one' | 'none', indent = '            '): string {
  const longest = Math.max(2, ...[...sql.matchAll(/"+/g)].map(([quotes]) => quotes.length));
  const quotes = '"'.repeat(longest + 1);
  const lines = sql.trim().split(/\r?\n/);
  const suppress = transaction === 'none' ? ', suppressTransaction: true' : '';
  return [
    `${indent}migrationBuilder.Sql(${quotes}`,
    ...lines.map((line) => (line === '' ? '' : `${indent}    ${line}`)),
    `${indent}    ${quotes}${suppress});`,
  ].join('\n');
}
