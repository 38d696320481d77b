import { relationsOf } from '../../model/body-names.ts';
import { walkExpression } from '../../model/expression.ts';
import { findRelation, findType, referredColumn } from '../../model/lookup.ts';
import { type ColumnDefinition, isTableAction, type Operation } from '../../model/operation.ts';
import type { Column, Relation, Schema } from '../../model/schema.ts';
import type { TypeName } from '../../model/type-name.ts';
import type { RuleStatement } from '../rule.ts';

/** An enum and one of its labels. */
export interface Label {
  readonly schema: string | undefined;
  readonly type: string;
  readonly value: string;
}

const USING: ReadonlySet<Operation['kind']> = new Set([
  'insert-rows',
  'update-rows',
  'delete-rows',
  'merge-rows',
  'select-rows',
  'set-default',
  'add-column',
  'add-constraint',
  'create-table',
  'create-table-as',
  'create-index',
  'alter-type',
  'create-view',
  'create-materialized-view',
  'create-policy',
  'alter-policy',
  'create-trigger',
  'create-rule',
  'create-type',
  'create-function',
]);

/**
 * Whether the server reads a quoted text of a statement as a label of an enum: it is put into a column of the type, compared
 * with one, cast to the type or its default. The same text in a column of another type, or alone in a select list, is a text.
 */
export function usesLabel(statement: RuleStatement, operation: Operation, label: Label): boolean {
  if (!USING.has(operation.kind)) return false;
  // The labels of an enum are no values of another one.
  if (operation.kind === 'create-type' && operation.definition.kind !== 'domain') return false;
  const literal = `'${label.value.replaceAll("'", "''")}'`;
  const { before: schema } = statement;
  const reader = new Reader(operation, schema, label);
  const text = textOf(statement, operation);
  if (operation.kind !== 'create-function') return text.includes(literal) && reader.uses(text, literal);
  // A body of SQL is read when it is made, one of PL/pgSQL when it runs; the defaults of arguments always are.
  const head = text.slice(0, /\bas\s*(?:\$|e?')/i.exec(text)?.index ?? text.length);
  if (head.includes(literal) && reader.uses(head, literal)) return true;
  return (
    operation.language.toLowerCase() === 'sql' &&
    operation.body.some((each) => usesLabel(statement, each, label) || isInBody(each, schema, label, text, literal))
  );
}

/** A body in a string writes its own quotes twice, and its operations have no text of their own. */
function isInBody(operation: Operation, schema: Schema, label: Label, whole: string, literal: string): boolean {
  return [literal, literal.replaceAll("'", "''")].some(
    (each) => whole.includes(each) && new Reader(operation, schema, label).uses(whole, each),
  );
}

/** What a called function does has the caller's place; its own text is that of its query. */
function textOf({ source }: RuleStatement, operation: Operation): string {
  const written = source.text.slice(operation.span.start, operation.span.end);
  return 'query' in operation && operation.query !== undefined && operation.query.text.length > 0
    ? `${operation.query.text}${'onConflict' in operation && operation.onConflict !== undefined ? `\n${written}` : ''}`
    : written;
}

/** Name and operator, or name and IN, in front of a value. */
const COMPARED =
  /(?:^|[^\w$."])(?:"?[\w$]+"?\s*\.\s*)*"?([\w$]+)"?\s*(?:=|<>|!=|<=?|>=?|\bis\s+(?:not\s+)?distinct\s+from\b|\b(?:not\s+)?in\s*\((?:[^()]*,)?)\s*$/i;
/** Argument of a function: its type in front of DEFAULT. */
const ARGUMENT = /([\w$]+)"?\s*(?:\bdefault\b|:=|=)\s*$/i;

class Reader {
  readonly #operation: Operation;
  readonly #schema: Schema;
  readonly #label: Label;

  constructor(operation: Operation, schema: Schema, label: Label) {
    this.#operation = operation;
    this.#schema = schema;
    this.#label = label;
  }

  uses(text: string, literal: string): boolean {
    const certain = this.#byPlace();
    if (certain !== undefined) return certain;
    for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + literal.length))
      if (this.#usesAt(text.slice(0, at), text.slice(at + literal.length))) return true;
    return false;
  }

  /** Values in their places, and defaults: what column they are for is known. */
  #byPlace(): boolean | undefined {
    const operation = this.#operation;
    const holds = (column: Column | undefined, tree: Parameters<typeof walkExpression>[0]): boolean =>
      column !== undefined && this.#isOf(column.type) && this.#isIn(tree);
    if (operation.kind === 'insert-rows' && operation.values !== undefined && operation.conflict === undefined) {
      const relation = findRelation(this.#schema, operation.relation);
      if (relation?.columnsKnown !== true) return undefined;
      const places =
        operation.columns?.map((name) => relation.columns.find((column) => column.name === name)) ?? relation.columns;
      return operation.values.some(
        (row) => row.some((value, place) => holds(places[place], value)) || row.some((value) => this.#isCast(value)),
      );
    }
    if (operation.kind === 'select-rows') {
      // A variable of a block makes a text one of its type.
      const targets = operation.query.tree?.targets ?? [];
      return targets.some(({ value }) => this.#isCast(value)) ? true : undefined;
    }
    if (operation.kind === 'set-default') {
      const column = findRelation(this.#schema, operation.relation)?.columns.find(
        ({ name }) => name === operation.action.column,
      );
      return column === undefined ? undefined : this.#isOf(column.type) || this.#isCast(operation.action.default.tree);
    }
    return undefined;
  }

  #usesAt(before: string, after: string): boolean {
    const cast = /^\s*::\s*(?:"?[\w$]+"?\s*\.\s*)?"?([\w$]+)"?/.exec(after)?.[1];
    if (cast !== undefined) return this.#isName(cast);
    const compared = COMPARED.exec(before)?.[1];
    const types = compared === undefined ? [] : this.#typesOf(compared);
    if (types.length > 0) return types.some((type) => this.#isOf(type));
    if (this.#operation.kind === 'create-function') {
      const argument = ARGUMENT.exec(before)?.[1];
      if (argument !== undefined) return this.#isName(argument);
    }
    const written = this.#written();
    if (written.length > 0 && /\bdefault\s*\(*\s*$/i.test(before))
      return written.some(
        (column) => column.default !== undefined && this.#isOf(column.type) && this.#isIn(column.default.tree),
      );
    // Alone in a select list it is a text.
    if (this.#operation.kind !== 'insert-rows' && /\bselect\s+(?:distinct\s+)?$/i.test(before)) return false;
    return this.#mayMean(before + after);
  }

  /** Types of columns of a name among all that the statement has. */
  #typesOf(name: string): readonly (TypeName | undefined)[] {
    return [...this.#relations().flatMap((relation) => relation?.columns ?? []), ...this.#written()].flatMap(
      (column) => (column.name === name || column.name === name.toLowerCase() ? [column.type] : []),
    );
  }

  /** Whether something of the statement has the type, where what the text is put beside is not told. */
  #mayMean(text: string): boolean {
    const operation = this.#operation;
    const isNamed = new RegExp(`(?<![\\w$])${this.#label.type.replaceAll(/\W/g, '\\$&')}(?![\\w$'])`, 'i').test(
      text.replaceAll(/'(?:[^']|'')*'/g, "''"),
    );
    if (isNamed || this.#written().some((column) => this.#isOf(column.type))) return true;
    return this.#relations().some(
      (relation) =>
        relation === undefined ||
        !relation.columnsKnown ||
        relation.columns.some(
          (column) =>
            this.#isOf(column.type) &&
            (operation.kind !== 'insert-rows' ||
              operation.columns === undefined ||
              relation.name !== operation.relation.name ||
              operation.columns.includes(column.name)),
        ),
    );
  }

  #relations(): readonly (Relation | undefined)[] {
    const operation = this.#operation;
    const own =
      'relation' in operation && operation.relation !== undefined && operation.kind !== 'create-table'
        ? [operation.relation]
        : [];
    const isView = operation.kind === 'create-view' || operation.kind === 'create-materialized-view';
    return [...(isView || operation.kind === 'create-table-as' ? [] : own), ...relationsOf(operation)].map((name) =>
      findRelation(this.#schema, name),
    );
  }

  #written(): readonly ColumnDefinition[] {
    const operation = this.#operation;
    if (operation.kind === 'create-table') return operation.columns;
    return isTableAction(operation) && operation.action.kind === 'add-column' ? [operation.action.column] : [];
  }

  #isOf(type: TypeName | undefined): boolean {
    if (type === undefined) return false;
    if (type.name.endsWith('%TYPE')) return this.#isOf(referredColumn(this.#schema, type)?.column?.type);
    const found = findType(this.#schema, type);
    if (found?.kind === 'domain') return this.#isOf(found.domain?.base);
    return this.#isName(type.name) || this.#isName(type.name.replace(/^_/, ''));
  }

  #isName(name: string): boolean {
    return name === this.#label.type || name.toLowerCase() === this.#label.type;
  }

  #isIn(tree: Parameters<typeof walkExpression>[0]): boolean {
    return [...walkExpression(tree)].some((node) => node.kind === 'literal' && node.value === this.#label.value);
  }

  #isCast(tree: Parameters<typeof walkExpression>[0]): boolean {
    return [...walkExpression(tree)].some(
      (node) => node.kind === 'cast' && this.#isOf(node.type) && this.#isIn(node.operands[0]),
    );
  }
}
