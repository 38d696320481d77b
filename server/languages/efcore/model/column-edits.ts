import type { Column, Relation } from '../../../model/schema.ts';
import { sameType } from '../../../model/type-name.ts';
import { clrTypeOf } from './clr-types.ts';
import { codeText } from './code-text.ts';
import type { EfColumn, EfTable } from './ef-model.ts';
import type { ModelEdit } from './model-edit.ts';

/** Columns that are new, gone or different. */
export function columnEdits(before: Relation | undefined, after: Relation, table: EfTable): readonly ModelEdit[] {
  const known = new Map(table.columns.map((column) => [column.name, column]));
  const columns = new Map(after.columns.map((column) => [column.name, column]));
  const gone = table.columns.filter(
    ({ name }) => !columns.has(name) && before?.columns.some((column) => column.name === name) === true,
  );
  const added = after.columns.filter(
    ({ name }) => !known.has(name) && before?.columns.some((column) => column.name === name) !== true,
  );
  const edits: ModelEdit[] = [];
  const place = (column: string): string => `${table.name}.${column}`;
  const [oldColumn, newColumn] = [gone[0], added[0]];
  const isRename =
    gone.length === 1 &&
    added.length === 1 &&
    oldColumn !== undefined &&
    newColumn !== undefined &&
    isSameShape(
      before?.columns.find(({ name }) => name === oldColumn.name),
      newColumn,
    );
  if (isRename)
    edits.push({
      what: `${place(oldColumn.name)} is gone and ${newColumn.name} of the same type is new. Where it is the same by another name, the property stays:`,
      ...onProperty(oldColumn, `.HasColumnName(${codeText(newColumn.name)})`),
    });
  else {
    for (const column of added) edits.push(newColumnEdit(table, column, place(column.name)));
    for (const column of gone)
      edits.push({
        what: `${place(column.name)} is gone: take its property out, or leave it out of the model.`,
        ...(column.member === undefined
          ? {}
          : {
              code: `modelBuilder.Entity(${codeText(column.member.entity)}).Ignore(${codeText(column.member.property)});`,
            }),
      });
  }
  for (const column of after.columns) {
    const property = known.get(column.name);
    const old = before?.columns.find(({ name }) => name === column.name);
    if (property !== undefined && old !== undefined)
      edits.push(...changedColumn(property, old, column, place(column.name)));
  }
  return edits;
}

function isSameShape(one: Column | undefined, other: Column): boolean {
  return (
    one?.type !== undefined &&
    other.type !== undefined &&
    sameType(one.type, other.type) &&
    one.notNull === other.notNull
  );
}

function newColumnEdit(table: EfTable, column: Column, place: string): ModelEdit {
  const what = `${place} is new: a property, or a shadow property that no class has yet.`;
  const code = table.entity === undefined ? undefined : propertyCode(column);
  return {
    what,
    ...(code === undefined ? {} : { code: `modelBuilder.Entity(${codeText(table.entity ?? '')})${code};` }),
  };
}

/** `.Property<string>("status")` with what the column is; undefined for a type of which EF Core knows no CLR type. */
export function propertyCode(column: Column): string | undefined {
  const clr = column.type === undefined ? undefined : clrTypeOf(column.type);
  if (column.type === undefined || clr === undefined) return undefined;
  const isOptional = !column.notNull && clr.isValue;
  return [
    `.Property<${clr.name}${isOptional ? '?' : ''}>(${codeText(column.name)})`,
    `.HasColumnName(${codeText(column.name)})`,
    `.HasColumnType(${codeText(column.type.display)})`,
    ...(clr.isValue ? [] : [`.IsRequired(${String(column.notNull)})`]),
    ...(column.collation === undefined ? [] : [`.UseCollation(${codeText(column.collation)})`]),
    ...(column.generated === undefined
      ? []
      : [`.HasComputedColumnSql(${codeText(column.generated.expression.text)}, ${String(column.generated.stored)})`]),
    ...(column.default === undefined ? [] : [`.HasDefaultValueSql(${codeText(column.default.text)})`]),
  ].join('');
}

function changedColumn(property: EfColumn, old: Column, column: Column, place: string): readonly ModelEdit[] {
  const edits: ModelEdit[] = [];
  const clr = column.type === undefined ? undefined : clrTypeOf(column.type);
  const isTyped = old.type !== undefined && column.type !== undefined;
  const isRetyped =
    isTyped && !sameType(old.type, column.type) && property.type !== undefined && property.type !== column.type.display;
  const isMoved = old.notNull !== column.notNull && property.isNullable === column.notNull;
  const typeName = clr === undefined ? '' : `${clr.name}${clr.isValue && !column.notNull ? '?' : ''}`;
  if (isRetyped)
    edits.push({
      what: `${place} is ${column.type?.display ?? ''} now${clr === undefined ? '' : `: give its property the type ${typeName}`}.`,
      ...onProperty(property, `.HasColumnType(${codeText(column.type?.display ?? '')})`),
    });
  if (isMoved) {
    const what = `${place} ${column.notNull ? 'takes no null any more' : 'takes null now'}`;
    edits.push({
      what: clr?.isValue === true ? `${what}: its property has the type ${typeName}.` : `${what}.`,
      // A value that may be missing has another type, which only the class can say.
      ...(clr?.isValue === true && !column.notNull
        ? {}
        : onProperty(property, `.IsRequired(${String(column.notNull)})`)),
    });
  }
  return edits;
}

function onProperty({ member }: EfColumn, calls: string): { readonly code?: string } {
  return member === undefined
    ? {}
    : { code: `modelBuilder.Entity(${codeText(member.entity)}).Property(${codeText(member.property)})${calls};` };
}
