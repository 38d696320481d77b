import type { Constraint, ForeignKeyConstraint, Index, Relation, Schema } from '../../../model/schema.ts';
import { codeText } from './code-text.ts';
import type { EfForeignKey, EfModel, EfTable } from './ef-model.ts';
import { mappedTable } from './mapped-table.ts';
import type { ModelEdit } from './model-edit.ts';

/** Primary keys and unique constraints that are new or of other columns. */
export function keyEdits(before: Relation | undefined, after: Relation, table: EfTable): readonly ModelEdit[] {
  const edits: ModelEdit[] = [];
  for (const constraint of after.constraints) {
    if (!isNewConstraint(before, constraint) || table.entity === undefined) continue;
    const entity = `modelBuilder.Entity(${codeText(table.entity)})`;
    const properties = constraint.columns
      .map((column) => propertyOf(table, column))
      .map(codeText)
      .join(', ');
    const columns = constraint.columns.join(', ');
    if (constraint.kind === 'primary-key' && table.primaryKey?.columns.join('\0') !== constraint.columns.join('\0'))
      edits.push({
        what: `The primary key of ${table.name} is ${columns} now.`,
        code: `${entity}.HasKey(${properties}).HasName(${codeText(constraint.name)});`,
      });
    else if (constraint.kind === 'unique' && !isKnownKey(table, constraint.columns))
      edits.push({
        what: `${table.name} is unique by ${columns}.`,
        // One of the name has to be changed where it stands.
        ...(hasName(table, constraint.name)
          ? {}
          : { code: `${entity}.HasIndex(new[] { ${properties} }, ${codeText(constraint.name)}).IsUnique();` }),
      });
  }
  return edits;
}

/** Delete behaviours by the database's action, lower case. */
const BEHAVIOURS: Readonly<Record<string, string>> = {
  cascade: 'Cascade',
  'set null': 'SetNull',
  restrict: 'Restrict',
};

/** Foreign keys that are new, or gone; a table that is new to the model is called by its name there. */
export function foreignKeyEdits(
  before: Relation | undefined,
  after: Relation,
  table: EfTable | undefined,
  model: EfModel,
): readonly ModelEdit[] {
  const gone = (table?.foreignKeys ?? []).filter(
    ({ name }) =>
      before?.constraints.some((old) => old.name === name) === true &&
      !after.constraints.some((kept) => kept.name === name),
  );
  const added = after.constraints.flatMap((constraint): readonly ModelEdit[] => {
    if (constraint.kind !== 'foreign-key' || !isNewConstraint(before, constraint)) return [];
    const { name, references, columns } = constraint;
    if (table?.foreignKeys.some((known) => isSameKey(known, constraint)) === true) return [];
    const what = `${after.name} has ${name === '' ? 'a foreign key' : `the foreign key ${name}`} to ${references.name}.`;
    const target = mappedTable(model, references);
    const [dependent, principal] = [
      table === undefined ? after.name : table.entity,
      target === undefined ? references.name : target.entity,
    ];
    if (dependent === undefined || principal === undefined || references.columns.length === 0) return [{ what }];
    const properties = columns.map((column) => codeText(propertyOf(table, column))).join(', ');
    const keys = references.columns.map((column) => codeText(propertyOf(target, column))).join(', ');
    const behaviour = BEHAVIOURS[references.onDelete?.toLowerCase() ?? ''] ?? 'NoAction';
    return [
      {
        what,
        code: `modelBuilder.Entity(${codeText(dependent)}).HasOne(${codeText(principal)}, null).WithMany().HasForeignKey(${properties}).HasPrincipalKey(${keys}).OnDelete(DeleteBehavior.${behaviour})${name === '' ? '' : `.HasConstraintName(${codeText(name)})`};`,
      },
    ];
  });
  return [
    ...gone.map(({ name }) => ({
      what: `The foreign key ${name} of ${after.name} is gone: take its relationship out of the model.`,
    })),
    ...added,
  ];
}

/** By name where it has one, as on PostgreSQL; else by what it is. */
function isSameKey(known: EfForeignKey, { name, columns, references }: ForeignKeyConstraint): boolean {
  return name === ''
    ? known.columns.join('\0') === columns.join('\0') && known.principalTable === references.name
    : known.name === name;
}

function isNewConstraint(before: Relation | undefined, { kind, name, columns }: Constraint): boolean {
  return (
    before?.constraints.some(
      (old) => old.kind === kind && old.name === name && old.columns.join('\0') === columns.join('\0'),
    ) !== true
  );
}

/** The property of a column; a shadow property has the column's name. */
function propertyOf(table: EfTable | undefined, column: string): string {
  return table?.columns.find(({ name }) => name === column)?.member?.property ?? column;
}

function hasName({ uniques, indexes }: EfTable, name: string): boolean {
  return [...uniques, ...indexes].some((key) => key.name === name);
}

function isKnownKey({ uniques, indexes }: EfTable, columns: readonly string[]): boolean {
  const words = columns.join('\0');
  return [...uniques, ...indexes.filter(({ isUnique }) => isUnique)].some((key) => key.columns.join('\0') === words);
}

/** Indexes of plain columns that are new or gone; without `table` those of one that is new to the model. */
export function indexEdits(
  relation: Relation,
  table: EfTable | undefined,
  before: Schema,
  after: Schema,
): readonly ModelEdit[] {
  const entity = table === undefined ? relation.name : table.entity;
  const isOwn = (index: Index): boolean =>
    after.relations.get(index.relationKey) === relation && index.constraint === undefined && !index.primary;
  const own = [...after.indexes.entries()].filter(([, index]) => isOwn(index));
  const added = own.flatMap(([key, index]): readonly ModelEdit[] => {
    const columns = index.elements.flatMap(({ column }) => column ?? []);
    const isKnown = before.indexes.get(key) !== undefined || (table !== undefined && hasName(table, index.name));
    if (isKnown || entity === undefined || columns.length !== index.elements.length) return [];
    const properties = columns.map((column) => codeText(propertyOf(table, column))).join(', ');
    const descending = index.elements.map((element) => element.descending === true);
    const calls = [
      ...(index.unique ? ['.IsUnique()'] : []),
      ...(descending.includes(true) ? [`.IsDescending(${descending.join(', ')})`] : []),
      ...(index.where === undefined ? [] : [`.HasFilter(${codeText(index.where.text)})`]),
    ];
    return [
      {
        what: `${relation.name} has the index ${index.name}.`,
        code: `modelBuilder.Entity(${codeText(entity)}).HasIndex(new[] { ${properties} }, ${codeText(index.name)})${calls.join('')};`,
      },
    ];
  });
  const names = (schema: Schema): ReadonlySet<string> =>
    new Set([...schema.indexes.entries()].map(([, { name }]) => name));
  const [old, kept] = [names(before), names(after)];
  const gone = (table?.indexes ?? []).filter(({ name }) => old.has(name) && !kept.has(name));
  return [
    ...added,
    ...gone.map(({ name }) => ({ what: `The index ${name} of ${relation.name} is gone: take it out of the model.` })),
  ];
}
