import type { Span } from '../../core/span.ts';
import type { ExpressionTree } from '../../model/expression.ts';
import { breaksCheck, givenRows, keysOf, repeats, type GivenRow } from '../../model/given-values.ts';
import { findRelation } from '../../model/lookup.ts';
import { objectKey } from '../../model/names.ts';
import { type ConstraintDefinition, isTableAction, type InsertRows, type Operation } from '../../model/operation.ts';
import type { Constraint, Relation, Schema } from '../../model/schema.ts';
import type { RuleStatement } from '../rule.ts';
import { stillReferenced, WholeTables } from './whole-tables.ts';

/** What a statement is refused for, and at which operation. */
interface Refused {
  readonly span: Span;
  readonly operation: Operation;
  readonly message: string;
}

/** After which nothing is known of the rows any more. */
const FORGETTING: ReadonlySet<Operation['kind']> = new Set([
  'update-rows',
  'delete-rows',
  'merge-rows',
  'truncate',
  'opaque',
  'call',
  'drop-table',
  'rename-table',
  'transaction-control',
]);

/** What rows come by, or a table that surely has none: as long as nothing is known of any, nothing else is to be looked at. */
const BRINGING: ReadonlySet<Operation['kind']> = new Set(['insert-rows', 'create-table']);

/** What is known of the rows of a table. */
interface Given {
  /** Columns that one of them surely leaves null. */
  readonly nulls: ReadonlySet<string>;
  readonly rows: readonly GivenRow[];
}

/** Rows that the file itself inserts, for which a later statement of it fails; only INSERT ... VALUES counts. */
export class GivenRows {
  #rows = new Map<string, Given>();
  readonly #whole = new WholeTables();

  /** Ask for each statement in order. */
  refusedBy(statement: RuleStatement): Refused | undefined {
    const { body, before } = statement;
    for (const operation of body.operations) {
      if (this.#rows.size === 0 && this.#whole.isEmpty && !BRINGING.has(operation.kind)) continue;
      const refused =
        this.#unmatched(operation, before) ?? (this.#rows.size === 0 ? undefined : this.#failing(operation, before));
      if (refused !== undefined) return { span: operation.span, operation, message: refused };
      this.#note(operation, before);
      this.#whole.note(operation, before, isPlain);
    }
    return undefined;
  }

  /** Rows, or a foreign key over rows, that point at none. */
  #unmatched(operation: Operation, schema: Schema): string | undefined {
    if (!schema.product.capabilities.altersInPlace || operation.certainty === 'may' || operation.within !== undefined)
      return undefined;
    if (operation.kind === 'insert-rows') {
      const relation = findRelation(schema, operation.relation);
      if (relation === undefined || !isPlain(operation, relation)) return undefined;
      const rows = givenRows(operation, relation);
      // Rows that are not read may be what the others point at.
      const isRead = operation.rowCount === rows.length;
      return isRead ? this.#firstUnmatched(relation, rows, relation.constraints, schema, rows) : undefined;
    }
    if (operation.kind === 'delete-rows' && operation.query.reads.length === 0) {
      const relation = findRelation(schema, operation.relation);
      const known = relation === undefined ? undefined : this.#rowsOf(relation);
      return relation === undefined || known === undefined || known.length === 0 || relation.triggers.length > 0
        ? undefined
        : stillReferenced(operation, relation, known, schema, (other) => this.#rowsOf(other));
    }
    if (!isTableAction(operation) || operation.action.kind !== 'add-constraint') return undefined;
    const { constraint } = operation.action;
    const relation = findRelation(schema, operation.relation);
    const known = relation === undefined ? undefined : this.#rows.get(objectKey(relation.schema, relation.name));
    return relation === undefined || known === undefined || constraint.notValid === true
      ? undefined
      : this.#firstUnmatched(relation, known.rows, [constraint], schema, []);
  }

  #rowsOf(relation: Relation): readonly GivenRow[] {
    return this.#rows.get(objectKey(relation.schema, relation.name))?.rows ?? [];
  }

  #firstUnmatched(
    relation: Relation,
    rows: readonly GivenRow[],
    keys: readonly (Constraint | ConstraintDefinition)[],
    schema: Schema,
    added: readonly GivenRow[],
  ): string | undefined {
    for (const key of keys) {
      const why = this.#whole.unmatched(relation, rows, key, schema, added);
      if (why !== undefined) return why;
    }
    return undefined;
  }

  #failing(operation: Operation, schema: Schema): string | undefined {
    if (operation.certainty === 'may' || !('relation' in operation) || operation.relation === undefined)
      return undefined;
    const relation = findRelation(schema, operation.relation);
    const known = relation === undefined ? undefined : this.#rows.get(objectKey(relation.schema, relation.name));
    if (relation === undefined || known === undefined) return undefined;
    const { nulls, rows } = known;
    const repeated = (columns: readonly string[]): string | undefined =>
      repeats(rows, columns)
        ? `Two rows that this migration inserts into ${relation.name} have the same ${columns.join(', ')}, which may not be in a unique key.`
        : undefined;
    // A block may have an EXCEPTION for it.
    if (operation.kind === 'insert-rows' && operation.within === undefined && isPlain(operation, relation)) {
      const added = givenRows(operation, relation);
      const key = keysOf(relation, schema).find((columns) => repeats([...rows, ...added], columns));
      return key === undefined || repeats(added, key)
        ? undefined
        : `This migration has inserted a row with the same ${key.join(', ')} into ${relation.name}, of which that is a key.`;
    }
    if (operation.kind === 'create-index') {
      const columns = operation.elements.flatMap(({ column }) => column ?? []);
      return operation.unique && operation.where === undefined && columns.length === operation.elements.length
        ? repeated(columns)
        : undefined;
    }
    if (!isTableAction(operation)) return undefined;
    const { action } = operation;
    if (action.kind === 'add-constraint') {
      const { kind, columns, expression, notValid, notEnforced, usingIndex, deferrable } = action.constraint;
      const isKey = (kind === 'primary-key' || kind === 'unique') && usingIndex === undefined;
      const message = isKey && deferrable !== true ? repeated(columns.flatMap((column) => column ?? [])) : undefined;
      if (message !== undefined) return message;
      if (
        kind === 'check' &&
        expression !== undefined &&
        notValid !== true &&
        notEnforced !== true &&
        breaksCheck(rows, expression.tree)
      )
        return `A row that this migration inserts into ${relation.name} is none that CHECK (${expression.text}) takes.`;
    }
    if (action.kind === 'set-not-null' && nulls.has(action.column))
      return `Rows that this migration inserts into ${relation.name} leave "${action.column}" null, so that this fails: give them a value first.`;
    if (action.kind === 'add-constraint' && action.constraint.kind === 'primary-key') {
      const open = action.constraint.columns.find((column) => nulls.has(column));
      return open === undefined
        ? undefined
        : `Rows that this migration inserts into ${relation.name} leave "${open}" null, and a primary key takes none.`;
    }
    if (action.kind !== 'add-column') return undefined;
    const { column } = action;
    if (
      column.default !== undefined &&
      !schema.product.capabilities.altersInPlace &&
      !isConstant(column.default.tree) &&
      !relation.columns.some(({ name }) => name === column.name)
    )
      return `This migration has inserted rows into ${relation.name}, and ${column.default.text} is no constant, which alone old rows can be given.`;
    const isFilled =
      column.default !== undefined ||
      column.identity !== undefined ||
      column.generated !== undefined ||
      column.serial !== undefined ||
      // A type of the database's own may be a domain with a default.
      column.type?.schema !== undefined;
    return column.notNull === undefined || isFilled || relation.columns.some(({ name }) => name === column.name)
      ? undefined
      : `This migration has inserted rows into ${relation.name}, and "${column.name}" would be null in them: add it with a default, or fill it before it is NOT NULL.`;
  }

  #note(operation: Operation, schema: Schema): void {
    if (operation.kind === 'insert-rows') return this.#insert(operation, schema);
    const changes =
      FORGETTING.has(operation.kind) ||
      ('query' in operation && operation.query !== undefined && operation.query.functions.length > 0);
    if (changes && this.#rows.size > 0) this.#rows = new Map();
    // What an action changes of the table is not followed.
    else if (isTableAction(operation) && operation.kind !== 'add-constraint') {
      const relation = findRelation(schema, operation.relation);
      const key = relation === undefined ? '' : objectKey(relation.schema, relation.name);
      if (this.#rows.has(key)) this.#rows.set(key, { nulls: new Set(), rows: [] });
    }
  }

  #insert(operation: InsertRows, schema: Schema): void {
    const relation = findRelation(schema, operation.relation);
    if (relation === undefined || !isPlain(operation, relation)) return;
    const key = objectKey(relation.schema, relation.name);
    const known = this.#rows.get(key);
    this.#rows.set(key, {
      nulls: known?.nulls ?? nullsIn(operation, relation),
      rows: [...(known?.rows ?? []), ...givenRows(operation, relation)],
    });
  }
}

/** Whether the table then surely has the rows that the statement gives. */
function isPlain(operation: InsertRows, relation: Relation): boolean {
  return (
    operation.rowCount !== undefined &&
    operation.certainty !== 'may' &&
    operation.onConflict === undefined &&
    operation.orReplace !== true &&
    operation.values !== undefined &&
    relation.kind === 'table' &&
    relation.columnsKnown &&
    relation.detailsKnown &&
    relation.rules.length === 0 &&
    relation.triggers.length === 0
  );
}

/** A literal, also with a cast. */
function isConstant(tree: ExpressionTree): boolean {
  return tree.kind === 'literal' || (tree.kind === 'cast' && isConstant(tree.operands[0]));
}

/** Columns that one of the rows gives nothing, and that have no default. */
function nullsIn(operation: InsertRows, relation: Relation): Given['nulls'] {
  const nulls = new Set<string>();
  for (const [place, column] of relation.columns.entries()) {
    if (column.default !== undefined || column.identity !== undefined || column.generated !== undefined) continue;
    if (column.type?.schema !== undefined) continue;
    const at = operation.columns === undefined ? place : operation.columns.indexOf(column.name);
    const isNull = operation.values?.some((row) => {
      const value = at < 0 ? undefined : row[at];
      return value === undefined || (value.kind === 'literal' && value.value === null);
    });
    if (isNull === true) nulls.add(column.name);
  }
  return nulls;
}
