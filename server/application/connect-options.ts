import type { ConnectOptions } from '../drivers/driver.ts';
import type { Engine } from '../engines/engine.ts';
import type { Expression } from '../model/expression.ts';

/** How long a server may take to answer the first time. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Options of every connection that Lockstep opens: named for whoever watches the server, with the dialect's own reader. */
export function connectOptions(
  engine: Engine,
  options: Pick<ConnectOptions, 'readOnly' | 'createIfMissing' | 'forRun'>,
): ConnectOptions {
  return {
    applicationName: 'lockstep',
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    readOnly: options.readOnly,
    ...(options.createIfMissing === true ? { createIfMissing: true } : {}),
    ...(options.forRun === true ? { forRun: true } : {}),
    parse: (statement) => engine.parse(statement),
    expressionOf: (text) => readExpression(engine, text),
  };
}

/** One expression, read as the check of a table, which is where the dialect's parser takes any expression. */
function readExpression(engine: Engine, text: string): Expression {
  const prefix = 'ALTER TABLE t ADD CHECK (';
  const operation = engine.parse(`${prefix}${text})`).operations[0];
  const expression =
    operation !== undefined &&
    'action' in operation &&
    typeof operation.action === 'object' &&
    operation.action.kind === 'add-constraint'
      ? operation.action.constraint.expression
      : undefined;
  return expression === undefined
    ? { text, span: { start: 0, end: text.length }, tree: { kind: 'other', operands: [] } }
    : { text, span: { start: 0, end: text.length }, tree: expression.tree };
}
