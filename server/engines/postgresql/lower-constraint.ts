import { assertNever } from '../../core/assert-never.ts';
import type { Node } from '@pgsql/types';
import type { Span } from '../../core/span.ts';
import { referencedColumns } from '../../model/expression.ts';
import type {
  ConstraintDefinition,
  DefinitionBase,
  ForeignKeyDefinition,
  IndexElement,
} from '../../model/operation.ts';
import { expressionIn, relationName } from './lower-expression.ts';
import { lowerIndexElements, storageParameters } from './lower-index-element.ts';
import { itemsOf, type NodeOf, nodeAs, stringsOf } from './nodes.ts';
import type { Source } from './source.ts';

const REFERENTIAL_ACTIONS: Readonly<Record<string, string>> = {
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
};

const KINDS = {
  CONSTR_CHECK: 'check',
  CONSTR_FOREIGN: 'foreign-key',
  CONSTR_UNIQUE: 'unique',
  CONSTR_PRIMARY: 'primary-key',
  CONSTR_EXCLUSION: 'exclusion',
  CONSTR_NOTNULL: 'not-null',
} as const;

/** Attributes that follow an inline constraint as nodes of their own. */
export interface ConstraintAttributes {
  readonly deferrable?: boolean;
  readonly initiallyDeferred?: boolean;
  readonly notEnforced?: boolean;
}

/**
 * A constraint in the tokens [from, to); undefined for what is no constraint of the model (DEFAULT, NULL, attributes).
 *
 * `column` is the column of an inline constraint, whose key is not written.
 */
export function lowerConstraint(
  source: Source,
  constraint: NodeOf<'Constraint'>,
  from: number,
  to: number,
  column?: string,
  attributes: ConstraintAttributes = {},
): ConstraintDefinition | undefined {
  const type = constraint.contype;
  if (
    type !== 'CONSTR_CHECK' &&
    type !== 'CONSTR_FOREIGN' &&
    type !== 'CONSTR_UNIQUE' &&
    type !== 'CONSTR_PRIMARY' &&
    type !== 'CONSTR_EXCLUSION' &&
    type !== 'CONSTR_NOTNULL'
  )
    return undefined;
  const kind = KINDS[type];
  const span = source.spanOf(from, to);
  const expression =
    constraint.raw_expr === undefined
      ? undefined
      : expressionIn(source, constraint.raw_expr, parenthesized(source, from, to, 'check'));
  const where =
    constraint.where_clause === undefined
      ? undefined
      : expressionIn(source, constraint.where_clause, parenthesized(source, from, to, 'where'));
  const elements =
    constraint.exclusions === undefined ? undefined : exclusionElements(source, constraint.exclusions, from, to);
  const keys = stringsOf(kind === 'foreign-key' ? constraint.fk_attrs : constraint.keys);
  const columns =
    kind === 'check'
      ? expression === undefined
        ? []
        : referencedColumns(expression.tree)
      : kind === 'exclusion'
        ? (elements ?? []).flatMap((element) => element.column ?? [])
        : column === undefined
          ? keys
          : [column];
  const parameters = storageParameters(constraint.options);
  const deferrable = attributes.deferrable ?? (constraint.deferrable === true || undefined);
  const initiallyDeferred = attributes.initiallyDeferred ?? (constraint.initdeferred === true || undefined);
  const enforceable = kind === 'check' || kind === 'foreign-key';
  const notEnforced = attributes.notEnforced ?? ((enforceable && constraint.is_enforced !== true) || undefined);
  const shared: DefinitionBase = {
    span,
    columns,
    ...(constraint.conname === undefined ? {} : { name: constraint.conname }),
    // A constraint that is not enforced is never checked, which the tree says with the same field.
    ...(constraint.skip_validation === true && notEnforced !== true ? { notValid: true } : {}),
    ...(notEnforced === true ? { notEnforced: true } : {}),
    ...(deferrable === true || initiallyDeferred === true ? { deferrable: true } : {}),
    ...(initiallyDeferred === true ? { initiallyDeferred: true } : {}),
    ...(constraint.is_no_inherit === true ? { noInherit: true } : {}),
  };
  switch (kind) {
    case 'check':
      return { ...shared, kind, ...(expression === undefined ? {} : { expression }) };
    case 'foreign-key':
      // Every foreign key of the grammar names a table.
      return constraint.pktable === undefined
        ? undefined
        : {
            ...shared,
            kind,
            references: referenceOf(source, constraint, constraint.pktable),
            ...(constraint.fk_with_period === true ? { period: true } : {}),
          };
    case 'not-null':
      return { ...shared, kind };
    case 'unique':
    case 'primary-key':
    case 'exclusion':
      return {
        ...shared,
        kind,
        ...(constraint.indexname === undefined ? {} : { usingIndex: constraint.indexname }),
        ...(constraint.including === undefined ? {} : { include: stringsOf(constraint.including) }),
        ...(constraint.nulls_not_distinct === true ? { nullsNotDistinct: true } : {}),
        ...(constraint.without_overlaps === true ? { period: true } : {}),
        ...(kind === 'exclusion' ? { method: constraint.access_method ?? 'btree' } : {}),
        ...(elements === undefined ? {} : { elements }),
        ...(where === undefined ? {} : { where }),
        ...(parameters === undefined ? {} : { storageParameters: parameters }),
      };
    default:
      return assertNever(kind);
  }
}

function referenceOf(
  source: Source,
  constraint: NodeOf<'Constraint'>,
  table: NodeOf<'RangeVar'>,
): ForeignKeyDefinition['references'] {
  const onDelete = REFERENTIAL_ACTIONS[constraint.fk_del_action ?? ''];
  const onUpdate = REFERENTIAL_ACTIONS[constraint.fk_upd_action ?? ''];
  return {
    relation: relationName(source, table),
    columns: stringsOf(constraint.pk_attrs),
    ...(onDelete === undefined ? {} : { onDelete }),
    ...(onUpdate === undefined ? {} : { onUpdate }),
    ...(constraint.fk_matchtype === 'f' ? { match: 'full' } : {}),
  };
}

function exclusionElements(
  source: Source,
  exclusions: readonly Node[],
  from: number,
  to: number,
): readonly IndexElement[] {
  const open = source.find(from, to, (token) => token.kind === 'symbol' && token.value === '(');
  const ranges = source.items(open + 1, source.closing(open));
  return exclusions.flatMap((exclusion, index) => {
    const [element, operator] = itemsOf(exclusion);
    const range = ranges[index] ?? [open + 1, source.closing(open)];
    const lowered = lowerIndexElements(source, element === undefined ? [] : [element], [range]);
    return lowered.map((one) => ({
      ...one,
      operator: itemsOf(operator)
        .map((part) => nodeAs(part, 'String')?.sval ?? '')
        .join('.'),
    }));
  });
}

/** Range inside the parentheses that follow the word, whose last occurrence counts: a constraint may be called like it. */
export function parenthesized(source: Source, from: number, to: number, word: string): Span {
  let open = from;
  for (let index = from; index < to - 1; index++) {
    if (source.isWord(index, word) && source.isSymbol(index + 1, '(')) {
      open = index + 1;
      break;
    }
  }
  return source.spanOf(open + 1, source.closing(open));
}
