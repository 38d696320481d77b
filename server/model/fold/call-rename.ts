import { escapePattern } from '../../core/escape-pattern.ts';
import type { Expression, ExpressionTree } from '../expression.ts';
import { callsFunction } from '../function-callers.ts';
import { findFunction } from '../lookup.ts';
import type { FunctionObject } from '../schema.ts';
import type { Draft } from './draft.ts';

/** A function's new name. */
interface NewName {
  readonly schema: string;
  readonly name: string;
}

/**
 * Gives a function its new name where defaults, generated columns, CHECKs, domains and indexes call it: the database keeps
 * these by what they mean.
 */
export function renameInExpressions(draft: Draft, object: FunctionObject, to: NewName): void {
  const calls = (expression: Expression | undefined): expression is Expression =>
    callsFunction(draft, expression?.tree, object);
  const renamed = (expression: Expression): Expression => renameCalls(draft, expression, object, to);
  for (const relation of [...draft.relations.values()]) {
    const isUser =
      relation.columns.some((column) => calls(column.default) || calls(column.generated?.expression)) ||
      relation.constraints.some((constraint) => calls(constraint.expression));
    if (!isUser) continue;
    draft.putRelation({
      ...relation,
      columns: relation.columns.map((column) => ({
        ...column,
        ...(calls(column.default) ? { default: renamed(column.default) } : {}),
        ...(calls(column.generated?.expression)
          ? { generated: { ...column.generated, expression: renamed(column.generated.expression) } }
          : {}),
      })),
      constraints: relation.constraints.map((constraint) =>
        constraint.kind === 'check' && calls(constraint.expression)
          ? { ...constraint, expression: renamed(constraint.expression) }
          : constraint,
      ),
    });
  }
  for (const index of [...draft.indexes.values()])
    if (calls(index.where) || index.elements.some((element) => calls(element.expression)))
      draft.putIndex({
        ...index,
        ...(calls(index.where) ? { where: renamed(index.where) } : {}),
        elements: index.elements.map((element) =>
          calls(element.expression) ? { ...element, expression: renamed(element.expression) } : element,
        ),
      });
  for (const type of [...draft.types.values()]) {
    const { domain } = type;
    if (domain === undefined) continue;
    if (!calls(domain.default) && !domain.constraints.some(({ expression }) => calls(expression))) continue;
    draft.putType({
      ...type,
      domain: {
        ...domain,
        ...(calls(domain.default) ? { default: renamed(domain.default) } : {}),
        constraints: domain.constraints.map((constraint) =>
          constraint.kind === 'check' && calls(constraint.expression)
            ? { ...constraint, expression: renamed(constraint.expression) }
            : constraint,
        ),
      },
    });
  }
}

function renameCalls(draft: Draft, expression: Expression, object: FunctionObject, to: NewName): Expression {
  // Outside of the search path it is written with its schema.
  const isSeen = draft.session.searchPath.includes(to.schema);
  const rename = (tree: ExpressionTree): ExpressionTree => {
    if (!('operands' in tree)) return tree;
    const operands = tree.operands.map(rename);
    // Mapping keeps the number of operands, which is all that the variants with a fixed one ask for.
    const mapped = { ...tree, operands } as ExpressionTree;
    if (mapped.kind !== 'call' || mapped.name !== object.name || findFunction(draft, mapped) !== object) return mapped;
    const { schema: _, ...call } = mapped;
    return { ...call, name: to.name, ...(isSeen ? {} : { schema: to.schema }) };
  };
  const written = [...(isSeen ? [] : [to.schema]), to.name].map(quoted).join('.');
  const pattern = new RegExp(
    `(?<![\\w$."])(?:(?:${escapePattern(object.schema)}|"${escapePattern(object.schema)}")\\s*\\.\\s*)?(?:${escapePattern(object.name)}|"${escapePattern(object.name)}")(?=\\s*\\()`,
    'gi',
  );
  return { ...expression, text: expression.text.replace(pattern, written), tree: rename(expression.tree) };
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
