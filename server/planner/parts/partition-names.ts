import type { Relation, Schema } from '../../model/schema.ts';
import { freeName, limitedName } from '../names.ts';
import type { PlanContext } from '../plan.ts';
import type { TableTarget } from './table-target.ts';

/** Names of the relations of one schema, indexes and sequences included, which may not meet each other. */
export class RelationNames {
  readonly #taken: Set<string>;

  constructor(schema: Schema, inSchema: string) {
    const all = [...schema.relations.values(), ...schema.indexes.values(), ...schema.sequences.values()];
    this.#taken = new Set(all.filter((relation) => relation.schema === inSchema).map((relation) => relation.name));
  }

  /** `first_suffix`, shortened to what the server keeps, with a number where another relation has it. */
  take(first: string, suffix: string): string {
    const name = freeName(limitedName([first], suffix), this.#taken);
    this.#taken.add(name);
    return name;
  }
}

/** What the tables of a partitioned table are called: the old table is `events_p0`, the others `events_p1`, ..., `events_default`. */
export interface PartitionNames {
  /** The partitioned table until it takes the old one's name. Unquoted, as the others. */
  readonly beside: string;
  readonly first: string;
  readonly later: readonly string[];
  readonly rest: string;
}

/** Names for a table with so many partitions behind the first. */
export function partitionNames(names: RelationNames, table: string, later: number): PartitionNames {
  return {
    beside: names.take(table, 'partitioned'),
    first: names.take(table, 'p0'),
    later: Array.from({ length: later }, (_, index) => names.take(table, `p${index + 1}`)),
    rest: names.take(table, 'default'),
  };
}

/** A name beside the table, in the table's own schema, as SQL. */
export function besideSql(context: PlanContext, table: TableTarget, relation: Relation, name: string): string {
  const { quoteName } = context.engine;
  return table.sql.includes('.') ? `${quoteName(relation.schema)}.${quoteName(name)}` : quoteName(name);
}
