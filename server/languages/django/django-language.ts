import type { MappedText } from '../../core/source-map.ts';
import { pythonText } from '../alembic/alembic-language.ts';
import type { EmbeddedCall } from '../embedded/embedded-call.ts';
import { embeddedLanguage, statementTexts } from '../embedded/embedded-language.ts';
import type { Language } from '../language.ts';
import { argumentsOf, nameAt, textAt, type Code } from '../python/code.ts';
import { djangoMigrationIn, operationsIn, type DjangoOperation } from './django-migration.ts';

/** Operations that change what Django knows, and nothing in the database. Source: django/db/migrations/operations/models.py. */
const STATE_ONLY: ReadonlySet<string> = new Set(['AlterModelOptions', 'AlterModelManagers']);
const PUT_TOGETHER = 'the text of this SQL is put together when it runs';
const WITH_VALUES = 'values are put into this text when it runs';
/** The turn of the way back. */
export const BACK = 1;

/**
 * Migrations of Django in Python: the SQL of `RunSQL` is read, forwards and backwards, and every other operation is told.
 * Turn 0 of the operations is the way up; turn 1 is the way back, in which the last comes first.
 */
export const djangoLanguage: Language = embeddedLanguage({
  id: 'django',
  title: 'Django (Python)',
  commentMark: '#',
  unwritable: /["'\\\r\n]/,
  callsIn: (text, within, turn) => {
    const { code, operations, body } = djangoMigrationIn(text);
    if (operations === undefined || body === undefined) return [];
    if (body.start < within.start || body.end > within.end) return [];
    const found = operationsIn(code, operations);
    return turn === BACK
      ? found.toReversed().flatMap((operation) => callsOf(code, operation, true))
      : found.flatMap((operation) => callsOf(code, operation, false));
  },
  step: (sql) => runSql(sql, undefined),
});

/** An operation that Django cannot take back, by its name; undefined where all can be. */
export function irreversibleIn(text: string): string | undefined {
  const { code, operations } = djangoMigrationIn(text);
  if (operations === undefined) return undefined;
  return operationsIn(code, operations).find(
    ({ name, open }) =>
      (name === 'RunSQL' && argumentAt(code, open, 1, 'reverse_sql') === undefined) ||
      (name === 'RunPython' && argumentAt(code, open, 1, 'reverse_code') === undefined),
  )?.name;
}

/** One RunSQL as it stands in a list of operations. */
export function runSql(sql: string, down: string | undefined): string {
  const list = (text: string): string => {
    const parts = statementTexts(text).map(pythonText);
    return parts.length === 1
      ? (parts[0] ?? '')
      : `[\n${parts.map((part) => `                ${part},\n`).join('')}            ]`;
  };
  const up = statementTexts(sql).length === 0 ? 'migrations.RunSQL.noop' : list(sql);
  return `        migrations.RunSQL(\n            ${up},\n${down === undefined ? '' : `            reverse_sql=${list(down)},\n`}        ),\n`;
}

function callsOf(code: Code, operation: DjangoOperation, isBack: boolean): readonly EmbeddedCall[] {
  const { tokens, said } = code;
  const { first, last, name, open } = operation;
  const span = { start: tokens[first]?.start ?? 0, end: tokens[last]?.end ?? 0 };
  const told = (reason: string): EmbeddedCall => ({ span, reason, isConditional: false, isAlone: false });
  if (STATE_ONLY.has(name)) return [];
  if (name === '') return [told('what stands here is no operation that can be seen before it runs')];
  if (name === 'RunPython') {
    const at = isBack ? argumentAt(code, open, 1, 'reverse_code') : argumentAt(code, open, 0, 'code');
    if (at === undefined || nameAt(code, at).path.endsWith('RunPython.noop')) return [];
    return [told('RunPython runs a function of Python')];
  }
  if (name !== 'RunSQL') return [told(`${name} is an operation of Django, which makes its SQL when it runs`)];
  const at = isBack ? argumentAt(code, open, 1, 'reverse_sql') : argumentAt(code, open, 0, 'sql');
  if (at === undefined || nameAt(code, at).path.endsWith('RunSQL.noop')) return [];
  const isList = said(at) === '[' || (said(at) === '(' && textAt(code, at) === undefined);
  const parts = isList ? argumentsOf(code, at).map(({ start }) => start) : [at];
  return parts.map((start): EmbeddedCall => {
    const sql = sqlAt(code, start);
    return typeof sql === 'string' ? told(sql) : { span, sql, isConditional: false, isAlone: false };
  });
}

/** The SQL of one entry, alone or with its values, or why it is not read. */
function sqlAt(code: Code, start: number): MappedText | string {
  const found = textAt(code, start);
  if (found !== undefined) return /^[,)\]]$/.test(code.said(found.next)) ? found.value : PUT_TOGETHER;
  if (code.said(start) !== '(') return PUT_TOGETHER;
  const [text, values] = argumentsOf(code, start);
  const inner = text === undefined ? undefined : textAt(code, text.start);
  if (inner === undefined || !/^[,)]$/.test(code.said(inner.next))) return PUT_TOGETHER;
  return values === undefined || code.said(values.start) === 'None' ? inner.value : WITH_VALUES;
}

/** First token of an argument, by its place or its name. */
function argumentAt(code: Code, open: number, place: number, name: string): number | undefined {
  const given = argumentsOf(code, open);
  const named = given.find((each) => each.name === name);
  const placed = given[place];
  const found = named ?? (placed?.name === undefined ? placed : undefined);
  return found === undefined || code.said(found.start) === 'None' ? undefined : found.start;
}
