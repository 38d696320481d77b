import { assertNever } from '../core/assert-never.ts';
import { POSTGRESQL } from '../engines/postgresql/product.ts';
import { PersistentMap } from '../core/persistent-map.ts';
import type { Expression } from '../model/expression.ts';
import { objectKey } from '../model/names.ts';
import type { IndexElement, Operation, PartitionBound } from '../model/operation.ts';
import type {
  Column,
  ColumnGrant,
  Constraint,
  ConstraintBase,
  ForeignKeyConstraint,
  FunctionObject,
  Index,
  Origin,
  Relation,
  RelationBase,
  Schema,
  Sequence,
  Trigger,
  UserType,
} from '../model/schema.ts';
import type { Row } from './driver.ts';
import { CATALOG_QUERIES, type CatalogFact, type CatalogFacts } from './postgres-catalog-queries.ts';
import { typeOf } from './postgres-catalog-type.ts';

/** Of every object that a catalog has. */
const CATALOG: Origin = { fileIndex: -1 };

/** An expression of which only the text is known. */
function plainExpression(text: string): Expression {
  return { text, span: { start: 0, end: text.length }, tree: { kind: 'other', operands: [] } };
}

/**
 * The schema of a connected PostgreSQL database, system schemas and what belongs to extensions left out.
 *
 * `query` runs one statement; each gives one column, `fact`, JSON as text. `version` is the major. `expressionOf` reads
 * what `pg_get_expr` prints; without it expressions have their text only. `parse` reads functions' definitions; without it
 * nothing is known of what they do. Takes no lock on any relation of the user.
 * Errors: those of `query`.
 */
export async function readPostgresCatalog(
  query: (sql: string, parameters?: readonly unknown[]) => Promise<readonly Row[]>,
  version: number,
  expressionOf: (text: string) => Expression = plainExpression,
  parse?: (statement: string) => { readonly operations: readonly Operation[] },
): Promise<Schema> {
  const facts: Record<string, readonly CatalogFact[]> = {};
  // One after the other: a session runs one statement at a time.
  for (const [name, sql] of Object.entries(CATALOG_QUERIES)) facts[name] = await read(query, sql(version));
  // Every query of the list has its entry.
  return new CatalogBuilder(facts as CatalogFacts, expressionOf, parse).build();
}

async function read(query: (sql: string) => Promise<readonly Row[]>, sql: string): Promise<readonly CatalogFact[]> {
  const rows = await query(`SELECT row_to_json(fact)::text AS fact FROM (${sql}) AS fact`);
  return rows.map((row) => {
    const value: unknown = typeof row['fact'] === 'string' ? JSON.parse(row['fact']) : row['fact'];
    // row_to_json gives an object for each row.
    return value as CatalogFact;
  });
}

const RELATION_KINDS: Readonly<Record<string, Relation['kind']>> = {
  r: 'table',
  p: 'partitioned-table',
  f: 'foreign-table',
  v: 'view',
  m: 'materialized-view',
};
const PERSISTENCE: Readonly<Record<string, Relation['persistence']>> = {
  p: 'permanent',
  u: 'unlogged',
  t: 'temporary',
};
const CONSTRAINT_KINDS: Readonly<Record<string, Constraint['kind']>> = {
  c: 'check',
  f: 'foreign-key',
  u: 'unique',
  p: 'primary-key',
  x: 'exclusion',
  n: 'not-null',
};
const REFERENTIAL_ACTIONS: Readonly<Record<string, string>> = {
  c: 'cascade',
  n: 'set null',
  d: 'set default',
  r: 'restrict',
};
const VOLATILITY: Readonly<Record<string, FunctionObject['overloads'][number]['volatility']>> = {
  i: 'immutable',
  s: 'stable',
  v: 'volatile',
};
const TYPE_KINDS: Readonly<Record<string, UserType['kind']>> = {
  e: 'enum',
  d: 'domain',
  c: 'composite',
  r: 'range',
  b: 'base',
  p: 'shell',
};
const STORAGE: Readonly<Record<string, string>> = { p: 'plain', e: 'external', m: 'main', x: 'extended' };
const REPLICA_IDENTITY: Readonly<Record<string, string>> = { f: 'full', n: 'nothing' };

/** Bits of pg_trigger.tgtype. Source: PostgreSQL's catalog/pg_trigger.h. */
const TRIGGER_ROW = 1;
const TRIGGER_BEFORE = 2;
const TRIGGER_INSTEAD = 64;
const TRIGGER_EVENTS = [
  [4, 'insert'],
  [8, 'delete'],
  [16, 'update'],
  [32, 'truncate'],
] as const;

/** `fillfactor=70` as the catalog has it. */
function splitParameter(written: string): readonly [string, string] {
  const at = written.indexOf('=');
  return [written.slice(0, at), written.slice(at + 1)];
}

function text(fact: CatalogFact, name: string): string {
  const value = fact[name];
  return typeof value === 'string' ? value : '';
}

function optional(fact: CatalogFact, name: string): string | undefined {
  const value = fact[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function integer(fact: CatalogFact, name: string): number {
  const value = fact[name];
  return typeof value === 'number' ? value : 0;
}

function flag(fact: CatalogFact, name: string): boolean {
  return fact[name] === true;
}

/** One of `SELECT*` and a role: the star says that it may be handed on. */
function columnGrant(text: string): ColumnGrant {
  const [, privilege = '', star = '', grantee = ''] = /^(\w+)(\*?) (.*)$/s.exec(text) ?? [];
  return { privilege, grantee, grantable: star !== '' };
}

function list(fact: CatalogFact, name: string): readonly string[] {
  const value = fact[name];
  return Array.isArray(value) ? value.map(String) : [];
}

function integers(fact: CatalogFact, name: string): readonly number[] {
  const value = fact[name];
  return Array.isArray(value) ? value.map(Number) : [];
}

function grouped(facts: readonly CatalogFact[], key: string): ReadonlyMap<number, readonly CatalogFact[]> {
  const groups = new Map<number, CatalogFact[]>();
  for (const fact of facts) {
    const group = groups.get(integer(fact, key));
    if (group === undefined) groups.set(integer(fact, key), [fact]);
    else group.push(fact);
  }
  return groups;
}

/** Puts the facts of one reading together. */
class CatalogBuilder {
  readonly #facts: CatalogFacts;
  readonly #expressionOf: (text: string) => Expression;
  readonly #parse: ((statement: string) => { readonly operations: readonly Operation[] }) | undefined;
  readonly #keys: ReadonlyMap<number, string>;
  readonly #columns: ReadonlyMap<number, readonly CatalogFact[]>;
  readonly #constraints: ReadonlyMap<number, readonly CatalogFact[]>;
  readonly #triggers: ReadonlyMap<number, readonly CatalogFact[]>;
  readonly #parts: ReadonlyMap<number, readonly CatalogFact[]>;
  readonly #reads: ReadonlyMap<number, readonly CatalogFact[]>;

  constructor(
    facts: CatalogFacts,
    expressionOf: (text: string) => Expression,
    parse: ((statement: string) => { readonly operations: readonly Operation[] }) | undefined,
  ) {
    this.#facts = facts;
    this.#parse = parse;
    this.#expressionOf = expressionOf;
    this.#keys = new Map(
      [...facts.relations, ...facts.indexes].map((fact) => [
        integer(fact, 'oid'),
        objectKey(text(fact, 'schema'), text(fact, 'name')),
      ]),
    );
    this.#columns = grouped(facts.columns, 'relation');
    this.#constraints = grouped(facts.constraints, 'relation');
    this.#triggers = grouped(facts.triggers, 'relation');
    this.#parts = grouped(facts.parts, 'relation');
    this.#reads = grouped(facts.reads, 'view');
  }

  build(): Schema {
    const facts = this.#facts;
    const searchPath = facts.session.flatMap((fact) => list(fact, 'path'));
    return {
      product: POSTGRESQL,
      isComplete: true,
      relations: PersistentMap.from(
        facts.relations.map(
          (fact) => [objectKey(text(fact, 'schema'), text(fact, 'name')), this.#relation(fact)] as const,
        ),
      ),
      indexes: PersistentMap.from(
        facts.indexes
          .flatMap((fact) => this.#index(fact) ?? [])
          .map((index) => [objectKey(index.schema, index.name), index] as const),
      ),
      sequences: PersistentMap.from(
        facts.sequences.map(
          (fact) => [objectKey(text(fact, 'schema'), text(fact, 'name')), this.#sequence(fact)] as const,
        ),
      ),
      types: PersistentMap.from(
        facts.types.map((fact) => [objectKey(text(fact, 'schema'), text(fact, 'name')), this.#type(fact)] as const),
      ),
      functions: this.#functions(),
      schemas: PersistentMap.from(
        facts.schemas.map((fact) => [text(fact, 'name'), { name: text(fact, 'name'), origin: CATALOG }] as const),
      ),
      dropped: PersistentMap.empty(),
      publications: Object.fromEntries(
        facts.publications.map((fact) => [
          text(fact, 'name'),
          integers(fact, 'tables').flatMap((oid) => this.#keys.get(oid) ?? []),
        ]),
      ),
      publishing: Object.fromEntries(
        facts.publications.map((fact) => {
          const schemas = list(fact, 'schemas');
          return [
            text(fact, 'name'),
            {
              isAll: flag(fact, 'isall'),
              changes: ['insert', 'update', 'delete', 'truncate'].filter((change) => flag(fact, `sends${change}`)),
              ...(schemas.length === 0 ? {} : { schemas }),
            },
          ];
        }),
      ),
      session: {
        searchPath: searchPath.length > 0 ? searchPath : ['public'],
        timeZone: 'unknown',
        foreignKeys: 'unknown',
        variables: {},
      },
    };
  }

  #expression(fact: CatalogFact, name: string): Expression | undefined {
    const value = optional(fact, name);
    return value === undefined ? undefined : this.#expressionOf(value);
  }

  #relation(fact: CatalogFact): Relation {
    const oid = integer(fact, 'oid');
    const constraints = (this.#constraints.get(oid) ?? []).map((constraint) => this.#constraint(constraint));
    const unvalidated = new Set(
      constraints
        .filter((constraint) => constraint.kind === 'not-null' && !constraint.validated)
        .map((constraint) => constraint.columns[0]),
    );
    const columns = (this.#columns.get(oid) ?? []).map((column) => this.#column(column, unvalidated));
    const parts = this.#parts.get(oid) ?? [];
    const parentKeys = integers(fact, 'parents').flatMap((parent) => this.#keys.get(parent) ?? []);
    const [parentKey] = parentKeys;
    const bound = optional(fact, 'bound');
    const partitionKey = this.#partitionKey(fact);
    const viewText = optional(fact, 'viewtext');
    const ofType = optional(fact, 'oftype');
    const base: RelationBase = {
      schema: text(fact, 'schema'),
      name: text(fact, 'name'),
      origin: CATALOG,
      persistence: PERSISTENCE[text(fact, 'persistence')] ?? 'permanent',
      columns,
      columnsKnown: true,
      constraints,
      detailsKnown: true,
      triggers: (this.#triggers.get(oid) ?? []).map((trigger) => this.#trigger(trigger)),
      policies: parts.filter((part) => text(part, 'part') === 'policy').map((part) => text(part, 'name')),
      rules: parts.filter((part) => text(part, 'part') === 'rule').map((part) => text(part, 'name')),
      ...(parts.some((part) => text(part, 'part') === 'statistics')
        ? { statistics: parts.filter((part) => text(part, 'part') === 'statistics').map((part) => text(part, 'name')) }
        : {}),
      rowSecurity: flag(fact, 'rowsecurity'),
      inherits: bound === undefined ? parentKeys : [],
      dependsOn: (this.#reads.get(oid) ?? []).flatMap((read) => {
        const key = this.#keys.get(integer(read, 'relation'));
        return key === undefined ? [] : [{ key, columns: list(read, 'columns') }];
      }),
      ...(optional(fact, 'accessmethod') === undefined ? {} : { accessMethod: text(fact, 'accessmethod') }),
      ...(optional(fact, 'tablespace') === undefined ? {} : { tablespace: text(fact, 'tablespace') }),
      ...(optional(fact, 'clusterindex') === undefined ? {} : { clusterIndex: text(fact, 'clusterindex') }),
      ...this.#replicaIdentity(fact),
      // Before the first ANALYZE or VACUUM the catalog holds no estimate: -1, and below 14 no page either.
      ...(integer(fact, 'rows') < 0 || (integer(fact, 'bytes') === 0 && integer(fact, 'rows') === 0)
        ? {}
        : { size: { rows: integer(fact, 'rows'), bytes: integer(fact, 'bytes') } }),
    };
    const ofTable = {
      ...(bound === undefined || parentKey === undefined
        ? {}
        : { partitionOf: { parentKey, bound: boundOf(bound, this.#expressionOf) } }),
      ...(ofType === undefined ? {} : { ofType: ofType.replace('\u0001', '\u0000') }),
    };
    const kind = RELATION_KINDS[text(fact, 'kind')] ?? 'table';
    switch (kind) {
      case 'view':
      case 'materialized-view':
        return { ...base, kind, ...(viewText === undefined ? {} : { viewText }) };
      case 'partitioned-table':
        return { ...base, ...ofTable, kind, ...(partitionKey === undefined ? {} : { partitionKey }) };
      case 'table':
      case 'foreign-table':
        return { ...base, ...ofTable, kind };
      default:
        return assertNever(kind);
    }
  }

  #replicaIdentity(fact: CatalogFact): { readonly replicaIdentity?: string } {
    const replicaIdentity = REPLICA_IDENTITY[text(fact, 'replident')] ?? optional(fact, 'replindex');
    return replicaIdentity === undefined ? {} : { replicaIdentity };
  }

  #partitionKey(fact: CatalogFact): Relation['partitionKey'] {
    const written = /^(RANGE|LIST|HASH) \((.*)\)$/s.exec(text(fact, 'partitionkey'));
    if (written === null) return undefined;
    const columns = fact['partitioncolumns'];
    // The three words that pg_get_partkeydef writes, in lower case, are the model's.
    const strategy = (written[1] ?? 'RANGE').toLowerCase() as 'range' | 'list' | 'hash';
    const elements: IndexElement[] = Array.isArray(columns)
      ? columns.map((column: unknown) =>
          typeof column === 'string' ? { column } : { expression: this.#expressionOf(written[2] ?? '') },
        )
      : [];
    return { strategy, elements };
  }

  #column(fact: CatalogFact, unvalidated: ReadonlySet<string | undefined>): Column {
    const name = text(fact, 'name');
    const value = this.#expression(fact, 'default');
    const generated = text(fact, 'generated');
    const identity = text(fact, 'identity');
    const storage = STORAGE[text(fact, 'storage')];
    const compression = text(fact, 'compression');
    return {
      name,
      type: typeOf(fact),
      notNull: flag(fact, 'notnull') && !unvalidated.has(name),
      ...(value === undefined || generated !== '' ? {} : { default: value }),
      ...(identity === '' ? {} : { identity: identity === 'a' ? ('always' as const) : ('by-default' as const) }),
      ...(generated === '' || value === undefined
        ? {}
        : { generated: { expression: value, stored: generated === 's' } }),
      ...(optional(fact, 'collation') === undefined ? {} : { collation: text(fact, 'collation') }),
      ...(storage === undefined ? {} : { storage }),
      ...(compression === '' ? {} : { compression: compression === 'l' ? 'lz4' : 'pglz' }),
      origin: CATALOG,
      isLocal: flag(fact, 'islocal'),
      ...(optional(fact, 'comment') === undefined ? {} : { comment: text(fact, 'comment') }),
      ...(Array.isArray(fact['grants']) ? { grants: list(fact, 'grants').map(columnGrant) } : {}),
    };
  }

  #constraint(fact: CatalogFact): Constraint {
    const kind = CONSTRAINT_KINDS[text(fact, 'kind')] ?? 'check';
    const period = flag(fact, 'period') ? { period: true } : {};
    const shared: ConstraintBase = {
      name: text(fact, 'name'),
      columns: list(fact, 'columns'),
      validated: flag(fact, 'validated'),
      enforced: flag(fact, 'enforced'),
      deferrable: flag(fact, 'deferrable'),
      initiallyDeferred: flag(fact, 'deferred'),
      // For keys and foreign keys the catalog's flag only says that the table is not partitioned.
      noInherit: (kind === 'check' || kind === 'not-null') && flag(fact, 'noinherit'),
      isLocal: flag(fact, 'islocal'),
      ...(optional(fact, 'comment') === undefined ? {} : { comment: text(fact, 'comment') }),
      origin: CATALOG,
    };
    switch (kind) {
      case 'check': {
        const expression = this.#expression(fact, 'expression');
        return { ...shared, kind, ...(expression === undefined ? {} : { expression }) };
      }
      case 'foreign-key':
        return { ...shared, ...period, kind, references: references(fact) };
      case 'not-null':
        return { ...shared, kind };
      case 'unique':
      case 'primary-key':
      case 'exclusion': {
        const index = optional(fact, 'index');
        return { ...shared, ...period, kind, ...(index === undefined ? {} : { index: text(fact, 'index') }) };
      }
      default:
        return assertNever(kind);
    }
  }

  #index(fact: CatalogFact): Index | undefined {
    const relationKey = this.#keys.get(integer(fact, 'relation'));
    if (relationKey === undefined) return undefined;
    const where = this.#expression(fact, 'where');
    const parentKey = this.#keys.get(integer(fact, 'parent'));
    const columns = Array.isArray(fact['columns']) ? fact['columns'] : [];
    const written = list(fact, 'definitions');
    const options = integers(fact, 'options');
    const classes = Array.isArray(fact['classes']) ? fact['classes'] : [];
    const collations = Array.isArray(fact['collations']) ? fact['collations'] : [];
    const keyCount = integer(fact, 'keycount');
    const isOrdered = text(fact, 'method') === 'btree';
    const parameters = (Array.isArray(fact['parameters']) ? fact['parameters'] : []).map((written: unknown) =>
      splitParameter(String(written)),
    );
    const elements = columns.slice(0, keyCount).map((column: unknown, place): IndexElement => {
      const option = options[place] ?? 0;
      const isDescending = isOrdered && (option & 1) !== 0;
      const isNullsFirst = isOrdered && (option & 2) !== 0;
      const operatorClass: unknown = classes[place];
      const collation: unknown = collations[place];
      return {
        ...(typeof column === 'string' ? { column } : { expression: this.#expressionOf(written[place] ?? '') }),
        ...(typeof collation === 'string' ? { collation } : {}),
        ...(typeof operatorClass === 'string' ? { operatorClass } : {}),
        // Nulls come first where the order is descending, last otherwise: only the other choice was written.
        ...(isDescending ? { descending: true } : {}),
        ...(isNullsFirst === isDescending ? {} : { nullsFirst: isNullsFirst }),
      };
    });
    return {
      schema: text(fact, 'schema'),
      name: text(fact, 'name'),
      relationKey,
      unique: flag(fact, 'unique'),
      primary: flag(fact, 'primary'),
      ...(optional(fact, 'constraint') === undefined ? {} : { constraint: text(fact, 'constraint') }),
      exclusion: flag(fact, 'exclusion'),
      valid: flag(fact, 'valid'),
      method: text(fact, 'method'),
      elements,
      include: columns.slice(keyCount).map(String),
      ...(where === undefined ? {} : { where }),
      nullsNotDistinct: flag(fact, 'nullsnotdistinct'),
      ...(parentKey === undefined ? {} : { parentKey }),
      isPartitioned: text(fact, 'kind') === 'I',
      ...(optional(fact, 'tablespace') === undefined ? {} : { tablespace: text(fact, 'tablespace') }),
      ...(parameters.length === 0 ? {} : { storageParameters: Object.fromEntries(parameters) }),
      ...(optional(fact, 'comment') === undefined ? {} : { comment: text(fact, 'comment') }),
      origin: CATALOG,
    };
  }

  #sequence(fact: CatalogFact): Sequence {
    const relationKey = this.#keys.get(integer(fact, 'owner'));
    return {
      schema: text(fact, 'schema'),
      name: text(fact, 'name'),
      identity: text(fact, 'dependency') === 'i',
      persistence: PERSISTENCE[text(fact, 'persistence')] ?? 'permanent',
      ...(relationKey === undefined ? {} : { ownedBy: { relationKey, column: text(fact, 'column') } }),
      dataType: text(fact, 'datatype'),
      origin: CATALOG,
    };
  }

  #type(fact: CatalogFact): UserType {
    const kind = flag(fact, 'defined') ? (TYPE_KINDS[text(fact, 'kind')] ?? 'base') : 'shell';
    const base = { kind, schema: text(fact, 'schema'), name: text(fact, 'name'), origin: CATALOG };
    if (kind === 'enum') return { ...base, labels: list(fact, 'labels') };
    if (kind === 'composite') {
      return {
        ...base,
        attributes: (this.#columns.get(integer(fact, 'relation')) ?? []).map((column) => ({
          name: text(column, 'name'),
          type: typeOf(column),
        })),
      };
    }
    if (kind !== 'domain') return base;
    const value = this.#expression(fact, 'default');
    const constraints = this.#facts.domainConstraints
      .filter((constraint) => integer(constraint, 'type') === integer(fact, 'oid'))
      .map((constraint) => this.#constraint(constraint));
    return {
      ...base,
      domain: {
        base: typeOf(fact, 'base'),
        notNull: flag(fact, 'notnull'),
        constraints,
        ...(value === undefined ? {} : { default: value }),
        ...(optional(fact, 'collation') === undefined ? {} : { collation: text(fact, 'collation') }),
      },
    };
  }

  #functions(): PersistentMap<FunctionObject> {
    const found = new Map<string, FunctionObject>();
    for (const fact of this.#facts.functions) {
      const key = objectKey(text(fact, 'schema'), text(fact, 'name'));
      const returns = fact['returns'];
      const argumentFacts = Array.isArray(fact['arguments']) ? fact['arguments'] : [];
      const overload = {
        // Both are objects that the query builds with the members that a column's type has.
        argumentTypes: argumentFacts.map((argument) => typeOf(argument as CatalogFact)),
        volatility: VOLATILITY[text(fact, 'volatility')] ?? 'volatile',
        procedure: text(fact, 'kind') === 'p',
        language: text(fact, 'language'),
        ...(returns === null || typeof returns !== 'object' ? {} : { returns: typeOf(returns as CatalogFact) }),
        returnsTrigger: flag(fact, 'returnstrigger'),
        origin: CATALOG,
        ...this.#body(fact),
      };
      found.set(key, {
        schema: text(fact, 'schema'),
        name: text(fact, 'name'),
        overloads: [...(found.get(key)?.overloads ?? []), overload],
      });
    }
    return PersistentMap.from(found);
  }

  /** What a function does when it is called, where its definition is SQL that can be read. */
  #body(fact: CatalogFact): { readonly body?: readonly Operation[] } {
    const definition = optional(fact, 'definition');
    const operation = definition === undefined ? undefined : this.#parse?.(definition).operations[0];
    return operation?.kind === 'create-function' ? { body: operation.body } : {};
  }

  #trigger(fact: CatalogFact): Trigger {
    const bits = integer(fact, 'type');
    return {
      name: text(fact, 'name'),
      timing: (bits & TRIGGER_BEFORE) !== 0 ? 'before' : (bits & TRIGGER_INSTEAD) !== 0 ? 'instead-of' : 'after',
      events: TRIGGER_EVENTS.filter(([bit]) => (bits & bit) !== 0).map(([, event]) => event),
      updateColumns: list(fact, 'columns'),
      forEachRow: (bits & TRIGGER_ROW) !== 0,
      function: text(fact, 'function'),
      enabled: text(fact, 'enabled') !== 'D',
      constraint: flag(fact, 'constraint'),
      ...(flag(fact, 'conditional') ? { conditional: true as const } : {}),
      sql: text(fact, 'definition'),
      origin: CATALOG,
    };
  }
}

/** A bound as pg_get_expr prints it: `FOR VALUES FROM (1) TO (10)`, `FOR VALUES IN ('a')`, `FOR VALUES WITH (...)`, `DEFAULT`. */
function boundOf(written: string, expressionOf: (text: string) => Expression): PartitionBound {
  const hash = /modulus (\d+), remainder (\d+)/i.exec(written);
  if (written === 'DEFAULT') return { kind: 'default' };
  if (hash !== null) return { kind: 'hash', modulus: Number(hash[1]), remainder: Number(hash[2]), text: written };
  const range = /^FOR VALUES FROM \((.*)\) TO \((.*)\)$/s.exec(written);
  const trees = (values: string): readonly Expression['tree'][] =>
    splitValues(values).map((value) => expressionOf(value).tree);
  if (range !== null) return { kind: 'range', from: trees(range[1] ?? ''), to: trees(range[2] ?? ''), text: written };
  return { kind: 'list', values: trees(/^FOR VALUES IN \((.*)\)$/s.exec(written)?.[1] ?? ''), text: written };
}

function references(fact: CatalogFact): ForeignKeyConstraint['references'] {
  const schema = text(fact, 'targetschema');
  const onDelete = REFERENTIAL_ACTIONS[text(fact, 'ondelete')];
  const onUpdate = REFERENTIAL_ACTIONS[text(fact, 'onupdate')];
  return {
    key: objectKey(schema, text(fact, 'target')),
    schema,
    name: text(fact, 'target'),
    columns: list(fact, 'targetcolumns'),
    ...(onDelete === undefined ? {} : { onDelete }),
    ...(onUpdate === undefined ? {} : { onUpdate }),
    ...(text(fact, 'match') === 'f' ? { match: 'full' } : {}),
  };
}

/** Parts between commas that stand outside quotes and parentheses. */
function splitValues(values: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let start = 0;
  for (let index = 0; index < values.length; index++) {
    const character = values[index];
    if (character === "'") isQuoted = !isQuoted;
    else if (!isQuoted && character === '(') depth++;
    else if (!isQuoted && character === ')') depth--;
    else if (!isQuoted && depth === 0 && character === ',') {
      parts.push(values.slice(start, index).trim());
      start = index + 1;
    }
  }
  parts.push(values.slice(start).trim());
  return parts.filter((part) => part !== '');
}
