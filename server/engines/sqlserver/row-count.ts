import type { TsqlStatement } from './statement.ts';

/**
 * The same statements, of which those between `SET ROWCOUNT n` and `SET ROWCOUNT 0` change a part of the rows, as TOP has it.
 *
 * Source: learn.microsoft.com, "SET ROWCOUNT (Transact-SQL)"; it holds for the session, so over GO too.
 */
export function withRowCount(text: string, statements: readonly TsqlStatement[]): readonly TsqlStatement[] {
  let isOn = false;
  const limited = (statement: TsqlStatement): TsqlStatement => {
    switch (statement.kind) {
      case 'update':
      case 'delete':
      case 'insert':
      case 'merge':
        return isOn ? { ...statement, isLimited: true } : statement;
      case 'session': {
        const count = /^SET\s+ROWCOUNT\s+([@\w]+)/i.exec(text.slice(statement.span.start, statement.span.end))?.[1];
        if (count !== undefined) isOn = !/^0+$/.test(count);
        return statement;
      }
      case 'if':
      case 'while':
      case 'block':
      case 'try':
        return { ...statement, body: statement.body.map(limited) };
      default:
        return statement;
    }
  };
  return /\bROWCOUNT\b/i.test(text) ? statements.map(limited) : statements;
}
