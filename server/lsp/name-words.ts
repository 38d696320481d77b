import type { Engine, Target, TypeChange } from '../engines/engine.ts';
import { sizeWords } from '../analysis/estimate.ts';
import type { NamedThing } from '../analysis/name-at.ts';
import { childrenOf, dependantsOf, foreignKeysTo, indexesOf, partitionsOf } from '../model/lookup.ts';
import { displayName } from '../model/names.ts';
import type { Column, Constraint, Index, Relation, Schema } from '../model/schema.ts';
import { sizeOf } from '../model/size.ts';

/** Columns, constraints and indexes that a hover lists before it counts the rest. */
const MOST_LISTED = 24;
/** Characters of an expression that a hover shows. */
const MOST_EXPRESSION_LENGTH = 80;

/** What a type costs, or what a relation or an index is, as Markdown for a hover. */
export function describeName(thing: NamedThing, engine: Engine, schema: Schema, target: Target): string | undefined {
  switch (thing.kind) {
    case 'type':
      return describeType(thing, engine, schema, target);
    case 'relation':
      return describeRelation(thing.relation, thing.key, thing.schema, engine);
    case 'column':
      return describeColumn(thing, engine, target);
    case 'index':
      return `**index** \`${displayName(thing.index)}\` on \`${nameOfKey(thing.index.relationKey)}\`: ${indexWords(thing.index)}${originWords(thing.index.origin, thing.schema)}`;
  }
}

function describeType(
  { type, changes }: Extract<NamedThing, { kind: 'type' }>,
  engine: Engine,
  schema: Schema,
  target: Target,
): string | undefined {
  const facts = engine.typeFacts(type, schema, target);
  const lines = [`**type** \`${type.display}\`${facts === undefined ? '' : `: ${facts.storage}`}`];
  if (changes?.type !== undefined) {
    const old = engine.typeFacts(changes.type, schema, target);
    lines.push(
      `The column \`${changes.name}\` is \`${changes.type.display}\` now${old === undefined ? '' : ` (${old.storage})`}. ${changeWords(engine.typeChange(changes.type, type, schema, target), type.display)}`,
    );
  } else if (facts === undefined) return undefined;
  else if (facts.changes.length > 0)
    lines.push(
      ...[
        `Changing a column of it later:`,
        facts.changes
          .map((change) => `- to \`${change.to}\`: ${rewriteWords(change)}, because ${change.because}`)
          .join('\n'),
      ],
    );
  return lines.join('\n\n');
}

function describeColumn(
  { column, relation, key, schema }: Extract<NamedThing, { kind: 'column' }>,
  engine: Engine,
  target: Target,
): string {
  const facts = column.type === undefined ? undefined : engine.typeFacts(column.type, schema, target);
  const constraints = relation.constraints
    .filter(
      (constraint) =>
        constraint.columns.includes(column.name) && (constraint.kind !== 'not-null' || !constraint.validated),
    )
    .map(constraintWords);
  const indexes = indexesOf(schema, key)
    .filter(
      (index) => index.constraint === undefined && index.elements.some((element) => element.column === column.name),
    )
    .map((index) => `${index.unique ? 'UNIQUE ' : ''}INDEX ${displayName({ name: index.name })}: ${indexWords(index)}`);
  return [
    `**column** of \`${displayName(relation)}\`${originWords(column.origin, schema)}`,
    `\`\`\`sql\n${[columnWords(column, engine), ...constraints, ...indexes].join('\n')}\n\`\`\``,
    ...(facts === undefined ? [] : [`Room of a value: ${facts.storage}.`]),
  ].join('\n\n');
}

function changeWords(change: TypeChange, display: string): string {
  return `Changing it to \`${display}\` ${change.rewrite === true ? '**rewrites the table**' : change.rewrite === false ? 'does **not** rewrite the table' : 'may rewrite the table'}, because ${change.because}.`;
}

function rewriteWords(change: TypeChange): string {
  return change.rewrite === true
    ? '**rewrites the table**'
    : change.rewrite === false
      ? 'changes only the catalog'
      : 'may rewrite the table';
}

function describeRelation(relation: Relation, key: string, schema: Schema, engine: Engine): string {
  const fence = '```';
  const head = `**${relation.persistence === 'permanent' ? '' : `${relation.persistence} `}${relation.kind.replaceAll('-', ' ')}** \`${displayName(relation)}\`${originWords(relation.origin, schema)}`;
  const size = sizeSentence(key, schema);
  const facts = relationFacts(relation, key, schema);
  const columns = relation.columns.map((column) => columnWords(column, engine));
  const constraints = relation.constraints
    .filter((constraint) => constraint.kind !== 'not-null' || !constraint.validated)
    .map(constraintWords);
  const indexes = indexesOf(schema, key)
    .filter((index) => index.constraint === undefined)
    .map((index) => `${index.unique ? 'UNIQUE ' : ''}INDEX ${displayName({ name: index.name })}: ${indexWords(index)}`);
  return [
    head,
    ...(size === undefined ? [] : [size]),
    `${fence}sql\n${[...listed(columns, 'column'), ...(relation.columnsKnown ? [] : ['-- and columns that no migration names']), ...listed(constraints, 'constraint'), ...listed(indexes, 'index')].join('\n')}\n${fence}`,
    ...(facts.length === 0 ? [] : [facts.map((fact) => `- ${fact}`).join('\n')]),
  ].join('\n\n');
}

function listed(lines: readonly string[], noun: string): readonly string[] {
  const rest = lines.length - MOST_LISTED;
  return rest <= 0
    ? lines
    : [
        ...lines.slice(0, MOST_LISTED),
        `-- and ${rest} more ${rest === 1 ? noun : noun === 'index' ? 'indexes' : `${noun}s`}`,
      ];
}

function columnWords(column: Column, engine: Engine): string {
  const parts = [
    engine.quoteName(column.name),
    column.type?.display ?? '',
    ...(column.collation === undefined ? [] : [`COLLATE ${engine.quoteName(column.collation)}`]),
    ...(column.notNull ? ['NOT NULL'] : []),
    ...(column.default === undefined ? [] : [`DEFAULT ${shortened(column.default.text)}`]),
    ...(column.identity === undefined
      ? []
      : [`GENERATED ${column.identity === 'always' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY`]),
    ...(column.generated === undefined
      ? []
      : [
          `GENERATED ALWAYS AS (${shortened(column.generated.expression.text)}) ${column.generated.stored ? 'STORED' : 'VIRTUAL'}`,
        ]),
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function constraintWords(constraint: Constraint): string {
  const columns = `(${constraint.columns.join(', ')})`;
  const state = [
    ...(constraint.validated ? [] : [' NOT VALID']),
    ...(constraint.enforced ? [] : [' NOT ENFORCED']),
  ].join('');
  const name = constraint.name === '' ? '' : `${displayName({ name: constraint.name })}: `;
  switch (constraint.kind) {
    case 'primary-key':
      return `${name}PRIMARY KEY ${columns}${state}`;
    case 'unique':
      return `${name}UNIQUE ${columns}${state}`;
    case 'foreign-key': {
      const { references } = constraint;
      return `${name}FOREIGN KEY ${columns} REFERENCES ${references === undefined ? '' : displayName(references)}${references === undefined || references.columns.length === 0 ? '' : ` (${references.columns.join(', ')})`}${references?.onDelete === undefined ? '' : ` ON DELETE ${references.onDelete.toUpperCase()}`}${state}`;
    }
    case 'check':
      return `${name}CHECK (${shortened(constraint.expression?.text ?? constraint.columns.join(', '))})${state}`;
    case 'exclusion':
      return `${name}EXCLUDE ${columns}${state}`;
    case 'not-null':
      return `${name}NOT NULL ${columns}${state}`;
  }
}

function indexWords(index: Index): string {
  const elements = index.elements
    .map((element) => element.column ?? `(${shortened(element.expression?.text ?? '')})`)
    .join(', ');
  const include = index.include.length === 0 ? '' : ` INCLUDE (${index.include.join(', ')})`;
  return `${index.method === '' ? '' : `${index.method} `}(${elements})${include}${index.where === undefined ? '' : ` WHERE ${shortened(index.where.text)}`}${index.valid ? '' : ' INVALID'}`;
}

function relationFacts(relation: Relation, key: string, schema: Schema): readonly string[] {
  const partitions = partitionsOf(schema, key);
  const children = childrenOf(schema, key).filter((child) => child.relation.partitionOf?.parentKey !== key);
  const referencing = [...new Set(foreignKeysTo(schema, key).map((each) => displayName(each.relation)))];
  const views = dependantsOf(schema, key).map((each) => displayName(each.relation));
  const names = (list: readonly string[]): string =>
    `${list
      .slice(0, MOST_LISTED)
      .map((name) => `\`${name}\``)
      .join(', ')}${list.length > MOST_LISTED ? `, and ${list.length - MOST_LISTED} more` : ''}`;
  return [
    ...(relation.partitionOf === undefined ? [] : [`partition of \`${nameOfKey(relation.partitionOf.parentKey)}\``]),
    ...(partitions.length === 0
      ? []
      : [`${partitions.length} ${partitions.length === 1 ? 'partition' : 'partitions'}`]),
    ...(children.length === 0 ? [] : [`inherited by ${names(children.map((child) => displayName(child.relation)))}`]),
    ...(referencing.length === 0 ? [] : [`referenced by ${names(referencing)}`]),
    ...(views.length === 0 ? [] : [`read by ${names(views)}`]),
    ...(relation.triggers.length === 0 ? [] : [`triggers: ${names(relation.triggers.map((trigger) => trigger.name))}`]),
    ...(relation.rowSecurity ? ['row security is on'] : []),
  ];
}

/** Rows and bytes as the connected database estimates them; undefined where nothing is connected. */
function sizeSentence(key: string, schema: Schema): string | undefined {
  const size = sizeOf(schema, key);
  return size === undefined ? undefined : `${sizeWords(size, 'full').replace(/^about/, 'About')}.`;
}

function originWords(origin: { readonly migration?: string; readonly fileIndex: number }, schema: Schema): string {
  if (origin.migration !== undefined) return `, made by ${origin.migration}`;
  if (origin.fileIndex >= 0) return '';
  return schema.isComplete ? ', as the connected database has it' : ', which no migration here made';
}

function nameOfKey(key: string): string {
  const [schema, name] = key.split('\u0000');
  return displayName({ schema, name: name ?? key });
}

function shortened(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').replaceAll('```', '');
  return flat.length > MOST_EXPRESSION_LENGTH ? `${flat.slice(0, MOST_EXPRESSION_LENGTH)}…` : flat;
}
