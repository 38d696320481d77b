import { findRelation } from '../../model/lookup.ts';
import { displayName } from '../../model/names.ts';
import type { TableAction } from '../../model/operation.ts';
import type { Relation } from '../../model/schema.ts';
import type { PlanContext } from '../plan.ts';

/** The table that a recipe works on, in the words of its SQL and of its people. */
export interface TableTarget {
  /** As it must be written in SQL, schema included where the statement has one: `public."Users"`. */
  readonly sql: string;
  /** `users`, for titles and names. */
  readonly name: string;
  /** `public.users` as written, for sentences. */
  readonly shown: string;
  readonly relation: Relation | undefined;
  /** `ONLY`-less head of every ALTER: `ALTER TABLE public."Users"`. */
  readonly alter: string;
}

/** The table of an operation. */
export function tableTarget(context: PlanContext, name: TableAction['relation']): TableTarget {
  const { quoteName } = context.engine;
  const sql = name.schema === undefined ? quoteName(name.name) : `${quoteName(name.schema)}.${quoteName(name.name)}`;
  return {
    sql,
    name: name.name,
    shown: displayName(name),
    relation: findRelation(context.schema, name),
    alter: `ALTER TABLE ${sql}`,
  };
}
