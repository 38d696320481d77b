import type { Column, Constraint, Index, Relation } from '../../model/schema.ts';
import { quoteName } from './names.ts';

/** `name`, or `database.name` where it is not in the main database. */
export function renderRelation(relation: { readonly schema: string; readonly name: string }): string {
  return relation.schema === 'main'
    ? quoteName(relation.name)
    : `${quoteName(relation.schema)}.${quoteName(relation.name)}`;
}

/** CREATE TABLE of a table under the given name, without a semicolon; everything that the model knows of it is in it. */
export function renderTable(relation: Relation, name: string): string {
  const inline = new Set(relation.columns.flatMap((column) => inlineConstraints(relation, column)));
  const parts = [
    ...relation.columns.map((column) => renderColumn(relation, column)),
    ...relation.constraints
      .filter((constraint) => !inline.has(constraint) && constraint.kind !== 'not-null')
      .map((constraint) => renderConstraint(constraint, true)),
  ];
  const options = [
    ...(relation.withoutRowid === true ? ['WITHOUT ROWID'] : []),
    ...(relation.strict === true ? ['STRICT'] : []),
  ];
  return `CREATE TABLE ${renderRelation({ schema: relation.schema, name })} (\n  ${parts.join(',\n  ')}\n)${options.length === 0 ? '' : ` ${options.join(', ')}`}`;
}

/** Constraints that are written behind a column: those that were, and its own key, which AUTOINCREMENT needs there. */
function inlineConstraints(relation: Relation, column: Column): readonly Constraint[] {
  const isOwn = (name: string | undefined): boolean => name?.toLowerCase() === column.name.toLowerCase();
  return relation.constraints.filter((constraint) =>
    constraint.kind === 'primary-key'
      ? constraint.columns.length === 1 &&
        isOwn(constraint.columns[0]) &&
        (isOwn(constraint.inlineOf) || column.autoincrement === true)
      : (constraint.kind === 'check' || constraint.kind === 'foreign-key') && isOwn(constraint.inlineOf),
  );
}

function renderColumn(relation: Relation, column: Column): string {
  const isRequired =
    column.notNull &&
    !(
      relation.withoutRowid === true &&
      relation.constraints.some(
        (constraint) =>
          constraint.kind === 'primary-key' &&
          constraint.columns.some((key) => key.toLowerCase() === column.name.toLowerCase()),
      )
    );
  return [
    quoteName(column.name),
    ...(column.type === undefined ? [] : [column.type.display]),
    ...inlineConstraints(relation, column)
      .filter((constraint) => constraint.kind === 'primary-key')
      .map(
        (constraint) =>
          `${renderConstraint(constraint, false)}${column.autoincrement === true ? ' AUTOINCREMENT' : ''}`,
      ),
    ...(isRequired
      ? [`NOT NULL${column.notNullConflict === undefined ? '' : ` ON CONFLICT ${column.notNullConflict}`}`]
      : []),
    ...(column.default === undefined ? [] : [`DEFAULT ${column.default.text}`]),
    ...(column.collation === undefined ? [] : [`COLLATE ${quoteName(column.collation)}`]),
    ...(column.generated === undefined
      ? []
      : [
          `GENERATED ALWAYS AS (${column.generated.expression.text}) ${column.generated.stored ? 'STORED' : 'VIRTUAL'}`,
        ]),
    ...inlineConstraints(relation, column)
      .filter((constraint) => constraint.kind !== 'primary-key')
      .map((constraint) => renderConstraint(constraint, false)),
  ].join(' ');
}

function renderConstraint(constraint: Constraint, ofTable: boolean): string {
  const name = constraint.name === '' ? '' : `CONSTRAINT ${quoteName(constraint.name)} `;
  const resolve = constraint.onConflict === undefined ? '' : ` ON CONFLICT ${constraint.onConflict}`;
  const key = (constraint.elements ?? constraint.columns.map((column) => ({ column }))).map(renderElement).join(', ');
  switch (constraint.kind) {
    case 'primary-key':
      return `${name}PRIMARY KEY${ofTable ? ` (${key})` : constraint.elements?.[0]?.descending === true ? ' DESC' : ''}${resolve}`;
    case 'unique':
      return `${name}UNIQUE (${key})${resolve}`;
    case 'check':
      return `${name}CHECK (${constraint.expression?.text ?? ''})`;
    case 'foreign-key':
      return `${name}${ofTable ? `FOREIGN KEY (${constraint.columns.map(quoteName).join(', ')}) ` : ''}${renderReferences(constraint)}`;
    case 'exclusion':
    case 'not-null':
      throw new Error(`SQLite has no ${constraint.kind} constraint of a table`);
  }
}

function renderReferences(constraint: Constraint): string {
  const { references } = constraint;
  if (references === undefined) throw new Error('foreign key without a referenced table');
  return [
    `REFERENCES ${quoteName(references.name)}${references.columns.length === 0 ? '' : ` (${references.columns.map(quoteName).join(', ')})`}`,
    ...(references.onDelete === undefined ? [] : [`ON DELETE ${references.onDelete}`]),
    ...(references.onUpdate === undefined ? [] : [`ON UPDATE ${references.onUpdate}`]),
    ...(constraint.deferrable ? [`DEFERRABLE${constraint.initiallyDeferred ? ' INITIALLY DEFERRED' : ''}`] : []),
  ].join(' ');
}

function renderElement(element: Index['elements'][number]): string {
  return [
    element.column === undefined ? (element.expression?.text ?? '') : quoteName(element.column),
    ...(element.collation === undefined ? [] : [`COLLATE ${quoteName(element.collation)}`]),
    ...(element.descending === true ? ['DESC'] : []),
  ].join(' ');
}

/** CREATE INDEX of an index on a table, without a semicolon. */
export function renderIndex(index: Index, table: string): string {
  const where = index.where === undefined ? '' : ` WHERE ${index.where.text}`;
  return `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${renderRelation(index)} ON ${quoteName(table)} (${index.elements.map(renderElement).join(', ')})${where}`;
}
