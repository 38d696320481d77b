import { columnsNamed, relationsOf } from '../../../model/body-names.ts';
import { linksOf } from '../../../model/links.ts';
import { findRelation } from '../../../model/lookup.ts';
import { objectKey } from '../../../model/names.ts';
import { isTableAction, type Operation } from '../../../model/operation.ts';
import type { Relation, RuleAction, Schema } from '../../../model/schema.ts';
import type { Refusal } from '../../engine.ts';

/** A table or column that the action of a rule writes or reads, which goes and changes its type only with the rule. */
export function refusedRuled(operation: Operation, schema: Schema): Refusal | undefined {
  if (operation.kind === 'drop-table') {
    if (operation.cascade) return undefined;
    const keys = new Set(operation.objects.flatMap((object) => keyOf(schema, object)));
    return usedBy(
      schema,
      (holder, action) => {
        if (keys.has(objectKey(holder.schema, holder.name))) return undefined;
        return partsOf(action)
          .flatMap((each) => relationsOf(each).flatMap((written) => findRelation(schema, written) ?? []))
          .find((relation) => keys.has(objectKey(relation.schema, relation.name)))?.name;
      },
      operation,
      'goes',
    );
  }
  if (!isTableAction(operation)) return undefined;
  const { action } = operation;
  if (action.kind !== 'drop-column' && action.kind !== 'alter-type') return undefined;
  if (action.kind === 'drop-column' && action.cascade) return undefined;
  const relation = findRelation(schema, operation.relation);
  if (relation === undefined) return undefined;
  return usedBy(
    schema,
    (holder, rule) =>
      partsOf(rule).some(
        (each) =>
          (holder === relation && namesRow(each, action.column)) ||
          (targets(each, schema).includes(relation) && written(each, relation).includes(action.column)) ||
          columnsNamed(each, schema, relation).includes(action.column),
      )
        ? action.column
        : undefined,
    operation,
    action.kind === 'drop-column' ? 'goes' : 'changes its type',
  );
}

/** What a rule does, and what it asks first. */
function partsOf({ body, condition = [] }: RuleAction): readonly Operation[] {
  return [...body, ...condition];
}

function keyOf(schema: Schema, name: { readonly schema?: string; readonly name: string }): readonly string[] {
  const relation = findRelation(schema, name);
  return relation === undefined ? [] : [objectKey(relation.schema, relation.name)];
}

function targets(operation: Operation, schema: Schema): readonly Relation[] {
  const isWrite = ['insert-rows', 'update-rows', 'delete-rows'].includes(operation.kind);
  if (!isWrite || !('relation' in operation) || operation.relation === undefined || !('name' in operation.relation))
    return [];
  const relation = findRelation(schema, operation.relation);
  return relation === undefined ? [] : [relation];
}

/** Columns that a statement of a rule gives values. */
function written(operation: Operation, relation: Relation): readonly string[] {
  if (operation.kind === 'update-rows') return operation.columns;
  if (operation.kind !== 'insert-rows') return [];
  return (
    operation.columns ??
    relation.columns.slice(0, operation.values?.[0]?.length ?? operation.query.output.length).map(({ name }) => name)
  );
}

/** Whether a statement of a rule names a column of the row that it is for. */
function namesRow(operation: Operation, column: string): boolean {
  return (
    'query' in operation &&
    operation.query !== undefined &&
    operation.query.columns.some(
      ({ qualifier, name }) => (qualifier === 'old' || qualifier === 'new') && (name === column || name === '*'),
    )
  );
}

function usedBy(
  schema: Schema,
  uses: (holder: Relation, action: RuleAction) => string | undefined,
  { span }: Operation,
  what: string,
): Refusal | undefined {
  for (const key of linksOf(schema).ruledKeys) {
    const holder = schema.relations.get(key);
    for (const action of holder?.ruleActions ?? []) {
      if (holder?.rules.includes(action.name) !== true) continue;
      const name = uses(holder, action);
      if (name !== undefined)
        return {
          span,
          message: `The rule ${action.name} of ${holder.name} names "${name}", which ${what} only after the rule is dropped.`,
        };
    }
  }
  return undefined;
}
