import { creationSchema, findFunction, isGoneFunction, findRelation, resolveTypeName } from '../../../model/lookup.ts';
import { objectKey } from '../../../model/names.ts';
import type { CreateFunction, Operation } from '../../../model/operation.ts';
import type { Schema } from '../../../model/schema.ts';
import { sameType, type TypeName } from '../../../model/type-name.ts';
import type { Refusal } from '../../engine.ts';

/** CREATE OR REPLACE FUNCTION that gives another type, renames an argument or takes a default away. */
export function refusedReplacement(operation: CreateFunction, schema: Schema): Refusal | undefined {
  const { argumentNames = [], span } = operation;
  const names = argumentNames.filter((name) => name !== '');
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined)
    return { span, message: `Two arguments have the name "${twice}", which PostgreSQL refuses.` };
  const home = operation.name.schema ?? creationSchema(schema);
  const existing = home === undefined ? undefined : schema.functions.get(objectKey(home, operation.name.name));
  if (existing === undefined || !operation.orReplace) return undefined;
  const plain = (type: TypeName): TypeName => ({ ...resolveTypeName(schema, type), modifiers: [] });
  const old = existing.overloads.find(
    (overload) =>
      overload.argumentTypes.length === operation.argumentTypes.length &&
      overload.argumentTypes.every((type, place) => {
        const other = operation.argumentTypes[place];
        return other !== undefined && sameType(plain(type), plain(other));
      }),
  );
  // Of one from a catalog no more is known than how it is called.
  if (old?.argumentNames === undefined || old.procedure !== operation.procedure) return undefined;
  const again = ' Drop it first, in the same transaction.';
  const at = (message: string): Refusal => ({
    span,
    message: `${message}, which CREATE OR REPLACE does not do.${again}`,
  });
  const renamed = old.argumentNames.find((name, place) => name !== '' && name !== argumentNames[place]);
  if (renamed !== undefined) return at(`The argument "${renamed}" of ${existing.name} gets another name`);
  if ((operation.defaults ?? 0) < (old.defaults ?? 0)) return at(`An argument of ${existing.name} loses its default`);
  if (operation.hasOutputs === true || old.hasOutputs === true) {
    // A procedure's OUT arguments differ by version.
    if (operation.procedure || !isOtherRow(old, operation, plain)) return undefined;
    return at(`What ${existing.name} gives by OUT or TABLE differs from before`);
  }
  const isOther =
    (old.returnsSet === true) !== (operation.returnsSet === true) ||
    (old.returns !== undefined &&
      operation.returns !== undefined &&
      !sameType(plain(old.returns), plain(operation.returns)));
  return isOther ? at(`${existing.name} gives another type than before`) : undefined;
}

/** What a function gives: a type and how often, or the columns of a row. */
type Given = Pick<CreateFunction, 'outputs' | 'returns' | 'returnsSet'>;

/** Whether the columns that two functions give differ: several by name and type, a single one by its type alone. */
function isOtherRow(old: Given, now: Given, plain: (type: TypeName) => TypeName): boolean {
  if ((old.returnsSet === true) !== (now.returnsSet === true)) return true;
  const [before, after] = [old.outputs ?? [], now.outputs ?? []];
  const typeOf = (given: Given, outputs: typeof before): TypeName | undefined =>
    outputs.length === 1 ? outputs[0]?.type : outputs.length === 0 ? given.returns : undefined;
  if (before.length < 2 && after.length < 2) {
    const [one, other] = [typeOf(old, before), typeOf(now, after)];
    return one !== undefined && other !== undefined && !sameType(plain(one), plain(other));
  }
  return (
    before.length !== after.length ||
    before.some((column, place) => {
      const other = after[place];
      return other === undefined || other.name !== column.name || !sameType(plain(column.type), plain(other.type));
    })
  );
}

/** A trigger whose function gives none, or whose kind its table cannot have. */
export function refusedTrigger(
  operation: Extract<Operation, { readonly kind: 'create-trigger' }>,
  schema: Schema,
): Refusal | undefined {
  const { span, timing, forEachRow, when, events } = operation;
  const relation = findRelation(schema, operation.relation);
  if (relation?.kind === 'view' && timing !== 'instead-of' && forEachRow)
    return { span, message: `${relation.name} is a view, whose row triggers are INSTEAD OF.` };
  if (relation?.kind === 'table' && relation.detailsKnown && timing === 'instead-of')
    return { span, message: `${relation.name} is a table, which has no INSTEAD OF triggers.` };
  if (relation?.kind === 'materialized-view')
    return { span, message: `${relation.name} is a materialized view, which has no triggers.` };
  const old = operation.orReplace ? relation?.triggers.find(({ name }) => name === operation.name) : undefined;
  if (old !== undefined && (old.constraint || operation.constraint))
    return {
      span,
      message: `OR REPLACE takes the place of no constraint trigger, and gives none its place: "${old.name}".`,
    };
  const called = operation.function === undefined ? undefined : findFunction(schema, operation.function);
  if (operation.function !== undefined && isGoneFunction(schema, operation.function))
    return {
      span: operation.function.span,
      message: `There is no ${operation.function.name}() any more: it was dropped, or has another name or schema.`,
    };
  if (called !== undefined && !called.overloads.some((overload) => overload.returnsTrigger))
    return { span, message: `${called.name} does not give a trigger, so that PostgreSQL takes it for none.` };
  if (when === undefined) return undefined;
  const sides = new Set<string>();
  const stack = [when.tree];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.kind === 'subquery')
      return { span: when.span, message: 'PostgreSQL takes no subquery in the WHEN of a trigger.' };
    const [side, column] = node.kind === 'column' ? node.path : [];
    if (side === 'old' || side === 'new') {
      sides.add(side);
      const isKnown =
        column === undefined ||
        column === '*' ||
        relation?.columnsKnown !== true ||
        ['tableoid', 'ctid', 'xmin', 'xmax', 'cmin', 'cmax'].includes(column) ||
        relation.columns.some((candidate) => candidate.name === column);
      if (!isKnown) return { span: when.span, message: `${relation?.name ?? ''} has no column "${column}".` };
      const isComputed =
        side === 'new' &&
        timing === 'before' &&
        relation?.columnsKnown === true &&
        relation.columns.some(
          (candidate) => candidate.generated !== undefined && (column === '*' || candidate.name === column),
        );
      if (isComputed)
        return { span: when.span, message: 'Generated columns have no value yet when a BEFORE trigger looks at NEW.' };
    }
    if ('operands' in node) stack.push(...node.operands);
  }
  if (sides.size > 0 && !forEachRow)
    return { span: when.span, message: 'A trigger FOR EACH STATEMENT has neither OLD nor NEW.' };
  if (sides.has('old') && events.includes('insert'))
    return { span: when.span, message: 'A trigger on INSERT has no OLD.' };
  return sides.has('new') && events.includes('delete')
    ? { span: when.span, message: 'A trigger on DELETE has no NEW.' }
    : undefined;
}
