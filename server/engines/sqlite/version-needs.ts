import type { AstNode, Stmt } from 'sqlite3-parser';
import type { Span } from '../../core/span.ts';
import type { VersionNeed } from '../../model/operation.ts';
import { nodeSpan } from './syntax.ts';

/** JoinType bits of the parser. */
const RIGHT_JOIN = 16;
const STRICT = 0x10000;

/**
 * Syntax that older versions of SQLite refuse: what, where, and the first version that has it.
 *
 * Shape: `version` as in `Target.version` (3.35 is 3035); each feature once. Source: the release history,
 * sqlite.org/changes.html, of the version named. What every version since 3.24 (2018) knows is left out.
 */
export function neededVersions(text: string, statement: Stmt): readonly VersionNeed[] {
  const found = new Map<string, VersionNeed>();
  const add = (version: number, feature: string, span: Span): void => {
    if (!found.has(feature)) found.set(feature, { version, feature, span });
  };
  const whole = { start: 0, end: text.length };
  const stack: unknown[] = [statement];
  while (stack.length > 0) {
    const value = stack.pop();
    if (Array.isArray(value)) for (let index = value.length - 1; index >= 0; index--) stack.push(value[index]);
    else if (isNode(value)) {
      addNeeds(text, whole, value, add);
      for (const inner of Object.values(value))
        if (inner !== null && typeof inner === 'object' && !(inner instanceof Uint8Array)) stack.push(inner);
    }
  }
  return [...found.values()].sort((left, right) => right.version - left.version);
}

function isNode(value: unknown): value is AstNode {
  return value !== null && typeof value === 'object' && 'type' in value && typeof value.type === 'string';
}

function addNeeds(
  text: string,
  whole: Span,
  node: AstNode,
  add: (version: number, feature: string, span: Span) => void,
): void {
  switch (node.type) {
    case 'SetColumnNotNullAlterTableBody':
      return add(3053, 'ALTER COLUMN ... SET NOT NULL', whole);
    case 'DropColumnNotNullAlterTableBody':
      return add(3053, 'ALTER COLUMN ... DROP NOT NULL', whole);
    case 'AddConstraintAlterTableBody':
      return add(3053, 'ALTER TABLE ... ADD CONSTRAINT', whole);
    case 'DropConstraintAlterTableBody':
      return add(3053, 'ALTER TABLE ... DROP CONSTRAINT', whole);
    case 'DropColumnAlterTableBody':
      return add(3035, 'ALTER TABLE ... DROP COLUMN', whole);
    case 'RenameColumnAlterTableBody':
      return add(3025, 'ALTER TABLE ... RENAME COLUMN', whole);
    case 'Upsert':
      return node.next === undefined
        ? add(3024, 'ON CONFLICT clauses of INSERT', nodeSpan(node))
        : add(3035, 'several ON CONFLICT clauses', nodeSpan(node));
    case 'ColumnsAndConstraintsCreateTableBody':
      return (node.flags & STRICT) === 0 ? undefined : add(3037, 'STRICT tables', whole);
    case 'GeneratedColumnConstraint':
      return add(3031, 'generated columns', nodeSpan(node));
    case 'FunctionTail':
      if (node.filterClause !== undefined) add(3030, 'FILTER on aggregates', nodeSpan(node));
      return node.overClause === undefined ? undefined : add(3025, 'window functions', nodeSpan(node));
    case 'SortListFunctionCallOrder':
      return add(3044, 'ORDER BY in an aggregate', nodeSpan(node));
    case 'WithinGroupFunctionCallOrder':
      return add(3047, 'WITHIN GROUP', nodeSpan(node));
    case 'SortedColumn':
      return node.nulls === undefined ? undefined : add(3030, 'NULLS FIRST and NULLS LAST', whole);
    case 'CommonTableExpr':
      return node.materialized === 'Any' ? undefined : add(3035, 'MATERIALIZED hints', nodeSpan(node));
    case 'TypedJoinJoinOperator':
      return ((node.joinType ?? 0) & RIGHT_JOIN) === 0 ? undefined : add(3039, 'RIGHT and FULL joins', nodeSpan(node));
    case 'BinaryExpr':
      if (node.op === 'ArrowRight' || node.op === 'ArrowRightShift')
        add(3038, 'the -> and ->> operators', nodeSpan(node));
      if (
        (node.op === 'Is' || node.op === 'IsNot') &&
        /\bdistinct\b/i.test(text.slice(nodeSpan(node.left).end, nodeSpan(node.right).start))
      )
        add(3039, 'IS DISTINCT FROM', nodeSpan(node));
      return undefined;
    case 'NumericLiteral':
      return text.slice(nodeSpan(node).start, nodeSpan(node).end).includes('_')
        ? add(3046, 'underscores in numbers', nodeSpan(node))
        : undefined;
    case 'VacuumStmt':
      return node.into === undefined ? undefined : add(3027, 'VACUUM INTO', whole);
    case 'UpdateStmt':
      if (node.from !== undefined) add(3033, 'UPDATE ... FROM', nodeSpan(node.from));
      return node.returning === undefined ? undefined : add(3035, 'RETURNING', whole);
    case 'InsertStmt':
    case 'DeleteStmt':
      return node.returning === undefined ? undefined : add(3035, 'RETURNING', whole);
    default:
      return undefined;
  }
}
