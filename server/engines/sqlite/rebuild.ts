import { SQLITE } from './product.ts';
import { referencedColumns } from '../../model/expression.ts';
import { findIndex, findRelation, indexesOf, sameName } from '../../model/lookup.ts';
import { objectKey } from '../../model/names.ts';
import type { CreateTrigger } from '../../model/operation.ts';
import type { Relation, Schema, Trigger } from '../../model/schema.ts';
import { quoteName, quoteText } from './names.ts';
import { parseStatement } from './parser.ts';
import { renderIndex, renderRelation, renderTable } from './render.ts';

/**
 * Statements that rebuild a table, each ending in a semicolon, or the sentence that says why they cannot be written.
 *
 * `before` and `after` switch foreign keys off and on, which does nothing inside a transaction, so that they must run
 * outside of one; `body` must run in one transaction. All three in a row, with BEGIN IMMEDIATE and COMMIT around `body`,
 * are `script`. The body ends in an error, and changes nothing, where rows were lost or a foreign key was broken.
 */
export type Rebuild =
  | {
      readonly kind: 'planned';
      readonly before: readonly string[];
      readonly body: readonly string[];
      readonly after: readonly string[];
      readonly script: readonly string[];
    }
  | { readonly kind: 'refused'; readonly reason: string };

export interface RebuildOptions {
  /**
   * SQL over the old table's row for columns of the new table, by the new name: `coalesce(status, 'new')`, or the old name
   * of a renamed column. A column that is not in it takes the old column of its name, or its default where there is none.
   */
  readonly values?: Readonly<Record<string, string>>;
}

/**
 * Rebuilds a table in SQLite to change what ALTER TABLE cannot: keys, foreign keys, types, defaults, the order of columns.
 *
 * `edit` gets the table as the schema knows it and returns the table that it shall be: same name and schema, with other
 * `columns` and `constraints`. Rows, rowids, indexes, triggers, views, the AUTOINCREMENT counter, STRICT, WITHOUT ROWID,
 * generated columns and foreign keys of other tables stay. The old table goes before the new one takes its name, so that
 * foreign keys of others go on meaning the name. Source: sqlite.org/lang_altertable.html, "Making Other Kinds Of Table
 * Schema Changes"; proved on a real database in test/engines/sqlite/rebuild.test.ts.
 */
export function rebuildTable(
  schema: Schema,
  name: { readonly schema?: string | undefined; readonly name: string },
  edit: (table: Relation) => Relation,
  options: RebuildOptions = {},
): Rebuild {
  const old = findRelation(schema, name);
  if (old === undefined || old.kind !== 'table')
    return refused(`The table ${quoteName(name.name)} is not known, so it cannot be rebuilt from what is known of it.`);
  if (old.virtualModule !== undefined)
    return refused(`${quoteName(old.name)} is a virtual table, which only its module can change.`);
  if (!old.columnsKnown || !old.detailsKnown)
    return refused(
      `Not all columns, constraints and triggers of ${quoteName(old.name)} are known: connect the database, so that none is lost.`,
    );
  const table = edit(old);
  const problem = missingPart(schema, old, table);
  if (problem !== undefined) return refused(problem);
  const body = rebuildBody(schema, old, table, options.values ?? {});
  const isOff = schema.session.foreignKeys === false;
  const before = isOff ? [] : ['PRAGMA foreign_keys = OFF;'];
  const after = isOff ? [] : ['PRAGMA foreign_keys = ON;'];
  return {
    kind: 'planned',
    before,
    body,
    after,
    script: [...before, 'BEGIN IMMEDIATE;', ...body, 'COMMIT;', ...after],
  };
}

function refused(reason: string): Rebuild {
  return { kind: 'refused', reason };
}

/** Why the rebuild would lose something: an index or trigger that the new table cannot have, or whose text is not known. */
function missingPart(schema: Schema, old: Relation, table: Relation): string | undefined {
  const has = (column: string): boolean => table.columns.some((own) => own.name.toLowerCase() === column.toLowerCase());
  for (const index of ownIndexes(schema, old)) {
    const used = [
      ...index.elements.flatMap(
        (element) => element.column ?? referencedColumns(element.expression?.tree ?? { kind: 'other', operands: [] }),
      ),
      ...(index.where === undefined ? [] : referencedColumns(index.where.tree)),
    ];
    const missing = used.find((column) => !has(column));
    if (missing !== undefined)
      return `The index ${quoteName(index.name)} uses ${quoteName(missing)}, which the new table does not have: drop the index first.`;
  }
  for (const trigger of old.triggers) {
    const operation = trigger.sql === undefined ? undefined : parseStatement(trigger.sql).operations[0];
    if (operation?.kind !== 'create-trigger' || isOutdated(schema, old, trigger, operation))
      return `The text of the trigger ${quoteName(trigger.name)} is not known as it is now: connect the database, so that it can be made again.`;
    const missing = operation.updateColumns.find((column) => !has(column));
    if (missing !== undefined)
      return `The trigger ${quoteName(trigger.name)} watches ${quoteName(missing)}, which the new table does not have: drop the trigger first.`;
  }
  return undefined;
}

/** Whether the text of a trigger names what is not there, because a table or column was renamed after it was written. */
function isOutdated(schema: Schema, table: Relation, trigger: Trigger, written: CreateTrigger): boolean {
  const isColumn = (name: string): boolean =>
    table.columns.some((column) => sameName(SQLITE, column.name, name)) || /^(?:rowid|_rowid_|oid)$/i.test(name);
  const isSameColumns =
    written.updateColumns.length === trigger.updateColumns.length &&
    written.updateColumns.every((name) => trigger.updateColumns.some((other) => sameName(SQLITE, name, other)));
  const rowColumns = (written.body ?? [])
    .flatMap((operation) => ('query' in operation ? (operation.query?.columns ?? []) : []))
    .filter((column) => /^(?:new|old)$/i.test(column.qualifier ?? ''));
  const named = (written.body ?? []).flatMap((operation) =>
    'query' in operation
      ? [
          ...('relation' in operation && typeof operation.relation === 'object' ? [operation.relation] : []),
          ...(operation.query?.reads.map((read) => read.relation) ?? []),
        ]
      : [],
  );
  return (
    !sameName(SQLITE, written.relation.name, table.name) ||
    !isSameColumns ||
    rowColumns.some((column) => !isColumn(column.name)) ||
    (schema.isComplete && named.some((relation) => findRelation(schema, relation) === undefined))
  );
}

/** Indexes that a statement of their own made. */
function ownIndexes(schema: Schema, table: Relation): ReturnType<typeof indexesOf> {
  return indexesOf(schema, objectKey(table.schema, table.name)).filter((index) => index.constraint === undefined);
}

function rebuildBody(
  schema: Schema,
  old: Relation,
  table: Relation,
  values: Readonly<Record<string, string>>,
): readonly string[] {
  const temporary = freeName(schema, old, `lockstep_new_${old.name}`);
  const created = renderRelation({ schema: old.schema, name: temporary });
  const source = renderRelation(old);
  const guard = 'temp.lockstep_rebuild';
  const copied = copiedColumns(old, table, values);
  const sequence = old.schema === 'main' ? 'sqlite_sequence' : `${quoteName(old.schema)}.sqlite_sequence`;
  const wasCounted = old.columns.some((column) => column.autoincrement === true);
  const isCounted = table.columns.some((column) => column.autoincrement === true);
  return [
    `CREATE TEMP TABLE lockstep_rebuild (rows_before INTEGER, broken_before INTEGER, rows_after INTEGER, broken_after INTEGER,\n  CONSTRAINT no_row_lost CHECK (rows_after = rows_before), CONSTRAINT no_foreign_key_broken CHECK (broken_after <= broken_before));`,
    `INSERT INTO ${guard} (rows_before, broken_before) SELECT (SELECT count(*) FROM ${source}), (SELECT count(*) FROM pragma_foreign_key_check);`,
    `${renderTable(table, temporary)};`,
    `INSERT INTO ${created} (${copied.map((column) => column.name).join(', ')})\n  SELECT ${copied.map((column) => column.value).join(', ')} FROM ${source};`,
    ...(wasCounted && isCounted
      ? [
          `DELETE FROM ${sequence} WHERE name = ${quoteText(temporary)};`,
          `INSERT INTO ${sequence} (name, seq) SELECT ${quoteText(temporary)}, seq FROM ${sequence} WHERE name = ${quoteText(old.name)};`,
        ]
      : []),
    `DROP TABLE ${source};`,
    // Without it the renaming stops at the first view or trigger of another table that names the table, which is gone for the moment.
    'PRAGMA legacy_alter_table = ON;',
    `ALTER TABLE ${created} RENAME TO ${quoteName(old.name)};`,
    'PRAGMA legacy_alter_table = OFF;',
    ...ownIndexes(schema, old).map((index) => `${renderIndex(index, old.name)};`),
    ...old.triggers.map((trigger) => `${(trigger.sql ?? '').replace(/;\s*$/, '')};`),
    `UPDATE ${guard} SET rows_after = (SELECT count(*) FROM ${source}), broken_after = (SELECT count(*) FROM pragma_foreign_key_check);`,
    `DROP TABLE ${guard};`,
  ];
}

/** Columns of the INSERT with what they get, the rowid among them where no column stands for it. */
function copiedColumns(
  old: Relation,
  table: Relation,
  values: Readonly<Record<string, string>>,
): readonly { readonly name: string; readonly value: string }[] {
  const given = new Map(Object.entries(values).map(([column, value]) => [column.toLowerCase(), value]));
  const columns = table.columns
    .filter((column) => column.generated === undefined)
    .flatMap((column) => {
      const source = old.columns.find((candidate) => candidate.name.toLowerCase() === column.name.toLowerCase());
      const value = given.get(column.name.toLowerCase()) ?? (source === undefined ? undefined : quoteName(source.name));
      return value === undefined ? [] : [{ name: quoteName(column.name), value }];
    });
  const rowid = ['rowid', '_rowid_', 'oid'].find(
    (candidate) => ![...old.columns, ...table.columns].some((column) => column.name.toLowerCase() === candidate),
  );
  const hasRowid =
    rowid !== undefined && old.withoutRowid !== true && table.withoutRowid !== true && !isRowidNamed(table);
  return hasRowid && rowid !== undefined ? [{ name: rowid, value: rowid }, ...columns] : columns;
}

/** Whether a column may stand for the rowid, so that copying the column copies it. Source: sqlite.org/lang_createtable.html, "ROWIDs and the INTEGER PRIMARY KEY". */
function isRowidNamed(table: Relation): boolean {
  const primary = table.constraints.find((constraint) => constraint.kind === 'primary-key');
  const column =
    primary?.columns.length === 1
      ? table.columns.find((candidate) => candidate.name.toLowerCase() === primary.columns[0]?.toLowerCase())
      : undefined;
  return column?.type?.name.toLowerCase() === 'integer' && column.type.modifiers.length === 0;
}

function freeName(schema: Schema, old: Relation, wanted: string): string {
  let name = wanted;
  for (
    let number = 2;
    findRelation(schema, { schema: old.schema, name }) !== undefined ||
    findIndex(schema, { schema: old.schema, name }) !== undefined;
    number++
  )
    name = `${wanted}_${number}`;
  return name;
}
