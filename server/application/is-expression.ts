import type { Engine } from '../engines/engine.ts';

/** Whether SQL that a person typed is one expression: nothing behind it, nothing left open. */
export function isExpression(engine: Engine, sql: string): boolean {
  const text = `SELECT (${sql}\n)`;
  const [statement, ...more] = engine.split(text, { start: 0, end: text.length });
  return statement !== undefined && more.length === 0 && engine.parse(statement.text).problems.length === 0;
}
