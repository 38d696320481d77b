import { editInDocument, sliceMapped } from '../../core/source-map.ts';
import type { Span } from '../../core/span.ts';
import type { Engine, StatementBody, StatementText } from '../../engines/engine.ts';
import type { Operation } from '../../model/operation.ts';
import { saidBy } from '../javascript/text-value.ts';
import type { Language } from '../language.ts';
import { migrationIn } from './migration-class.ts';
import { runnerCalls, type RunnerCall } from './query-calls.ts';

/** A statement with the call that sends it. */
interface QueryStatement extends StatementText {
  readonly call: RunnerCall;
  /** No other statement stands in the call. */
  readonly isOnly: boolean;
}

/** It may not run: what else stands around the call decides. */
const MAY = 'typeorm may';
/** Begins the notation of a call that is not read; its reason follows. */
const NOT_READ = 'typeorm not read: ';

/** Migrations of TypeORM in TypeScript or JavaScript: the SQL of `queryRunner.query` is read, and every other use of it is told. */
export const typeormLanguage: Language = {
  id: 'typeorm',
  title: 'TypeORM (TypeScript)',
  commentMark: '//',
  split: (engine, text, within) => {
    const { up, down } = migrationIn(text);
    return [up, down]
      .filter((method) => method !== undefined)
      .filter(({ body }) => body.start >= within.start && body.end <= within.end)
      .flatMap((method) => runnerCalls(text, method))
      .flatMap((call) => statementsOf(engine, text, call));
  },
  read: (engine, statement) => {
    const { notation = '' } = statement;
    if (notation.startsWith(NOT_READ)) return notRead(statement.text, notation.slice(NOT_READ.length));
    const body = engine.parse(statement.text);
    return notation === MAY ? { ...body, operations: body.operations.map(asMay) } : body;
  },
  // In a text of TypeScript these would need another form, which differs by the kind of text.
  edit: (statement, edit) => (/["'`\\$\r\n]/.test(edit.newText) ? undefined : editInDocument(statement, edit)),
  removal: (text, statement) => {
    const { call, isOnly } = statement as Partial<QueryStatement>;
    if (call === undefined || isOnly !== true || !call.isAlone) return undefined;
    const tail = /^[ \t]*;?[ \t]*(?:\r\n|\n|\r)?/.exec(text.slice(call.span.end))?.[0] ?? '';
    const start = lineStart(text, call.span.start);
    return {
      start: text.slice(start, call.span.start).trim() === '' ? start : call.span.start,
      end: call.span.end + tail.length,
    };
  },
  commentPlace: (text, statement) =>
    lineStart(text, (statement as Partial<QueryStatement>).call?.span.start ?? statement.span.start),
  step: (sql) => queryCalls(sql),
};

/** Calls that send some SQL, one for each statement, as the body of a method. */
export function queryCalls(sql: string): string {
  const text = `${sql.trim()}\n`;
  // Statements with semicolons inside them stay together.
  const parts = /\$\w*\$|\bBEGIN\b/i.test(text) ? [text] : text.split(/(?<=;)[ \t]*\n/);
  return parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(
      (part) =>
        `        await queryRunner.query(\`${part.replaceAll(/[\\`]|\$(?=\{)/g, (found) => `\\${found}`)}\`);\n`,
    )
    .join('');
}

function statementsOf(engine: Engine, text: string, call: RunnerCall): readonly QueryStatement[] {
  if (call.reason !== undefined)
    return [
      {
        text: text.slice(call.span.start, call.span.end),
        span: call.span,
        notation: `${NOT_READ}${call.reason}`,
        call,
        isOnly: true,
      },
    ];
  const whole = saidBy(text, call.texts);
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
