import { walkExpression } from '../../../model/expression.ts';
import { findRelation, indexesOf } from '../../../model/lookup.ts';
import { objectKey } from '../../../model/names.ts';
import type { IndexElement, InsertRows } from '../../../model/operation.ts';
import type { Index, Relation, Schema } from '../../../model/schema.ts';
import type { Refusal } from '../../engine.ts';

/** ON CONFLICT that no unique index answers to, or that sets a column twice. */
export function refusedConflict(
  { conflict, onConflict, relation: name, span }: InsertRows,
  schema: Schema,
): Refusal | undefined {
  if (conflict === undefined) return undefined;
  const { elements, constraint, assignments } = conflict;
  const twice = assignments.find(
    ({ column }, place) => assignments.findIndex((other) => other.column === column) !== place,
  );
  if (twice !== undefined) return { span, message: `"${twice.column}" stands here twice, which PostgreSQL refuses.` };
  const target = findRelation(schema, name);
  const ambiguous = assignments
    .flatMap(({ value }) => (value === undefined ? [] : [...walkExpression(value)]))
    .flatMap((node) => (node.kind === 'column' && node.path.length === 1 ? [node.path[0] ?? ''] : []))
    .find((column) => target?.columns.some((own) => own.name === column) === true);
  if (ambiguous !== undefined)
    return {
      span,
      message: `"${ambiguous}" may be that of ${target?.name ?? ''} or of the new row here: write ${target?.name ?? ''}.${ambiguous} or excluded.${ambiguous}.`,
    };
  const rule = target?.ruleActions?.find(
    ({ name: own, event }) => target.rules.includes(own) && /^(?:insert|update)$/i.test(event),
  );
  if (rule !== undefined)
    return {
      span,
      message: `${target?.name ?? ''} has the rule ${rule.name} on ${rule.event.toUpperCase()}, beside which PostgreSQL takes no ON CONFLICT.`,
    };
  if (elements.length === 0 && constraint === undefined)
    return onConflict === 'update'
      ? { span, message: 'ON CONFLICT DO UPDATE needs to know which conflict: write the columns of a unique key.' }
      : undefined;
  const relation = findRelation(schema, name);
  if (
    relation === undefined ||
    !relation.detailsKnown ||
    (relation.kind !== 'table' && relation.kind !== 'partitioned-table')
  )
    return undefined;
  if (constraint !== undefined)
    return ofConstraint(
      relation.constraints.find((other) => other.name === constraint),
      constraint,
      relation.name,
      span,
    );
  const key = objectKey(relation.schema, relation.name);
  // What an expression or a condition amounts to is not worked out: an index that might be meant is taken to be.
  const hasIndex = indexesOf(schema, key).some(
    (index) => index.unique && answers(index, elements, conflict.where !== undefined),
  );
  return hasIndex
    ? undefined
    : {
        span,
        message: `No unique index of ${relation.name} is over just ${elements.map((element) => (element.column === undefined ? 'this expression' : `"${element.column}"`)).join(', ')}${conflict.where === undefined ? ' and for every row' : ''}, which ON CONFLICT needs.`,
      };
}

function ofConstraint(
  found: Relation['constraints'][number] | undefined,
  name: string,
  table: string,
  span: Refusal['span'],
): Refusal | undefined {
  if (found === undefined) return { span, message: `${table} has no constraint "${name}".` };
  return found.kind === 'check' || found.kind === 'foreign-key' || found.kind === 'not-null'
    ? { span, message: `"${name}" of ${table} has no index, which ON CONFLICT ON CONSTRAINT needs.` }
    : undefined;
}

function answers(index: Index, elements: readonly IndexElement[], hasCondition: boolean): boolean {
  if (index.where !== undefined && !hasCondition) return false;
  const wanted = new Set(elements.flatMap((element) => element.column ?? []));
  const own = new Set(index.elements.flatMap((element) => element.column ?? []));
  const isSame = wanted.size === own.size && [...wanted].every((column) => own.has(column));
  const hasExpression = elements.some((element) => element.expression !== undefined);
  if (hasExpression !== index.elements.some((element) => element.expression !== undefined)) return false;
  if (!hasExpression) return isSame;
  const columns = (list: readonly IndexElement[]): string =>
    list
      .flatMap((element) => (element.expression === undefined ? [] : columnsIn(element.expression.tree)))
      .sort()
      .join('\u0000');
  return isSame && columns(elements) === columns(index.elements);
}

function columnsIn(tree: NonNullable<IndexElement['expression']>['tree']): readonly string[] {
  if (tree.kind === 'column') return [tree.path.at(-1) ?? ''];
  return 'operands' in tree ? tree.operands.flatMap(columnsIn) : [];
}
