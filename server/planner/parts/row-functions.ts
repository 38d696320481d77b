import { bodiesNamingColumn, rowReference } from '../../model/body-names.ts';
import type { Relation } from '../../model/schema.ts';
import type { PlanContext } from '../plan.ts';

/** Functions of a table's triggers that read a column of the row, as they are and with the column's new name. */
export interface RowFunctions {
  /** Statements that put the new name in, each whole. */
  readonly renamed: readonly string[];
  /** Statements that bring the functions back as they were. */
  readonly original: readonly string[];
  readonly names: readonly string[];
}

const HEAD = /^create\s+(?:or\s+replace\s+)?function\b/i;

/**
 * Trigger functions that say `NEW.from` or `OLD.from`, written again with `to`: the database does not follow what a body
 * names. A text says which function has to be replaced by hand, because other tables' triggers run it too, or because it
 * names the column in statements of its own.
 */
export function rowFunctions(
  { schema, engine }: Pick<PlanContext, 'schema' | 'engine'>,
  relation: Relation,
  from: string,
  to: string,
): RowFunctions | string {
  const renamed: string[] = [];
  const original: string[] = [];
  const names: string[] = [];
  for (const body of bodiesNamingColumn(schema, relation, from)) {
    const isShared = [...schema.relations.values()].some(
      (other) =>
        other !== relation && other.triggers.some((trigger) => trigger.function?.split('.').at(-1) === body.name),
    );
    if (body.trigger === undefined || body.sql === undefined || isShared || !HEAD.test(body.sql))
      return `The function ${body.shown} names "${from}" of ${relation.name} in its body, which stays as it is when the column gets another name: replace it first by one that does not, then rename.`;
    const statement = (sql: string): string => `${sql.replace(HEAD, 'CREATE OR REPLACE FUNCTION')};`;
    names.push(body.shown);
    original.push(statement(body.sql));
    renamed.push(
      statement(
        body.sql.replace(rowReference(from), (_, row: string, dot: string) => `${row}${dot}${engine.quoteName(to)}`),
      ),
    );
  }
  return { renamed, original, names };
}

/**
 * Statements that make the trigger functions again which read a column whose type becomes another one: a session that ran
 * one before keeps a plan for the old type, and its next write would fail.
 *
 * Source: PL/pgSQL, exec_eval_datum; asserted by test/database/whole.test.ts.
 */
export function functionsAgain(
  { schema }: Pick<PlanContext, 'schema'>,
  relation: Relation,
  column: string,
): readonly string[] {
  return bodiesNamingColumn(schema, relation, column).flatMap(({ trigger, sql }) =>
    trigger === undefined || sql === undefined || !HEAD.test(sql)
      ? []
      : [`${sql.replace(HEAD, 'CREATE OR REPLACE FUNCTION')};`],
  );
}
