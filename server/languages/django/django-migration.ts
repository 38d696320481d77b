import type { Span } from '../../core/span.ts';
import { argumentsOf, codeOf, nameAt, type Code } from '../python/code.ts';
import { saidBy } from '../python/text-value.ts';

/** A migration of Django as far as its own text tells. */
export interface DjangoMigration {
  readonly code: Code;
  readonly isMigration: boolean;
  /** `(app, name)` of each that it comes after, where both are texts. */
  readonly dependencies: readonly (readonly [string, string])[];
  /** Migrations that it stands for. */
  readonly replaces: readonly (readonly [string, string])[];
  /** `atomic = False`. */
  readonly bare: Span | undefined;
  /** The bracket that begins the list of operations; undefined where that is no list. */
  readonly operations: number | undefined;
  /** What stands between the brackets. */
  readonly body: Span | undefined;
}

/** The class Migration of a document. */
export function djangoMigrationIn(text: string): DjangoMigration {
  const code = codeOf(text);
  const { tokens, said } = code;
  let isMigration = false;
  let columns: number | undefined;
  let bare: Span | undefined;
  let operations: number | undefined;
  let dependencies: DjangoMigration['dependencies'] = [];
  let replaces: DjangoMigration['replaces'] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.indent === 0) {
      isMigration = said(index) === 'class' && said(index + 1) === 'Migration';
      columns = undefined;
      if (!isMigration && operations !== undefined) break;
      continue;
    }
    if (!isMigration || token.indent === undefined) continue;
    columns ??= token.indent;
    if (token.indent !== columns || said(index + 1) !== '=') continue;
    const value = index + 2;
    if (said(index) === 'atomic' && said(value) === 'False')
      bare = { start: token.start, end: tokens[value]?.end ?? token.end };
    else if (said(index) === 'operations' && said(value) === '[') operations = value;
    else if (said(index) === 'dependencies') dependencies = pairsIn(code, value);
    else if (said(index) === 'replaces') replaces = pairsIn(code, value);
  }
  const close = operations === undefined ? undefined : code.endOf(operations);
  const start = operations === undefined ? undefined : tokens[operations]?.end;
  const end = close === undefined ? undefined : tokens[close]?.start;
  return {
    code,
    isMigration: operations !== undefined || /\bclass Migration\b/.test(text),
    dependencies,
    replaces,
    bare,
    operations,
    body: start === undefined || end === undefined ? undefined : { start, end },
  };
}

function pairsIn(code: Code, open: number): readonly (readonly [string, string])[] {
  const { text, tokens, said } = code;
  return argumentsOf(code, open).flatMap(({ start }) => {
    const [app, comma, name, close] = [start + 1, start + 2, start + 3, start + 4];
    const [one, other] = [tokens[app], tokens[name]];
    if (said(start) !== '(' || said(comma) !== ',' || !/^[,)]$/.test(said(close))) return [];
    if (one?.text === undefined || other?.text === undefined) return [];
    return [[saidBy(text, [one]).text, saidBy(text, [other]).text] as const];
  });
}

/** One operation in a list. */
export interface DjangoOperation {
  /** First and last token. */
  readonly first: number;
  readonly last: number;
  /** Last part of its name: `RunSQL`; empty where it is no call. */
  readonly name: string;
  /** The bracket that begins its arguments. */
  readonly open: number;
}

/** The operations of a list, those within SeparateDatabaseAndState in its place. */
export function operationsIn(code: Code, list: number): readonly DjangoOperation[] {
  return argumentsOf(code, list).flatMap(({ start }): readonly DjangoOperation[] => {
    const { path, next } = nameAt(code, start);
    const close = code.said(next) === '(' ? code.endOf(next) : undefined;
    const after = close === undefined ? '' : code.said(close + 1);
    const name = close !== undefined && /^[,\]]?$/.test(after) ? (path.split('.').at(-1) ?? '') : '';
    const operation = { first: start, last: close ?? next - 1, name, open: next };
    if (name !== 'SeparateDatabaseAndState') return [operation];
    const within = argumentsOf(code, next);
    const database =
      within.find((each) => each.name === 'database_operations') ?? within.find((each) => each.name === undefined);
    if (database === undefined) return [];
    return code.said(database.start) === '[' ? operationsIn(code, database.start) : [{ ...operation, name: '' }];
  });
}
