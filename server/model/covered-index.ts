import type { CreateIndex, IndexElement } from './operation.ts';
import type { Index } from './schema.ts';

/** Whether every query that the new index could answer finds its answer in the old one. */
export function coversIndex(old: Index, created: CreateIndex): boolean {
  if (!old.valid || old.exclusion || old.method !== created.method || (created.unique && !keepsApart(old, created)))
    return false;
  if (
    (old.where?.text ?? '') !== (created.where?.text ?? '') ||
    created.include.some((column) => !old.include.includes(column))
  )
    return false;
  if (old.method !== 'btree' && old.elements.length !== created.elements.length) return false;
  return (
    created.elements.length <= old.elements.length &&
    created.elements.every((element, index) => isSameElement(old.elements[index], element))
  );
}

/** Whether two rows that the new index would refuse are refused already. */
function keepsApart(old: Index, created: CreateIndex): boolean {
  return (
    old.unique &&
    old.elements.length === created.elements.length &&
    (!created.nullsNotDistinct || old.nullsNotDistinct || old.primary)
  );
}

function isSameElement(left: IndexElement | undefined, right: IndexElement): boolean {
  return (
    left !== undefined &&
    left.column === right.column &&
    left.expression?.text === right.expression?.text &&
    left.collation === right.collation &&
    left.operatorClass === right.operatorClass &&
    (left.descending ?? false) === (right.descending ?? false) &&
    left.nullsFirst === right.nullsFirst
  );
}
