import { isAnyTable, type Relation, type Schema } from '../../../model/schema.ts';
import { codeText } from './code-text.ts';
import { columnEdits, propertyCode } from './column-edits.ts';
import type { EfModel } from './ef-model.ts';
import { foreignKeyEdits, indexEdits, keyEdits } from './key-edits.ts';
import { mappedTable } from './mapped-table.ts';
import type { ModelEdit } from './model-edit.ts';

/**
 * What a model has to say so that it is what a change makes of the database; empty where it says so already.
 *
 * Tables, columns, keys, foreign keys and indexes that the change touches, and that the model has, or that are new. Checks,
 * views and triggers are no part of it, since EF Core runs as well without knowing of them.
 */
export function modelEdits(before: Schema, after: Schema, model: EfModel): readonly ModelEdit[] {
  const changed = [...new Set([...before.relations.entries(), ...after.relations.entries()].map(([key]) => key))]
    .map((key): TableChange => ({ key, before: tableOf(before, key), after: tableOf(after, key) }))
    .filter((change) => change.before !== undefined || change.after !== undefined);
  const gone = changed.filter(
    ({ key, after: left, before: old }) =>
      left === undefined && after.relations.get(key) === undefined && mappedTable(model, old) !== undefined,
  );
  const edits: ModelEdit[] = [];
  /** Behind all tables that they point at. */
  const foreignKeys: ModelEdit[] = [];
  const renamed = new Set<string>();
  for (const change of changed) {
    if (change.after === undefined) continue;
    const table = mappedTable(model, change.after);
    if (table === undefined && before.relations.get(change.key) !== undefined) continue;
    const old = change.before === undefined && table === undefined ? sameColumns(gone, change.after) : undefined;
    const known = table ?? (old === undefined ? undefined : mappedTable(model, old.before));
    if (old !== undefined) renamed.add(old.key);
    const name = known?.entity;
    if (table === undefined && known !== undefined && name !== undefined)
      edits.push({
        what: `The table ${known.name} is called ${change.after.name} now.`,
        code: `modelBuilder.Entity(${codeText(name)}).ToTable(${[change.after.name, ...(known.schema === undefined ? [] : [known.schema])].map(codeText).join(', ')});`,
      });
    const relation = change.before ?? old?.before;
    if (known === undefined) edits.push(newTable(change.after, after));
    else edits.push(...columnEdits(relation, change.after, known), ...keyEdits(relation, change.after, known));
    edits.push(...indexEdits(change.after, known, before, after));
    foreignKeys.push(...foreignKeyEdits(relation, change.after, known, model));
  }
  for (const { key, before: table } of gone)
    if (!renamed.has(key) && table !== undefined)
      edits.push({
        what: `The table ${table.name} is gone: take ${mappedTable(model, table)?.entity ?? 'its class'} out of the model.`,
      });
  return [...edits, ...foreignKeys, ...enumEdits(before, after, model)];
}

function enumEdits(before: Schema, after: Schema, model: EfModel): readonly ModelEdit[] {
  return [...after.types.entries()].flatMap(([key, type]): readonly ModelEdit[] => {
    const labels = type.labels?.join(', ');
    const name = model.enums.find((each) => each === type.name || each === `${type.schema}.${type.name}`);
    return name === undefined || labels === before.types.get(key)?.labels?.join(', ')
      ? []
      : [{ what: `The values of the enum ${name} are ${labels ?? ''} now: change it where it is mapped.` }];
  });
}

interface TableChange {
  readonly key: string;
  readonly before: Relation | undefined;
  readonly after: Relation | undefined;
}

/** A table that a model may have: partitions are read through the table that they are of. */
function tableOf(schema: Schema, key: string): Relation | undefined {
  const relation = schema.relations.get(key);
  return relation === undefined || !isAnyTable(relation) || relation.partitionOf !== undefined ? undefined : relation;
}

/** The one table that is gone and has the columns of a new one. */
function sameColumns(gone: readonly TableChange[], relation: Relation): TableChange | undefined {
  const names = (each: Relation | undefined): string =>
    JSON.stringify(each?.columns.map(({ name }) => name).toSorted());
  const found = gone.filter((change) => names(change.before) === names(relation));
  return found.length === 1 ? found[0] : undefined;
}

function newTable(relation: Relation, schema: Schema): ModelEdit {
  const key = relation.constraints.find(({ kind }) => kind === 'primary-key');
  const properties = relation.columns.map(propertyCode);
  const what = `The table ${relation.name} is new: a class of its own.`;
  if (properties.some((code) => code === undefined)) return { what };
  const isDefault = relation.schema === schema.session.searchPath[0];
  const lines = [
    ...properties.map((code) => `b${code ?? ''};`),
    key === undefined
      ? 'b.HasNoKey();'
      : `b.HasKey(${key.columns.map(codeText).join(', ')}).HasName(${codeText(key.name)});`,
    `b.ToTable(${[relation.name, ...(isDefault ? [] : [relation.schema])].map(codeText).join(', ')});`,
  ];
  return { what, code: `modelBuilder.Entity(${codeText(relation.name)}, b => { ${lines.join(' ')} });` };
}
