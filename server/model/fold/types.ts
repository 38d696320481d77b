import { findType, resolveTypeName } from '../lookup.ts';
import { objectKey } from '../names.ts';
import type { AlterType, ConstraintDefinition, CreateType } from '../operation.ts';
import type { Constraint, UserType } from '../schema.ts';
import { chooseConstraintName } from './constraint-names.ts';
import type { Draft } from './draft.ts';
import { foldAction } from './table-action.ts';
import { asTableAction, type AttributeAction, isHeld, tablesOfType } from './typed-tables.ts';

/** PostgreSQL major from which a domain's NOT NULL is a constraint with a name. */
const NAMED_DOMAIN_NOT_NULL_VERSION = 17;

/** CREATE TYPE and CREATE DOMAIN. */
export function createType(draft: Draft, operation: CreateType): void {
  const schema = draft.schemaFor(operation.name.schema, false);
  if (schema === undefined) return;
  const { name } = operation.name;
  const key = objectKey(schema, name);
  const existing = draft.types.get(key);
  const completesShell = existing?.kind === 'shell' && operation.definition.kind !== 'shell';
  if (
    (existing !== undefined && !completesShell) ||
    draft.relations.has(key) ||
    (operation.definition.kind === 'composite' && draft.isTaken(schema, name))
  )
    return draft.refuseTaken(schema, name);
  draft.putType({ schema, name, origin: draft.origin, ...bodyOf(draft, schema, name, operation.definition) });
}

function bodyOf(
  draft: Draft,
  schema: string,
  name: string,
  definition: CreateType['definition'],
): Omit<UserType, 'schema' | 'name' | 'origin'> {
  switch (definition.kind) {
    case 'enum':
      return { kind: 'enum', labels: definition.labels };
    case 'domain': {
      const constraints: Constraint[] = [];
      const notNull = definition.notNull || definition.constraints.some((constraint) => constraint.kind === 'not-null');
      for (const constraint of definition.constraints)
        if (constraint.kind === 'check')
          constraints.push(domainConstraint(draft, schema, name, constraint, constraints));
      const named = definition.constraints.find((constraint) => constraint.kind === 'not-null');
      if (notNull && draft.version >= NAMED_DOMAIN_NOT_NULL_VERSION)
        constraints.push(domainNotNull(draft, schema, name, named?.name, constraints));
      return {
        kind: 'domain',
        domain: {
          base: resolveTypeName(draft, definition.base),
          notNull,
          constraints,
          ...(definition.default === undefined ? {} : { default: definition.default }),
          ...(definition.collation === undefined ? {} : { collation: definition.collation }),
        },
      };
    }
    case 'composite':
      return {
        kind: 'composite',
        attributes: definition.columns.map((column) => ({
          name: column.name,
          ...(column.type === undefined ? {} : { type: resolveTypeName(draft, column.type) }),
        })),
      };
    default:
      return { kind: definition.kind };
  }
}

const DOMAIN_CONSTRAINT = {
  columns: [],
  enforced: true,
  deferrable: false,
  initiallyDeferred: false,
  noInherit: false,
  isLocal: true,
} as const;

function domainConstraint(
  draft: Draft,
  schema: string,
  domain: string,
  definition: ConstraintDefinition,
  others: readonly Constraint[],
): Constraint {
  const name =
    definition.name ??
    chooseConstraintName(
      draft,
      schema,
      domain,
      undefined,
      'check',
      others.map((other) => other.name),
    );
  return {
    ...DOMAIN_CONSTRAINT,
    kind: 'check',
    name,
    validated: definition.notValid !== true,
    origin: draft.origin,
    ...(definition.expression === undefined ? {} : { expression: definition.expression }),
  };
}

function domainNotNull(
  draft: Draft,
  schema: string,
  domain: string,
  name: string | undefined,
  others: readonly Constraint[],
): Constraint {
  return {
    ...DOMAIN_CONSTRAINT,
    kind: 'not-null',
    name:
      name ??
      chooseConstraintName(
        draft,
        schema,
        domain,
        undefined,
        'not_null',
        others.map((other) => other.name),
      ),
    validated: true,
    origin: draft.origin,
  };
}

/** ALTER TYPE and ALTER DOMAIN. */
export function alterTypeDefinition(draft: Draft, operation: AlterType): void {
  const type = findType(draft, operation.name);
  if (type === undefined)
    return draft.isComplete ? draft.refuse(`There is no type "${operation.name.name}".`) : undefined;
  const { action } = operation;
  switch (action.kind) {
    case 'add-value':
      return addValue(draft, type, action);
    case 'rename-value': {
      if (type.labels === undefined) return;
      if (!type.labels.includes(action.value)) return draft.refuse(`${type.name} has no value '${action.value}'.`);
      if (type.labels.includes(action.newValue))
        return draft.refuse(`${type.name} has a value '${action.newValue}' already.`);
      return draft.putType({
        ...type,
        labels: type.labels.map((label) => (label === action.value ? action.newValue : label)),
      });
    }
    case 'add-attribute':
    case 'drop-attribute':
    case 'alter-attribute':
      return alterAttribute(draft, type, action);
    case 'set-type-options':
      return;
    default:
      return alterDomain(draft, type, action);
  }
}

function addValue(
  draft: Draft,
  type: UserType,
  action: Extract<AlterType['action'], { readonly kind: 'add-value' }>,
): void {
  if (type.labels === undefined) return;
  if (type.labels.includes(action.value)) {
    if (!action.ifNotExists) draft.refuse(`${type.name} has a value '${action.value}' already.`);
    return;
  }
  const neighbour = action.before ?? action.after;
  const place =
    neighbour === undefined
      ? type.labels.length
      : type.labels.indexOf(neighbour) + (action.before === undefined ? 1 : 0);
  if (neighbour !== undefined && !type.labels.includes(neighbour))
    return draft.refuse(`${type.name} has no value '${neighbour}'.`);
  draft.putType({ ...type, labels: type.labels.toSpliced(place, 0, action.value) });
}

type DomainAction = Exclude<
  AlterType['action'],
  {
    readonly kind:
      | 'add-value'
      | 'rename-value'
      | 'add-attribute'
      | 'drop-attribute'
      | 'alter-attribute'
      | 'set-type-options';
  }
>;

function alterDomain(draft: Draft, type: UserType, action: DomainAction): void {
  const { domain } = type;
  if (domain === undefined) return type.kind === 'domain' ? undefined : draft.refuse(`${type.name} is no domain.`);
  const put = (changed: typeof domain): void => draft.putType({ ...type, domain: changed });
  const hasNamedNotNull = draft.version >= NAMED_DOMAIN_NOT_NULL_VERSION;
  const withNotNull = (name: string | undefined): void =>
    put({
      ...domain,
      notNull: true,
      constraints:
        !hasNamedNotNull || domain.notNull
          ? domain.constraints
          : [...domain.constraints, domainNotNull(draft, type.schema, type.name, name, domain.constraints)],
    });
  switch (action.kind) {
    case 'domain-set-default':
      return put({
        ...domain,
        default: action.default,
      });
    case 'domain-drop-default': {
      const { default: _default, ...rest } = domain;
      return put(rest);
    }
    case 'domain-set-not-null':
      return withNotNull(undefined);
    case 'domain-drop-not-null':
      return put({
        ...domain,
        notNull: false,
        constraints: domain.constraints.filter((constraint) => constraint.kind !== 'not-null'),
      });
    case 'domain-add-constraint': {
      if (action.constraint.kind === 'not-null') return withNotNull(action.constraint.name);
      if (domain.constraints.some((constraint) => constraint.name === action.constraint.name))
        return draft.refuse(`${type.name} has a constraint "${action.constraint.name ?? ''}" already.`);
      return put({
        ...domain,
        constraints: [
          ...domain.constraints,
          domainConstraint(draft, type.schema, type.name, action.constraint, domain.constraints),
        ],
      });
    }
    case 'domain-drop-constraint': {
      const constraint = domain.constraints.find((candidate) => candidate.name === action.constraint);
      if (constraint === undefined)
        return action.ifExists ? undefined : draft.refuse(`${type.name} has no constraint "${action.constraint}".`);
      return put({
        ...domain,
        notNull: domain.notNull && constraint.kind !== 'not-null',
        constraints: domain.constraints.filter((candidate) => candidate !== constraint),
      });
    }
    case 'domain-validate-constraint': {
      if (!domain.constraints.some((constraint) => constraint.name === action.constraint))
        return draft.refuse(`${type.name} has no constraint "${action.constraint}".`);
      return put({
        ...domain,
        constraints: domain.constraints.map((constraint) =>
          constraint.name === action.constraint ? { ...constraint, validated: true } : constraint,
        ),
      });
    }
  }
}

function alterAttribute(draft: Draft, type: UserType, action: AttributeAction): void {
  if (type.attributes === undefined) return;
  const isThere = (name: string): boolean => type.attributes?.some((attribute) => attribute.name === name) === true;
  const isWrong =
    isThere(action.attribute) === (action.kind === 'add-attribute') ||
    (action.newName !== undefined && isThere(action.newName));
  // Values that a column holds are not turned into those of another type.
  const isStuck = action.kind === 'alter-attribute' && action.type !== undefined && isHeld(draft, type);
  const tables = tablesOfType(draft, type);
  if (isWrong || isStuck || (tables.length > 0 && !action.cascade))
    return draft.refuse(
      isStuck
        ? `A column holds values of ${type.name}, and the type of no attribute changes while one does.`
        : !isWrong
          ? `${tables[0]?.name ?? ''} is a table of the type ${type.name}: write CASCADE to change it too.`
          : isThere(action.attribute) === (action.kind === 'add-attribute')
            ? `${type.name} has ${action.kind === 'add-attribute' ? 'an' : 'no'} attribute "${action.attribute}"${action.kind === 'add-attribute' ? ' already' : ''}.`
            : `${type.name} has an attribute "${action.newName ?? ''}" already.`,
    );
  const changed = {
    name: action.attribute,
    ...(action.type === undefined ? {} : { type: resolveTypeName(draft, action.type) }),
  };
  const attributes =
    action.kind === 'add-attribute'
      ? [...type.attributes, changed]
      : action.kind === 'drop-attribute'
        ? type.attributes.filter((attribute) => attribute.name !== action.attribute)
        : type.attributes.map((attribute) =>
            attribute.name !== action.attribute
              ? attribute
              : action.newName === undefined
                ? changed
                : { ...attribute, name: action.newName },
          );
  draft.putType({ ...type, attributes });
  const onTable = asTableAction(action);
  if (onTable === undefined || onTable.kind === 'rename-table' || onTable.kind === 'set-table-schema') return;
  for (const table of tables) foldAction(draft, table, onTable, false);
}
