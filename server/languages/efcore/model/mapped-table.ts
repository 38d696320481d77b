import type { Relation } from '../../../model/schema.ts';
import type { EfModel, EfTable } from './ef-model.ts';

/** The table of the model; a name without a schema is that of the default one. */
export function mappedTable(
  model: EfModel,
  relation: Pick<Relation, 'name' | 'schema'> | undefined,
): EfTable | undefined {
  return relation === undefined
    ? undefined
    : (model.table(relation.name, relation.schema) ?? model.table(relation.name));
}
