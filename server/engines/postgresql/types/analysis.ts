import type { ExpressionTree } from '../../../model/expression.ts';
import { findFunction, isGoneFunction, referredColumn } from '../../../model/lookup.ts';
import { isSystemColumn } from '../../../model/names.ts';
import type { QueryTree } from '../../../model/expression.ts';
import type { FunctionObject, Schema, UserType } from '../../../model/schema.ts';
import { isUnfit } from './literal-fits.ts';
import { isCastable } from './assignable.ts';
import { fitsForm, isUnmatched } from './coerce.ts';
import { fitsRoutine, placeOfArgument } from './routine-call.ts';
import { type Form, functionForms, operatorForms } from './forms.ts';
import { type Brought, broughtBy } from './brought.ts';
import { expressionType } from './expression-type.ts';
import { missingType } from './missing-type.ts';
import { baseType, type ValueType, valueType } from './value-type.ts';

/** A column that something in FROM has; its type where that is known for certain. */
export interface SeenColumn {
  readonly name: string;
  readonly type: ValueType | undefined;
}

/** Something whose columns an expression may name. `columns` is undefined where others may be there too. */
export interface SeenItem {
  readonly alias: string | undefined;
  readonly columns: readonly SeenColumn[] | undefined;
  /** The columns of a primary key, on which the others depend. */
  readonly key?: readonly string[];
  /** Arguments of a function, whose fields are named as those of a table. */
  readonly areArguments?: true;
  /** Words for a message: the table's name. */
  readonly words?: string;
}

/** What an expression sees: the items of its query, names that a JOIN made one, and the queries around it. */
export interface Seen {
  readonly items: readonly SeenItem[];
  readonly merged: ReadonlySet<string>;
  readonly outer: Seen | undefined;
  /** Common table expressions; undefined columns are not known. */
  readonly tables: ReadonlyMap<string, readonly SeenColumn[] | undefined>;
}

/** Where an expression stands, as far as it decides what it may hold. */
export type Place = 'plain' | 'no-aggregates';

/**
 * Reads names and types of expressions as a server of a version does, and keeps the first thing that it surely refuses.
 *
 * Whatever is not known has no type, and what holds it is taken.
 */
export class Analysis {
  readonly schema: Schema;
  readonly version: number;
  /** The first thing against the statement, as a sentence; undefined where there is none. */
  problem: string | undefined;
  /** Labels of enums that literals stand for. */
  readonly labels: { readonly type: UserType; readonly label: string }[] = [];
  /** What each operand is turned into where it stands, as the server keeps an expression; undefined where that is not known. */
  readonly turned = new Map<ExpressionTree, ValueType | undefined>();
  /** What extensions have brought. */
  readonly brought: Brought;
  /** Whether migrations made casts, by which more fits than the system's own let. */
  readonly hasCasts: boolean;
  /** In a block, a name may be a variable's. */
  readonly isInBlock: boolean;
  readonly #query: (query: QueryTree, outer: Seen | undefined) => readonly SeenColumn[] | undefined;

  constructor(
    schema: Schema,
    version: number,
    query: (analysis: Analysis, query: QueryTree, outer: Seen | undefined) => readonly SeenColumn[] | undefined,
    isInBlock = false,
  ) {
    this.isInBlock = isInBlock;
    this.schema = schema;
    this.version = version;
    this.brought = broughtBy(schema);
    this.hasCasts = [...(schema.others ?? [])].some((other) => other.startsWith('cast '));
    this.#query = (tree, outer) => query(this, tree, outer);
  }

  refuse(problem: string): undefined {
    this.problem ??= problem;
    return undefined;
  }

  /** The type of an expression; undefined where it is not known. */
  typeOf(tree: ExpressionTree, seen: Seen, place: Place): ValueType | undefined {
    if (this.problem !== undefined) return undefined;
    switch (tree.kind) {
      case 'column':
        return this.#column(tree.path, seen);
      case 'cast': {
        const [operand] = tree.operands;
        const given = this.typeOf(operand, seen, place);
        const type = valueType(this.schema, tree.type);
        const missing = missingType(this.schema, tree.type);
        if (missing !== undefined) return this.refuse(missing);
        const referred = tree.type.name.endsWith('%TYPE') ? referredColumn(this.schema, tree.type) : undefined;
        if (referred !== undefined && referred.column === undefined && referred.relation.columnsKnown)
          return this.refuse(`${referred.relation.name} has no such column: ${tree.type.name}.`);
        this.literal(operand, type);
        if (given !== undefined && type !== undefined && !this.hasCasts && isCastable(given, type) === false)
          return this.refuse(`No cast makes ${named(type)} of a value of the type ${named(given)}.`);
        return type;
      }
      case 'null-test':
        this.typeOf(tree.operands[0], seen, place);
        return baseType('bool');
      case 'collate':
        return this.typeOf(tree.operands[0], seen, place);
      case 'boolean': {
        const words = tree.operator.toUpperCase();
        for (const operand of tree.operands) this.condition(operand, seen, place, words);
        return baseType('bool');
      }
      case 'call':
        return this.#call(tree, seen, place);
      case 'operator':
        return this.#operator(tree.name, tree.operands, seen, place);
      case 'subquery':
        return this.#subquery(tree, seen, place);
      case 'other':
        if (tree.case !== undefined) return this.#case(tree.case, seen, place);
        for (const operand of tree.operands) this.typeOf(operand, seen, place);
        return undefined;
      default:
        return expressionType(tree, { schema: this.schema, typeOf: () => undefined });
    }
  }

  /** An expression that has to be a condition. */
  condition(tree: ExpressionTree, seen: Seen, place: Place, words: string): void {
    const type = this.typeOf(tree, seen, place);
    this.literal(tree, baseType('bool'));
    if (type !== undefined && type.name !== 'unknown' && (type.name !== 'bool' || type.isArray))
      this.refuse(`What ${words} takes is a condition, and this one is ${named(type)}.`);
  }

  /** A literal that is to become a value of a type. */
  literal(tree: ExpressionTree | undefined, type: ValueType | undefined): void {
    if (tree?.kind !== 'literal' || typeof tree.value !== 'string' || tree.isBits === true || type === undefined)
      return;
    // A number that JavaScript does not keep exactly is a text in the tree.
    if (/^[\d.]/.test(tree.value) && ['int8', 'numeric', 'float8', 'float4', 'int4', 'int2'].includes(type.name))
      return;
    if (isUnfit(tree.value, type, this.version)) {
      const shown = tree.value.length > 40 ? `${tree.value.slice(0, 40)}...` : tree.value;
      this.refuse(
        type.enum === undefined || type.isArray
          ? `'${shown}' is no value of the type ${named(type)}, so that PostgreSQL refuses this statement.`
          : `'${shown}' is no value of the enum ${type.name}, which has ${(type.enum.labels ?? []).map((label) => `'${label}'`).join(', ')}.`,
      );
    } else if (type.enum !== undefined && !type.isArray) this.labels.push({ type: type.enum, label: tree.value });
  }

  /** Notes what an operand is turned into; of one that is turned into two things neither is known. */
  #turns(tree: ExpressionTree | undefined, type: ValueType | undefined): void {
    if (tree === undefined) return;
    const before = this.turned.get(tree);
    const isOther =
      this.turned.has(tree) && (before === undefined || type === undefined || !sameValueType(before, type));
    this.turned.set(tree, isOther ? undefined : type);
  }

  #column(path: readonly string[], seen: Seen): ValueType | undefined {
    const name = path.at(-1) ?? '';
    if (name === '*' || path.length > 2) return undefined;
    if (path.length === 2) return this.#qualified(path[0] ?? '', name, seen);
    for (let scope: Seen | undefined = seen; scope !== undefined; scope = scope.outer) {
      const found: (ValueType | undefined)[] = [];
      for (const item of scope.items) {
        if (item.columns === undefined) return undefined;
        for (const column of item.columns) if (column.name === name) found.push(column.type);
        // One whose name the tree does not tell may be the one.
        if (found.length === 0 && item.columns.some((column) => column.name === '')) return undefined;
      }
      if (found.length > 1)
        return this.isInBlock || scope.merged.has(name)
          ? undefined
          : this.refuse(`"${name}" may be a column of more than one thing here.`);
      if (found.length === 1) return found[0];
      // The whole row, or one of the columns that every table has.
      if (scope.items.some((item) => item.alias === name) || (isSystemColumn(name) && scope.items.length > 0))
        return undefined;
    }
    if (this.isInBlock) return undefined;
    const words = [...new Set(seen.items.flatMap((item) => item.words ?? item.alias ?? []))];
    return this.refuse(
      words.length === 0
        ? `There is no column "${name}" here.`
        : words.length === 1
          ? `${words[0] ?? ''} has no column "${name}".`
          : `None of ${words.join(', ')} has a column "${name}".`,
    );
  }

  #qualified(qualifier: string, name: string, seen: Seen): ValueType | undefined {
    for (let scope: Seen | undefined = seen; scope !== undefined; scope = scope.outer) {
      const item = scope.items.find((candidate) => candidate.alias === qualifier);
      if (item === undefined) {
        // A field of a value with fields: an argument of a function.
        const isArgument = ({ areArguments, columns }: SeenItem): boolean =>
          areArguments === true && columns?.some((column) => column.name === qualifier) === true;
        if (scope.items.some(isArgument)) return undefined;
        // What has no name of its own may be a JOIN's, or a composite value's.
        if (scope.items.some((candidate) => candidate.alias === undefined)) return undefined;
        continue;
      }
      if (item.columns === undefined) return undefined;
      const column = item.columns.find((candidate) => candidate.name === name);
      if (column !== undefined) return column.type;
      if (this.isInBlock || item.columns.some((candidate) => candidate.name === '')) return undefined;
      // A function of the whole row may be written as if it were a column of it.
      if (isSystemColumn(name) || findFunction(this.schema, { name }) !== undefined) return undefined;
      return functionForms().all(name).length > 0
        ? undefined
        : this.refuse(`${item.words ?? qualifier} has no column "${name}".`);
    }
    if (this.isInBlock) return undefined;
    return this.refuse(`Nothing in FROM has the name "${qualifier}" here.`);
  }

  #call(tree: Extract<ExpressionTree, { readonly kind: 'call' }>, seen: Seen, place: Place): ValueType | undefined {
    const own = findFunction(this.schema, tree);
    const forms =
      own === undefined && tree.schema === undefined ? functionForms().of(tree.name, this.version) : NO_FORMS;
    const isAggregate = forms.length > 0 && forms.every((form) => form.kind === 'aggregate');
    if (tree.over !== true && forms.length > 0 && forms.every((form) => form.kind === 'window'))
      return this.refuse(`${tree.name}() is a window function, which needs an OVER.`);
    if ((isAggregate || tree.over === true) && place === 'no-aggregates')
      return this.refuse(`PostgreSQL takes no aggregate or window function here, and ${tree.name}() is one.`);
    const inner = isAggregate && tree.over !== true ? 'no-aggregates' : place;
    const given = tree.operands.map((operand) => this.typeOf(operand, seen, inner));
    if (tree.filter !== undefined) this.condition(tree.filter, seen, 'no-aggregates', 'FILTER');
    if (this.problem !== undefined) return undefined;
    const args = tree.arity === undefined ? undefined : given.slice(0, tree.arity);
    if (tree.name === 'coalesce' || tree.name === 'greatest' || tree.name === 'least' || tree.name === 'nullif')
      return tree.schema === undefined ? this.#common(tree.operands, given, tree.name.toUpperCase()) : undefined;
    if (own !== undefined) return this.#ownCall(own, tree, given);
    if (forms.length === 0 && isGoneFunction(this.schema, tree))
      return this.refuse(`There is no ${tree.name}() any more: it was dropped, or has another name or schema.`);
    if (forms.length === 0 && tree.schema === undefined) {
      const extension = functionForms().all(tree.name).length > 0 ? undefined : this.brought.lacksFunction(tree.name);
      if (extension !== undefined)
        return this.refuse(`${tree.name}() is a function of the extension ${extension}, which no migration creates.`);
    }
    if (forms.length === 0 && args !== undefined && tree.schema === undefined) return this.#broughtCall(tree, args);
    if (forms.length === 0 || args === undefined) return undefined;
    if (tree.star === true) return this.#result(forms.find((form) => form.types.length === 0));
    const fitting = forms.filter((form) => fitsForm(args, form));
    if (fitting.length === 0) {
      if (this.hasCasts || this.brought.hasFormsOf(tree.name) || args.some((type) => type === undefined))
        return undefined;
      return this.refuse(
        `PostgreSQL ${this.version} has no function ${tree.name}(${args.map((type) => (type === undefined ? '?' : named(type))).join(', ')}).`,
      );
    }
    const best = bestOf(fitting, args);
    if (best !== undefined)
      for (const [index, operand] of tree.operands.slice(0, args.length).entries()) {
        const type = plainType(best.types[index]);
        this.literal(operand, type);
        this.#turns(operand, best.variadic ? undefined : type);
      }
    return best === undefined ? undefined : this.#result(best);
  }

  /** A function of an extension that the history creates. */
  #broughtCall(
    tree: Extract<ExpressionTree, { readonly kind: 'call' }>,
    args: readonly (ValueType | undefined)[],
  ): ValueType | undefined {
    const forms = functionForms().all(tree.name).length > 0 ? [] : this.brought.functionForms(tree.name);
    if (forms.length === 0) return undefined;
    const fitting = forms.filter((form) => fitsForm(args, form));
    if (fitting.length === 0 && !this.hasCasts && !args.includes(undefined))
      return this.refuse(
        `No ${tree.name}() takes ${args.length === 0 ? 'nothing' : args.map((type) => (type === undefined ? '?' : named(type))).join(', ')}: the extension's function of that name has other arguments.`,
      );
    const best = fitting.length === 1 ? fitting[0] : bestOf(fitting, args);
    return best === undefined ? undefined : this.#result(best);
  }

  #ownCall(
    own: FunctionObject,
    tree: Extract<ExpressionTree, { readonly kind: 'call' }>,
    given: readonly (ValueType | undefined)[],
  ): ValueType | undefined {
    const count = tree.arity ?? tree.argumentNames?.length;
    const args = count === undefined ? undefined : given.slice(0, count);
    // Of one from a catalog it is not known how many defaults it has.
    const isKnown = own.overloads.every((overload) => overload.argumentNames !== undefined);
    const fitting =
      args === undefined
        ? own.overloads
        : own.overloads.filter((overload) => fitsRoutine(this.schema, overload, args, tree.argumentNames));
    if (fitting.length === 0 && isKnown && !this.hasCasts && functionForms().all(tree.name).length === 0) {
      const words = (args ?? []).map((type, place) => {
        const name = tree.argumentNames?.[place];
        return `${name === undefined ? '' : `${name} => `}${type === undefined ? '?' : named(type)}`;
      });
      return this.refuse(
        `No ${own.name}() takes ${words.length === 0 ? 'nothing' : words.join(', ')}: the ${own.overloads[0]?.procedure === true ? 'procedure' : 'function'} of that name has other arguments.`,
      );
    }
    const [only] = fitting;
    if (only === undefined || fitting.length > 1) return undefined;
    for (const [index, operand] of tree.operands.slice(0, args?.length ?? 0).entries()) {
      const place = placeOfArgument(only, index, tree.argumentNames);
      // What is gathered into an array becomes an element of it.
      const isGathered = only.variadic === true && place >= only.argumentTypes.length - 1;
      const type = isGathered ? undefined : valueType(this.schema, only.argumentTypes[place]);
      this.literal(operand, type);
      this.#turns(operand, tree.argumentNames === undefined ? type : undefined);
    }
    return only.hasOutputs === true ? undefined : valueType(this.schema, only.returns);
  }

  #result(form: Form | undefined): ValueType | undefined {
    return form === undefined ? undefined : plainType(form.result);
  }

  #operator(name: string, operands: readonly ExpressionTree[], seen: Seen, place: Place): ValueType | undefined {
    const types = operands.map((operand) => this.typeOf(operand, seen, place));
    if (this.problem !== undefined) return undefined;
    if (name.startsWith('is ') && /^is (?:not )?(?:true|false|unknown)$/.test(name)) {
      const [type] = types;
      if (type !== undefined && type.name !== 'bool' && type.name !== 'unknown')
        this.refuse(`What ${name.toUpperCase()} takes is a condition, and this one is ${named(type)}.`);
      return baseType('bool');
    }
    const [left, ...others] = types;
    const [leftTree, ...otherTrees] = operands;
    if (name === 'in' || name === 'not in' || name.includes('between')) {
      const sign = name.endsWith('in') ? '=' : '<=';
      for (const [index, right] of others.entries()) this.#pair(sign, leftTree, left, otherTrees[index], right);
      return baseType('bool');
    }
    if (name.startsWith('is ')) {
      this.#pair('=', leftTree, left, otherTrees[0], others[0]);
      return baseType('bool');
    }
    if (name.endsWith(' any') || name.endsWith(' all')) return baseType('bool');
    const like = LIKES[name];
    if (like !== undefined) {
      this.#pair(like, leftTree, left, otherTrees[0], others[0]);
      return baseType('bool');
    }
    if (name.includes('similar')) return baseType('bool');
    if (operands.length !== 2) {
      const forms = operatorForms()
        .of(name, this.version)
        .filter((form) => form.types[0] === '-');
      return operands.length === 1 && left !== undefined && forms.some((form) => form.types[1] === left.name)
        ? left
        : undefined;
    }
    return this.#pair(name, leftTree, left, otherTrees[0], others[0]);
  }

  /** Two operands of an operator: whether there is one for them, and what it gives. */
  #pair(
    name: string,
    leftTree: ExpressionTree | undefined,
    left: ValueType | undefined,
    rightTree: ExpressionTree | undefined,
    right: ValueType | undefined,
  ): ValueType | undefined {
    const sign = name === '!=' ? '<>' : name;
    const isComparison = /^(?:=|<>|<|>|<=|>=)$/.test(sign);
    if (isComparison) {
      // A literal beside a value is one of its type.
      if (left?.name === 'unknown') this.literal(leftTree, right);
      if (right?.name === 'unknown') this.literal(rightTree, left);
    }
    if (left === undefined || right === undefined) return isComparison ? baseType('bool') : undefined;
    const given = [left, right] as const;
    const fitting = fittingForms(sign, this.version, left, right);
    if (fitting === undefined) return undefined;
    if (fitting.length === 0) {
      if (this.hasCasts || this.#hasOwn(sign)) return undefined;
      if (this.brought.mayHaveOperator(sign, left, right))
        return plainType(this.brought.operator(sign, left, right)?.result);
      return this.refuse(
        `PostgreSQL has no operator ${sign} for ${named(left)} and ${named(right)}: one of them needs a cast.`,
      );
    }
    // A literal takes the other side's type, where there is an operator for two of it.
    const alike: readonly (ValueType | undefined)[] =
      left.name === 'unknown' ? [right, right] : right.name === 'unknown' ? [left, left] : given;
    const best =
      fitting.find((form) => form.types.every((type, index) => isJust(type, alike[index]))) ??
      (fitting.length === 1 ? fitting[0] : undefined) ??
      (given.every((type) => type.name !== 'unknown') ? bestOf(fitting, given) : besideText(fitting, given));
    if (best === undefined) return isComparison ? baseType('bool') : undefined;
    for (const [index, tree] of [leftTree, rightTree].entries()) {
      // Both sides of an operator on any enum or array are of the one type that is known.
      const type = best.types[index]?.startsWith('any') === true ? alike[index] : plainType(best.types[index]);
      this.#turns(tree, type?.name === 'unknown' ? undefined : type);
    }
    if (isComparison) return baseType('bool');
    // What a text beside an array becomes is an array of the same, also where an element would fit.
    const ofArray = /^(?:@>|<@|&&|\|\|)$/.test(sign);
    if (left.name === 'unknown') this.literal(leftTree, ofArray && right.isArray ? right : plainType(best.types[0]));
    if (right.name === 'unknown') this.literal(rightTree, ofArray && left.isArray ? left : plainType(best.types[1]));
    return plainType(best.result);
  }

  /** Operators of the database's own are not told apart by their types. */
  #hasOwn(sign: string): boolean {
    return this.schema.others?.has(`operator ${sign}`) === true;
  }

  /** The one type of the values of a CASE, COALESCE or VALUES. */
  #common(
    trees: readonly ExpressionTree[],
    types: readonly (ValueType | undefined)[],
    words: string,
  ): ValueType | undefined {
    const known = types.find((type) => type !== undefined && type.name !== 'unknown');
    const other = types.find((type) => isUnmatched(known, type));
    if (known !== undefined && other !== undefined && !types.includes(undefined))
      return this.refuse(`The values of this ${words} have no type in common: ${named(known)} and ${named(other)}.`);
    if (types.includes(undefined) || known === undefined) return undefined;
    for (const tree of trees) this.literal(tree, known);
    return types.every((type) => type?.name === 'unknown' || (type !== undefined && sameValueType(type, known)))
      ? known
      : undefined;
  }

  #case(
    parts: NonNullable<Extract<ExpressionTree, { readonly kind: 'other' }>['case']>,
    seen: Seen,
    place: Place,
  ): ValueType | undefined {
    const subject = parts.subject === undefined ? undefined : this.typeOf(parts.subject, seen, place);
    for (const { when } of parts.arms)
      if (parts.subject === undefined) this.condition(when, seen, place, 'CASE WHEN');
      else this.#pair('=', parts.subject, subject, when, this.typeOf(when, seen, place));
    const trees = [...parts.arms.map(({ then }) => then), ...(parts.otherwise === undefined ? [] : [parts.otherwise])];
    return this.#common(
      trees,
      trees.map((tree) => this.typeOf(tree, seen, place)),
      'CASE',
    );
  }

  #subquery(
    tree: Extract<ExpressionTree, { readonly kind: 'subquery' }>,
    seen: Seen,
    place: Place,
  ): ValueType | undefined {
    const [compared] = tree.operands.map((operand) => this.typeOf(operand, seen, place));
    if (tree.query === undefined)
      return tree.form === 'exists' || tree.form === 'compared' ? baseType('bool') : undefined;
    const columns = this.#query(tree.query, seen);
    if (tree.form === 'exists') return baseType('bool');
    if (tree.form === 'compared') {
      const [only] = columns ?? [];
      const isRow = tree.operands.length !== 1 || tree.operands[0]?.kind === 'other';
      if (columns !== undefined && columns.length > 1 && !isRow)
        return this.refuse(`One value is compared here with a subquery that gives ${columns.length} columns.`);
      if (columns?.length === 1 && only !== undefined && compared !== undefined)
        this.#pair('=', tree.operands[0], compared, undefined, only.type);
      return baseType('bool');
    }
    if (columns !== undefined && columns.length > 1)
      return this.refuse(`A subquery in the place of one value gives ${columns.length} columns here.`);
    return tree.form === 'scalar' ? columns?.[0]?.type : undefined;
  }
}

const NO_FORMS: readonly Form[] = [];

/** Forms of an operator that take two of the system's own types: the same in every schema, and many are looked through. */
const formsByTypes = new Map<string, readonly Form[]>();

/** Forms of an operator that take two types; undefined where a server of the version has no such operator. */
function fittingForms(sign: string, version: number, left: ValueType, right: ValueType): readonly Form[] | undefined {
  const key =
    left.enum === undefined && right.enum === undefined
      ? `${sign} ${version} ${spelled(left)} ${spelled(right)}`
      : undefined;
  const known = key === undefined ? undefined : formsByTypes.get(key);
  if (known !== undefined) return known;
  const forms = operatorForms().of(sign, version);
  if (forms.length === 0) return undefined;
  const found = forms.filter((form) => {
    if (form.types[0] === '-' || !fitsForm([left, right], form)) return false;
    // Both sides of an operator on any arrays, enums or ranges are of one type.
    if (!form.types.every((type) => type.startsWith('any'))) return true;
    if (left.name === 'unknown' || right.name === 'unknown') return true;
    return (
      form.types[0] !== form.types[1] || sameValueType(left, right) || form.types[0]?.includes('compatible') === true
    );
  });
  if (key !== undefined) formsByTypes.set(key, found);
  return found;
}

/** Whether the server itself has an operator for two values of a type; undefined where it has none of that sign. */
export function hasOperator(sign: string, version: number, type: ValueType): boolean | undefined {
  const fitting = fittingForms(sign === '!=' ? '<>' : sign, version, type, type);
  return fitting === undefined ? undefined : fitting.length > 0;
}

/** Operators that words stand for. */
const LIKES: Readonly<Record<string, string>> = {
  like: '~~',
  'not like': '!~~',
  ilike: '~~*',
  'not ilike': '!~~*',
};

/** A type as a message names it. */
export function named(type: ValueType): string {
  return `${type.name === 'unknown' ? 'a quoted text' : type.name}${type.isArray ? '[]' : ''}`;
}

function spelled(type: ValueType | undefined): string {
  return type === undefined ? '' : `${type.isArray ? '_' : ''}${type.name}`;
}

export function sameValueType(left: ValueType, right: ValueType): boolean {
  return left.name === right.name && left.isArray === right.isArray && left.enum === right.enum;
}

/** A type that a form names, where it is one for itself. */
function plainType(name: string | undefined): ValueType | undefined {
  if (name === undefined || name.startsWith('any') || name === 'record' || name === 'void' || name === '-')
    return undefined;
  return name.startsWith('_') ? { name: name.slice(1), isArray: true } : baseType(name);
}

/** The form that the server takes for certain: the one whose arguments are just what is given, or the only one. */
function bestOf(forms: readonly Form[], given: readonly (ValueType | undefined)[]): Form | undefined {
  if (forms.length === 1) return forms[0];
  if (given.includes(undefined) || given.some((type) => type?.name === 'unknown')) {
    const results = new Set(forms.map((form) => form.result));
    return results.size === 1 && forms[0] !== undefined ? { ...forms[0], types: [] } : undefined;
  }
  const exact = forms.find((form) => form.types.every((type, index) => isJust(type, given[index])));
  if (exact !== undefined) return exact;
  const nearest = mostPreferred(mostExact(forms, given), given);
  const results = new Set(nearest.map((form) => form.result));
  const [first] = nearest;
  if (results.size !== 1 || first === undefined) return undefined;
  // Which of several it is says nothing of what it gives.
  return nearest.length === 1 ? first : { ...first, types: [] };
}

/** Whether a form takes just such a value: one of varchar is kept as a text is, one of cidr as one of inet. */
function isJust(type: string, given: ValueType | undefined): boolean {
  if (type === spelled(given)) return true;
  const kept = given === undefined ? undefined : KEPT_AS[given.name];
  return kept !== undefined && type === spelled({ name: kept, isArray: given?.isArray === true });
}

const KEPT_AS: Readonly<Record<string, string>> = { varchar: 'text', cidr: 'inet' };

/** Types that a server would rather turn a value into than into others of their kind. Source: `pg_type.typispreferred`. */
const PREFERRED: ReadonlySet<string> = new Set(['float8', 'text', 'timestamptz', 'interval', 'bool', 'inet', 'oid']);

/** The forms with the most preferred types where a value has to be turned into another type. */
function mostPreferred(forms: readonly Form[], given: readonly (ValueType | undefined)[]): readonly Form[] {
  const countOf = ({ types }: Form): number =>
    types.filter((type, index) => !isJust(type, given[index]) && PREFERRED.has(type)).length;
  const most = Math.max(...forms.map(countOf));
  return forms.filter((form) => countOf(form) === most);
}

/** The forms with the most arguments of just the type that is given. */
function mostExact(forms: readonly Form[], given: readonly (ValueType | undefined)[]): readonly Form[] {
  const exactOf = ({ types }: Form): number => types.filter((type, index) => isJust(type, given[index])).length;
  const most = Math.max(...forms.map(exactOf));
  return forms.filter((form) => exactOf(form) === most);
}

/**
 * The form that is taken where one side is a quoted text, and no operator has both of the other's type: the text stays a
 * text where one of the nearest takes such. Source: PostgreSQL manual, "Operators", "Operator Type Resolution".
 */
function besideText(forms: readonly Form[], given: readonly [ValueType, ValueType]): Form | undefined {
  const open = given.findIndex((type) => type.name === 'unknown');
  const nearest = mostExact(forms, given);
  const textual = nearest.filter(({ types }) => types[open] === 'text');
  return textual.length === 1 && given[1 - open]?.name !== 'unknown' ? textual[0] : undefined;
}
