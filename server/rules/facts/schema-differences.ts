import { indexesOf } from '../../model/lookup.ts';
import { objectKey } from '../../model/names.ts';
import type { IndexElement } from '../../model/operation.ts';
import {
  DEFAULT_PRIVILEGES,
  type Index,
  type Relation,
  type Right,
  type Schema,
  type UserType,
} from '../../model/schema.ts';
import { type Compare, definitionDifference, isSameText, listDifferences, shown } from './difference-words.ts';
import { relationDifferences } from './relation-differences.ts';

/**
 * In words, what of a schema is not what it was before; only of objects with one of the keys where these are given. What one
 * of the two does not know is no difference.
 */
export function schemaDifferences(
  compare: Compare,
  before: Schema,
  after: Schema,
  keys: ReadonlySet<string> | undefined,
): readonly string[] {
  const { makers } = before.product.catalog;
  const indexes =
    keys === undefined
      ? undefined
      : new Set([
          ...keys,
          ...[...keys].flatMap((key) =>
            [...indexesOf(before, key), ...indexesOf(after, key)].map((index) => objectKey(index.schema, index.name)),
          ),
        ]);
  return [
    ...compareKeys(
      before.relations,
      after.relations,
      keys,
      (relation) =>
        relation.columnsKnown || isView(relation) ? `${relation.kind.replace('-', ' ')} ${shown(relation)}` : undefined,
      (old, now) => [
        ...relationDifferences(compare, old, now),
        ...rightDifferences(makers, old.rights, now.rights, shown(old)),
      ],
    ),
    ...compareKeys(
      before.indexes,
      after.indexes,
      indexes,
      (index) => (index.constraint === undefined && !index.primary ? `index ${index.name}` : undefined),
      (old, now) => indexDifferences(compare, old, now),
    ),
    ...compareKeys(
      before.sequences,
      after.sequences,
      keys,
      (sequence) => (sequence.ownedBy === undefined ? `sequence ${shown(sequence)}` : undefined),
      (old, now) => [
        ...(old.dataType === now.dataType
          ? []
          : [`sequence ${shown(now)} is ${now.dataType} instead of ${old.dataType}`]),
        ...rightDifferences(makers, old.rights, now.rights, shown(old)),
      ],
    ),
    ...compareKeys(
      before.types,
      after.types,
      keys,
      (type) => `type ${shown(type)}`,
      (old, now) => [
        ...typeDifferences(compare, old, now),
        ...rightDifferences(makers, old.rights, now.rights, shown(old), TYPE_RIGHTS),
      ],
    ),
    ...compareKeys(
      before.functions,
      after.functions,
      keys,
      (made) => `function ${shown(made)}`,
      (old, now) => functionDifferences(compare, old, now, before),
    ),
    ...compareKeys(
      before.schemas,
      after.schemas,
      undefined,
      (made) => `schema ${made.name}`,
      (old, now) => rightDifferences(makers, old.rights, now.rights, `the schema ${old.name}`, undefined),
    ),
    ...listDifferences(
      (before.extensions ?? []).filter((name) => name !== ''),
      (after.extensions ?? []).filter((name) => name !== ''),
      (name) => `extension ${name}`,
    ),
    ...listDifferences(othersOf(before), othersOf(after), (other) => other.replaceAll(/-(?=.* )/g, ' ')),
  ];
}

/** Objects without a map that have a name; extensions are apart. */
function othersOf(schema: Schema): readonly string[] {
  return [...(schema.others ?? [])].filter((other) => other !== DEFAULT_PRIVILEGES && !/^extension | $/.test(other));
}

function isView(relation: Relation): boolean {
  return relation.kind === 'view' || relation.kind === 'materialized-view';
}

function compareKeys<Value>(
  before: { entries(): IterableIterator<readonly [string, Value]>; get(key: string): Value | undefined },
  after: typeof before,
  keys: ReadonlySet<string> | undefined,
  title: (value: Value) => string | undefined,
  compare: (old: Value, now: Value) => readonly string[],
): readonly string[] {
  if (before === after) return [];
  return [...(keys ?? new Set([...before.entries(), ...after.entries()].map(([each]) => each)))].flatMap((key) => {
    const old = before.get(key);
    const now = after.get(key);
    if (old === now) return [];
    if (old !== undefined && now !== undefined) return compare(old, now);
    const name = old === undefined ? (now === undefined ? undefined : title(now)) : title(old);
    return name === undefined ? [] : [`${name} is ${old === undefined ? 'left over' : 'missing'}`];
  });
}

function indexDifferences(compare: Compare, old: Index, now: Index): readonly string[] {
  const name = `index ${now.name}`;
  const found: string[] = [];
  if (old.relationKey !== now.relationKey) found.push(`${name} is on another table`);
  if (old.unique !== now.unique) found.push(`${name} is ${now.unique ? 'unique' : 'no longer unique'}`);
  if (old.method !== now.method) found.push(`${name} is ${now.method} instead of ${old.method}`);
  if (!isSameElements(compare, old.elements, now.elements))
    found.push(`${name} is over (${elementsOf(now.elements)}) instead of (${elementsOf(old.elements)})`);
  if (old.include.join('\u0000') !== now.include.join('\u0000'))
    found.push(
      `${name} includes ${now.include.join(', ') || 'no columns'} instead of ${old.include.join(', ') || 'none'}`,
    );
  if (!isSameText(compare, old.where?.text, now.where?.text))
    found.push(
      `${name} ${now.where === undefined ? 'has lost its condition' : old.where === undefined ? 'has a condition' : 'has another condition'}`,
    );
  if (old.nullsNotDistinct !== now.nullsNotDistinct)
    found.push(`${name} takes NULLs as ${now.nullsNotDistinct ? 'equal' : 'different'}`);
  if (parametersOf(old) !== parametersOf(now)) found.push(`${name} has other storage parameters`);
  return found;
}

function parametersOf({ storageParameters = {} }: Index): string {
  return JSON.stringify(Object.entries(storageParameters).sort());
}

function elementsOf(elements: readonly IndexElement[]): string {
  return elements
    .map(
      (element) =>
        `${element.column ?? element.expression?.text ?? ''}${element.operatorClass === undefined ? '' : ` ${element.operatorClass}`}${element.descending === true ? ' DESC' : ''}`,
    )
    .join(', ');
}

function isSameElements(compare: Compare, old: readonly IndexElement[], now: readonly IndexElement[]): boolean {
  return (
    old.length === now.length &&
    old.every((element, place) => {
      const other = now[place];
      // NULLs come last in ascending order, and first in descending, where nothing is written.
      const nullsFirst = (each: IndexElement | undefined): boolean => each?.nullsFirst ?? each?.descending === true;
      return (
        other !== undefined &&
        element.column === other.column &&
        isSameText(compare, element.expression?.text, other.expression?.text) &&
        (element.descending ?? false) === (other.descending ?? false) &&
        nullsFirst(element) === nullsFirst(other) &&
        (element.collation === undefined || other.collation === undefined || element.collation === other.collation) &&
        // One that is not written may be the type's own.
        (element.operatorClass === undefined ||
          other.operatorClass === undefined ||
          element.operatorClass === other.operatorClass)
      );
    })
  );
}

function typeDifferences(compare: Compare, old: UserType, now: UserType): readonly string[] {
  const name = shown(now);
  if (old.kind !== now.kind) return [`type ${name} is a ${now.kind} instead of a ${old.kind}`];
  const [before, after] = [old.labels, now.labels];
  if (before !== undefined && after !== undefined) {
    const found = listDifferences(before, after, (label) => `value '${label}' of ${name}`);
    return found.length > 0 || before.join('\u0000') === after.join('\u0000')
      ? found
      : [`the values of ${name} are in another order`];
  }
  if (old.domain !== undefined && now.domain !== undefined) {
    const found: string[] = [];
    if (old.domain.base.name !== now.domain.base.name)
      found.push(`domain ${name} is ${now.domain.base.display} instead of ${old.domain.base.display}`);
    if (old.domain.notNull !== now.domain.notNull)
      found.push(`domain ${name} ${now.domain.notNull ? 'is required' : 'may be empty'}`);
    if ((old.domain.default === undefined) !== (now.domain.default === undefined))
      found.push(`domain ${name} ${now.domain.default === undefined ? 'has lost its default' : 'has a default'}`);
    const checks = (type: typeof now.domain): readonly string[] =>
      type.constraints.filter(({ kind }) => kind === 'check').map((constraint) => constraint.name);
    found.push(...listDifferences(checks(old.domain), checks(now.domain), (check) => `check ${check} of ${name}`));
    for (const check of now.domain.constraints) {
      const other = old.domain.constraints.find((each) => each.name === check.name && each.kind === 'check');
      if (other !== undefined && !isSameText(compare, other.expression?.text, check.expression?.text))
        found.push(`check ${check.name} of ${name} has another condition`);
    }
    return found;
  }
  return listDifferences(
    old.attributes?.map((attribute) => attribute.name) ?? [],
    now.attributes?.map((attribute) => attribute.name) ?? [],
    (attribute) => `attribute ${attribute} of ${name}`,
  );
}

type Overload = NonNullable<ReturnType<Schema['functions']['get']>>['overloads'][number];

function functionDifferences(
  compare: Compare,
  old: { readonly schema: string; readonly name: string; readonly overloads: readonly Overload[] },
  now: typeof old,
  before: Schema,
): readonly string[] {
  const signature = ({ argumentTypes }: Overload): string =>
    argumentTypes.map((type) => `${type.name}${'[]'.repeat(type.arrayDimensions)}`).join(', ');
  const title = (types: string): string => `function ${shown(now)}(${types})`;
  const { makers } = before.product.catalog;
  // Functions that ALTER DEFAULT PRIVILEGES closes to everybody are not told from others.
  const rights = before.others?.has(DEFAULT_PRIVILEGES) === true ? undefined : FUNCTION_RIGHTS;
  return [
    ...listDifferences(old.overloads.map(signature), now.overloads.map(signature), title),
    ...now.overloads.flatMap((overload) => {
      const other = old.overloads.find((each) => signature(each) === signature(overload));
      if (other === undefined || other === overload) return [];
      return [
        ...definitionDifference(compare, other.definition, overload.definition, title(signature(overload))),
        ...rightDifferences(makers, other.rights, overload.rights, shown(now), rights),
      ];
    }),
  ];
}

/** What everybody may do with what is new, until it is taken. Source: PostgreSQL manual, "Privileges". */
const FUNCTION_RIGHTS = ['EXECUTE'];
const TYPE_RIGHTS = ['USAGE'];
function rightDifferences(
  makers: readonly string[],
  old: readonly Right[] | undefined,
  now: readonly Right[] | undefined,
  object: string,
  ofPublic: readonly string[] = [],
): readonly string[] {
  if (old === now) return [];
  const all = [...(old ?? []), ...(now ?? [])].filter(({ grantee }) => !makers.includes(grantee));
  const seen = new Set<string>();
  const found = all.flatMap((right) => {
    const key = `${right.privilege} ${right.grantee}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const isIt = (other: Right): boolean => other.privilege === right.privilege && other.grantee === right.grantee;
    const [before, after] = [old?.find(isIt), now?.find(isIt)];
    const isFirst = right.grantee === 'PUBLIC' && ofPublic.includes(right.privilege);
    // Taken and given back: whoever has it now may have had it before.
    if (before === undefined && after?.isUnsure === true && !isFirst) return [];
    const [had, has] = [before?.isHeld ?? isFirst, after?.isHeld ?? isFirst];
    return had === has ? [] : [{ ...right, word: has ? 'left over' : 'missing' }];
  });
  const groups = new Map<string, string[]>();
  for (const { privilege, grantee, word } of found) {
    const group = `${grantee}\u0000${word}`;
    groups.set(group, [...(groups.get(group) ?? []), privilege]);
  }
  return [...groups].map(([group, privileges]) => {
    const [grantee = '', word = ''] = group.split('\u0000');
    return `${privileges.join(', ')} on ${object} for ${grantee} is ${word}`;
  });
}
