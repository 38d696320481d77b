import { readingFunctions, readingPolicies } from '../../../model/fold/followers.ts';
import { findRelation } from '../../../model/lookup.ts';
import { objectKey } from '../../../model/names.ts';
import { isTableAction, type Operation } from '../../../model/operation.ts';
import type { Column, Schema } from '../../../model/schema.ts';
import type { Refusal } from '../../engine.ts';

/** What goes or changes: relations, or one column. */
interface Change {
  readonly keys: ReadonlySet<string>;
  readonly column?: Column;
  readonly shown: string;
  readonly what: string;
}

/**
 * A relation or column that a policy's subquery, the body of a function that the server follows, or the list or the
 * condition of a publication needs.
 */
export function refusedFollowed(operation: Operation, schema: Schema): Refusal | undefined {
  const change = changeOf(operation, schema);
  if (change === undefined) return undefined;
  const user = policyUsing(change, schema) ?? functionUsing(change, schema) ?? publicationUsing(change, schema);
  return user === undefined
    ? undefined
    : {
        span: operation.span,
        message: `${user} needs ${change.shown}, which ${change.what} only after that is dropped.`,
      };
}

function changeOf(operation: Operation, schema: Schema): Change | undefined {
  if (
    operation.kind === 'drop-table' ||
    operation.kind === 'drop-view' ||
    operation.kind === 'drop-materialized-view'
  ) {
    if (operation.cascade) return undefined;
    const dropped = operation.objects.flatMap((object) => findRelation(schema, object) ?? []);
    return {
      keys: new Set(dropped.map((relation) => objectKey(relation.schema, relation.name))),
      shown: dropped.map((relation) => relation.name).join(' or '),
      what: 'goes',
    };
  }
  if (!isTableAction(operation)) return undefined;
  const { action } = operation;
  if (action.kind !== 'alter-type' && (action.kind !== 'drop-column' || action.cascade)) return undefined;
  const relation = findRelation(schema, operation.relation);
  const column = relation?.columns.find((candidate) => candidate.name === action.column);
  if (relation === undefined || column === undefined) return undefined;
  return {
    keys: new Set([objectKey(relation.schema, relation.name)]),
    column,
    shown: `"${column.name}" of ${relation.name}`,
    what: action.kind === 'drop-column' ? 'goes' : 'changes its type',
  };
}

/** Whether something of a migration needs what changes: a column that came later under the same name is another one. */
function isMeant(change: Change, key: string, columns: readonly string[], fileIndex: number): boolean {
  if (!change.keys.has(key)) return false;
  return (
    change.column === undefined || (columns.includes(change.column.name) && change.column.origin.fileIndex <= fileIndex)
  );
}

function policyUsing(change: Change, schema: Schema): string | undefined {
  const user = readingPolicies(schema, (key, columns, fileIndex) => isMeant(change, key, columns, fileIndex)).find(
    ({ relation }) => change.column !== undefined || !change.keys.has(objectKey(relation.schema, relation.name)),
  );
  return user === undefined ? undefined : `The policy ${user.policy} of ${user.relation.name}`;
}

function functionUsing(change: Change, schema: Schema): string | undefined {
  const [user] = readingFunctions(schema, (key, columns, fileIndex) => isMeant(change, key, columns, fileIndex));
  return user === undefined ? undefined : `The function ${user.object.name}()`;
}

function publicationUsing(change: Change, schema: Schema): string | undefined {
  if (change.column === undefined) return undefined;
  for (const [name, lists] of Object.entries(schema.publicationColumns ?? {}))
    for (const { key, columns, fileIndex } of lists)
      if (schema.publications?.[name]?.includes(key) === true && isMeant(change, key, columns, fileIndex))
        return `The publication ${name}`;
  return undefined;
}
