import { editInDocument, sliceMapped } from '../../core/source-map.ts';
import type { Span } from '../../core/span.ts';
import type { Engine, StatementBody, StatementText } from '../../engines/engine.ts';
import type { Operation } from '../../model/operation.ts';
import type { Language } from '../language.ts';
import type { EmbeddedCall } from './embedded-call.ts';

/** What a tool's migrations in a programming language are. */
export interface EmbeddedForm extends Pick<Language, 'id' | 'title' | 'commentMark' | 'step'> {
  /** Every use within a part of the document, in the order of the run. `turn` as in `Language.split`. */
  callsIn(text: string, within: Span, turn: number): readonly EmbeddedCall[];
  /** Characters that another form would be needed for in a text of the program. */
  readonly unwritable: RegExp;
}

/** A statement with the call that sends it. */
interface CalledStatement extends StatementText {
  readonly call: EmbeddedCall;
  /** No other statement stands in the call. */
  readonly isOnly: boolean;
}

/** It may not run: what else stands around the call decides. */
const MAY = 'may run';
/** Begins the notation of a call that is not read; its reason follows. */
const NOT_READ = 'not read: ';

/** Migrations that are programs: the SQL that stands in them as text is read, and every other use of the database is told. */
export function embeddedLanguage(form: EmbeddedForm): Language {
  return {
    id: form.id,
    title: form.title,
    commentMark: form.commentMark,
    step: form.step,
    split: (engine, text, within, _previous, turn = 0) =>
      form.callsIn(text, within, turn).flatMap((call) => statementsOf(engine, text, call)),
    read: (engine, statement) => {
      const { notation = '' } = statement;
      if (notation.startsWith(NOT_READ)) return notRead(statement.text, notation.slice(NOT_READ.length));
      const body = engine.parse(statement.text);
      return notation === MAY ? { ...body, operations: body.operations.map(asMay) } : body;
    },
    edit: (statement, edit) => (form.unwritable.test(edit.newText) ? undefined : editInDocument(statement, edit)),
    removal: (text, statement) => {
      const { call, isOnly } = statement as Partial<CalledStatement>;
      if (call === undefined || isOnly !== true || !call.isAlone) return undefined;
      const tail = /^[ \t]*;?[ \t]*(?:\r\n|\n|\r)?/.exec(text.slice(call.span.end))?.[0] ?? '';
      const start = lineStart(text, call.span.start);
      return {
        start: text.slice(start, call.span.start).trim() === '' ? start : call.span.start,
        end: call.span.end + tail.length,
      };
    },
    commentPlace: (text, statement) =>
      lineStart(text, (statement as Partial<CalledStatement>).call?.span.start ?? statement.span.start),
  };
}

/** The statements of some SQL, as they are sent one by one; one with semicolons inside it keeps all of it together. */
export function statementTexts(sql: string): readonly string[] {
  const text = `${sql.trim()}\n`;
  const parts = /\$\w*\$|\bBEGIN\b/i.test(text) ? [text] : text.split(/(?<=;)[ \t]*\n/);
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function statementsOf(engine: Engine, text: string, call: EmbeddedCall): readonly CalledStatement[] {
  const { sql: whole } = call;
  if (whole === undefined)
    return [
      {
        text: text.slice(call.span.start, call.span.end),
        span: call.span,
        notation: `${NOT_READ}${call.reason ?? 'it is none that is known'}`,
        call,
        isOnly: true,
      },
    ];
  const parts = engine.split(whole.text, { start: 0, end: whole.text.length });
  return parts.map((part) => ({
    ...sliceMapped(whole, part),
    ...(call.isConditional ? { notation: MAY } : {}),
    call,
    isOnly: parts.length === 1,
  }));
}

function notRead(text: string, reason: string): StatementBody {
  const span: Span = { start: 0, end: text.length };
  return {
    operations: [{ kind: 'opaque', span, reason }],
    problems: [{ kind: 'not-analysed', message: `Not analysed: ${reason}.`, span }],
  };
}

function asMay(operation: Operation): Operation {
  // The same operation, which may not run: every kind but this one can say so.
  return operation.kind === 'opaque' ? operation : ({ ...operation, certainty: 'may' } as Operation);
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}
