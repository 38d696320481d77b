import { tokenize } from '../../engines/postgresql/lexer.ts';
import type { DeleteRows, UpdateRows } from '../../model/operation.ts';
import { outerWords, upToToken } from './outer-words.ts';

/** An UPDATE or DELETE and its text, without a semicolon. */
interface WrittenChange {
  readonly operation: UpdateRows | DeleteRows;
  readonly text: string;
}

/** Clauses of a statement, without the words that begin them but for SET. */
export interface Clauses {
  /** `WITH ... `, or nothing. */
  readonly prefix: string;
  readonly target: string;
  readonly set: string;
  /** What stands behind FROM or USING. */
  readonly others: string;
  readonly where: string;
}

/** The clauses of an UPDATE or DELETE; undefined where they cannot be told. */
export function clausesOf({ operation, text }: WrittenChange): Clauses | undefined {
  const words = outerWords(text);
  const verb = words.findIndex(({ word }) => word === (operation.kind === 'update-rows' ? 'update' : 'delete'));
  const own = words.slice(verb + 1);
  const isUpdate = operation.kind === 'update-rows';
  const start = isUpdate ? words[verb]?.end : own.find(({ word }) => word === 'from')?.end;
  const set = isUpdate ? own.find(({ word }) => word === 'set') : undefined;
  const where = own.find(({ word }) => word === 'where');
  const returning = own.find(({ word, start: at }) => word === 'returning' && at > (where?.start ?? 0));
  const others = own.find(
    ({ word, start: at }, index) =>
      at < (where?.start ?? text.length) &&
      // IS DISTINCT FROM begins no clause.
      (isUpdate ? word === 'from' && at > (set?.start ?? 0) && own[index - 1]?.word !== 'distinct' : word === 'using'),
  );
  if (verb < 0 || start === undefined || (isUpdate && set === undefined)) return undefined;
  const ends = [set?.start, others?.start, where?.start, returning?.start, text.length].filter(
    (end) => end !== undefined,
  );
  const upTo = (from: number): string => upToToken(text, from, Math.min(...ends.filter((end) => end > from))).trim();
  return {
    prefix:
      upToToken(text, 0, words[verb]?.start ?? 0).trimEnd() === ''
        ? ''
        : `${upToToken(text, 0, words[verb]?.start ?? 0)} `,
    target: upTo(start),
    set: set === undefined ? '' : upTo(set.start),
    others: others === undefined ? '' : upTo(others.end),
    where: where === undefined ? '' : upTo(where.end),
  };
}

/** What stands behind each `=` of `SET a = 1, b = 2`. */
export function assignedTexts(set: string): readonly string[] {
  const texts: string[] = [];
  let depth = 0;
  let start: number | undefined;
  for (const token of tokenize(set)) {
    if (token.kind !== 'symbol') continue;
    if (/^[([]$/.test(token.value)) depth++;
    else if (/^[)\]]$/.test(token.value)) depth--;
    else if (depth === 0 && token.value === '=' && start === undefined) start = token.end;
    else if (depth === 0 && token.value === ',' && start !== undefined) {
      texts.push(set.slice(start, token.start).trim());
      start = undefined;
    }
  }
  return start === undefined ? texts : [...texts, set.slice(start).trim()];
}
