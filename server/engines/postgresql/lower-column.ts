import type { ColumnDefinition, ConstraintDefinition } from '../../model/operation.ts';
import type { TypeName } from '../../model/type-name.ts';
import { type ConstraintAttributes, lowerConstraint, parenthesized } from './lower-constraint.ts';
import { lowerExpression } from './lower-expression.ts';
import { type NodeOf, nodeAs, stringsOf } from './nodes.ts';
import type { Source } from './source.ts';
import { lowerType, serialOf } from './type-names.ts';

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** COLLATE of a column, left out where it is the collation that the type has anyway. */
export function lowerCollation(
  column: NodeOf<'ColumnDef'>,
  type: TypeName | undefined,
): { readonly collation?: string } {
  const collation = stringsOf(column.collClause?.collname).join('.');
  const isPlainText =
    type !== undefined && type.schema === undefined && ['text', 'varchar', 'bpchar'].includes(type.name);
  return collation === '' || (isPlainText && (collation === 'default' || collation === 'pg_catalog.default'))
    ? {}
    : { collation };
}

/** A column in the tokens [from, to), `from` being its name. */
export function lowerColumn(source: Source, column: NodeOf<'ColumnDef'>, from: number, to: number): ColumnDefinition {
  const name = column.colname ?? '';
  const constraints: ConstraintDefinition[] = [];
  const parts = (column.constraints ?? []).flatMap((node) => nodeAs(node, 'Constraint') ?? []);
  const starts = parts.map((part) => source.indexAt(source.at(part.location)));
  const storage = column.storage_name;
  const compression = column.compression;
  const type = column.typeName === undefined ? undefined : lowerType(source, column.typeName);
  const serial = column.typeName === undefined ? undefined : serialOf(column.typeName);
  const result: Mutable<ColumnDefinition> = {
    name,
    nameSpan: source.spanOf(from, from + 1),
    span: source.spanOf(from, to),
    constraints,
    ...(type === undefined ? {} : { type }),
    ...(serial === undefined ? {} : { serial: serial.serial }),
    ...lowerCollation(column, type),
    ...(storage === undefined ? {} : { storage: storage.toLowerCase() }),
    ...(compression === undefined ? {} : { compression }),
  };
  for (const [index, part] of parts.entries()) {
    const start = starts[index] ?? from;
    const next =
      starts.find((other, otherIndex) => otherIndex > index && other > start && !isAttribute(parts[otherIndex])) ?? to;
    const end = endOfInline(source, start, Math.min(next, to));
    switch (part.contype) {
      case 'CONSTR_NOTNULL':
        result.notNull = {
          span: source.spanOf(start, end),
          ...(part.conname === undefined ? {} : { name: part.conname }),
          ...(part.is_no_inherit === true ? { noInherit: true } : {}),
        };
        break;
      case 'CONSTR_DEFAULT':
        if (part.raw_expr !== undefined)
          result.default = lowerExpression(source, part.raw_expr, afterWord(source, start, end, 'default'), end);
        break;
      case 'CONSTR_IDENTITY':
        result.identity = { always: part.generated_when === 'a' };
        break;
      case 'CONSTR_GENERATED':
        if (part.raw_expr !== undefined) {
          const span = parenthesized(source, start, end, 'as');
          result.generated = {
            expression: lowerExpression(source, part.raw_expr, source.indexAt(span.start), source.indexAt(span.end)),
            stored:
              part.generated_kind === 's' ||
              (part.generated_kind === undefined && source.findWord(start, end, 'virtual') === end),
          };
        }
        break;
      default: {
        const lowered = lowerConstraint(source, part, start, end, name, attributesAfter(parts, index));
        if (lowered !== undefined) constraints.push(lowered);
      }
    }
  }
  if (column.raw_default !== undefined && result.default === undefined) {
    result.default = lowerExpression(source, column.raw_default, afterWord(source, from, to, 'default'), to);
  }
  return result;
}

/** A column's parts may come in any order, a COLLATE behind a constraint included. */
function endOfInline(source: Source, start: number, end: number): number {
  // A default's grammar has no COLLATE outside parentheses either: it is the column's.
  return source.findWord(start + 1, end, 'collate');
}

function afterWord(source: Source, from: number, to: number, word: string): number {
  const found = source.findWord(from, to, word);
  return found < to ? found + 1 : from;
}

function isAttribute(part: NodeOf<'Constraint'> | undefined): boolean {
  return part?.contype?.startsWith('CONSTR_ATTR_') === true;
}

function attributesAfter(parts: readonly NodeOf<'Constraint'>[], index: number): ConstraintAttributes {
  const attributes: Mutable<ConstraintAttributes> = {};
  for (const part of parts.slice(index + 1)) {
    switch (part.contype) {
      case 'CONSTR_ATTR_DEFERRABLE':
        attributes.deferrable = true;
        break;
      case 'CONSTR_ATTR_NOT_DEFERRABLE':
        attributes.deferrable = false;
        break;
      case 'CONSTR_ATTR_DEFERRED':
        attributes.initiallyDeferred = true;
        break;
      case 'CONSTR_ATTR_IMMEDIATE':
        attributes.initiallyDeferred = false;
        break;
      case 'CONSTR_ATTR_NOT_ENFORCED':
        attributes.notEnforced = true;
        break;
      case 'CONSTR_ATTR_ENFORCED':
        attributes.notEnforced = false;
        break;
      default:
        return attributes;
    }
  }
  return attributes;
}
