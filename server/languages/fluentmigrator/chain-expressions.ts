import type { Span } from '../../core/span.ts';
import type { Value } from '../csharp/call.ts';
import type { Cell, Link } from './chain.ts';
import { ColumnChain, setRule } from './column-chain.ts';
import type { Column, Expression, ForeignKey, IndexColumn, TableName } from './expression.ts';
import { Expressions } from './expressions.ts';
import type { FluentStep } from './migration-class.ts';

type ChainStep = Extract<FluentStep, { readonly kind: 'chain' }>;
/** What a chain is after its first link: `Create.Table`. */
type Builder = (links: readonly Link[], into: Expressions) => void;

/** The expressions of a chain, in the order in which FluentMigrator adds them. */
export function expressionsOf(step: ChainStep): readonly Expression[] {
  const [first, ...others] = step.links;
  const made: Span = { start: step.span.start, end: first?.nameSpan.end ?? step.span.end };
  const into = new Expressions(step, made);
  const name = `${step.root}.${first?.name ?? ''}`;
  const build = BUILDERS[name];
  if (first === undefined || build === undefined || first.arguments === undefined)
    into.unknown(
      first === undefined ? `what is done with ${step.root} here is not known` : `what ${name} does is not known`,
      step.span,
    );
  else build([first, ...others], into);
  return into.all;
}

function given(link: Link | undefined, index = 0): Value | undefined {
  return link?.arguments?.[index]?.value;
}

/** The arguments of a link that takes names one by one or as an array. */
function listOf(link: Link | undefined): readonly (Value | undefined)[] {
  return (link?.arguments ?? []).flatMap(({ value }) => (value.kind === 'list' ? value.items : [value]));
}

const BUILDERS: Readonly<Record<string, Builder>> = {
  'Create.Table': createTable,
  'Alter.Table': alterTable,
  'Create.Column': (links, into) => oneColumn(links, into, true),
  'Alter.Column': (links, into) => oneColumn(links, into, false),
  'Create.Index': createIndex,
  'Create.ForeignKey': (links, into) => foreignKey(links, into, 'create-foreign-key'),
  'Create.PrimaryKey': (links, into) => constraint(links, into, 'create-constraint', 'PRIMARY KEY'),
  'Create.UniqueConstraint': (links, into) => constraint(links, into, 'create-constraint', 'UNIQUE'),
  'Create.Schema': ([first, ...others], into) => {
    into.add({ kind: 'create-schema', name: given(first) });
    for (const link of others) into.untold(link);
  },
  'Create.Sequence': createSequence,
  'Delete.Table': deleteTable,
  'Delete.Column': deleteColumns,
  'Delete.Index': deleteIndex,
  'Delete.ForeignKey': (links, into) => foreignKey(links, into, 'delete-foreign-key'),
  'Delete.PrimaryKey': (links, into) => constraint(links, into, 'delete-constraint', 'PRIMARY KEY'),
  'Delete.UniqueConstraint': (links, into) => constraint(links, into, 'delete-constraint', 'UNIQUE'),
  'Delete.DefaultConstraint': deleteDefault,
  'Delete.Schema': ([first], into) => into.add({ kind: 'delete-schema', name: given(first) }),
  'Delete.Sequence': ([first, ...others], into) =>
    into.add({
      kind: 'delete-sequence',
      name: given(first),
      schema: given(others.find(({ name }) => name === 'InSchema')),
      options: new Map(),
    }),
  'Delete.FromTable': deleteRows,
  'Rename.Table': renameTable,
  'Rename.Column': renameColumn,
  'Insert.IntoTable': insertRows,
  'Update.Table': updateRows,
  'Execute.Sql': executeSql,
  'Execute.Script': (links, into) => elsewhere(links, into, 'the SQL of'),
  'Execute.EmbeddedScript': (links, into) => elsewhere(links, into, 'the SQL of the resource'),
  'Execute.WithConnection': ([first], into) =>
    into.unknown(
      'what this code does with the connection is known when it runs',
      first?.nameSpan ?? { start: 0, end: 0 },
    ),
};

/** A link that names the schema; the others go on. */
function schemaOf(link: Link): Value | undefined {
  return /^(?:InSchema|WithSchema)$/.test(link.name) ? given(link) : undefined;
}

function createTable([first, ...links]: readonly Link[], into: Expressions): void {
  const columns: Column[] = [];
  const description = given(links.find(({ name }) => name === 'WithDescription'));
  const schema = given(links.find(({ name }) => name === 'InSchema'));
  const table = (): TableName => ({ schema, table: given(first) });
  // What a column adds beside the table, such as its index, comes after the table.
  const chain = new ColumnChain(into, table, true);
  into.add({
    kind: 'create-table',
    ...table(),
    columns,
    ...(description === undefined ? {} : { description }),
  });
  for (const link of links) {
    if (/^(?:InSchema|WithDescription)$/.test(link.name)) continue;
    if (link.name === 'WithColumn') columns.push(chain.begin({ name: given(link), isNew: true }));
    else chain.take(link);
  }
}

function alterTable([first, ...links]: readonly Link[], into: Expressions): void {
  const schema = given(links.find(({ name }) => name === 'InSchema'));
  const table = (): TableName => ({ schema, table: given(first) });
  const chain = new ColumnChain(into, table, false);
  for (const link of links) {
    switch (link.name) {
      case 'InSchema':
        break;
      case 'ToSchema':
        into.add({ kind: 'move-table', ...table(), newSchema: given(link) });
        break;
      case 'WithDescription':
        into.add({ kind: 'describe-table', ...table(), description: given(link) });
        break;
      case 'AddColumn':
        into.add(
          { kind: 'create-column', ...table(), column: chain.begin({ name: given(link), isNew: true }) },
          link.nameSpan,
        );
        break;
      case 'AlterColumn':
        into.add(
          { kind: 'alter-column', ...table(), column: chain.begin({ name: given(link), isNew: false }) },
          link.nameSpan,
        );
        break;
      default:
        chain.take(link);
    }
  }
}

function oneColumn([first, ...links]: readonly Link[], into: Expressions, isNew: boolean): void {
  const named = {
    schema: given(links.find(({ name }) => name === 'InSchema')),
    table: given(links.find(({ name }) => name === 'OnTable')),
  };
  const chain = new ColumnChain(into, () => named, false);
  const column = chain.begin({ name: given(first), isNew });
  into.add({ kind: isNew ? 'create-column' : 'alter-column', ...named, column });
  for (const link of links) if (!/^(?:OnTable|InSchema)$/.test(link.name)) chain.take(link);
}

function createIndex([first, ...links]: readonly Link[], into: Expressions): void {
  const columns: IndexColumn[] = [];
  const included: (Value | undefined)[] = [];
  let schema: Value | undefined;
  let table: Value | undefined;
  let filter: Value | undefined;
  let method: string | undefined;
  let isUnique = false;
  let isConcurrent = false;
  let isOnly = false;
  const untold: Link[] = [];
  for (const link of links) {
    const value = given(link);
    const last = columns.at(-1);
    switch (link.name) {
      case 'OnTable':
        table = value;
        break;
      case 'InSchema':
        schema = value;
        break;
      case 'OnColumn':
        columns.push({ name: value });
        break;
      case 'Ascending':
        break;
      case 'Descending':
        if (last !== undefined) last.isDescending = true;
        break;
      case 'NullsFirst':
      case 'NullsLast':
        if (last !== undefined) last.nulls = link.name === 'NullsFirst' ? 'FIRST' : 'LAST';
        break;
      case 'Unique':
        isUnique = true;
        break;
      case 'WithOptions':
      case 'NonClustered':
      case 'Clustered':
      case 'UsingBTree':
        break;
      case 'UsingHash':
      case 'UsingGist':
      case 'UsingSpgist':
      case 'UsingGin':
      case 'UsingBrin':
        method = link.name.slice('Using'.length).toUpperCase();
        break;
      case 'AsConcurrently':
        isConcurrent = !(value?.kind === 'boolean' && !value.value);
        break;
      case 'AsOnly':
        isOnly = !(value?.kind === 'boolean' && !value.value);
        break;
      case 'Include':
        included.push(...listOf(link));
        break;
      case 'Filter':
        filter = value;
        break;
      default:
        untold.push(link);
    }
  }
  into.add({
    kind: 'create-index',
    schema,
    table,
    name: given(first),
    columns,
    isUnique,
    isConcurrent,
    isOnly,
    ...(method === undefined ? {} : { method }),
    included,
    ...(filter === undefined ? {} : { filter }),
  });
  for (const link of untold) into.untold(link);
}

function deleteIndex([first, ...links]: readonly Link[], into: Expressions): void {
  const find = (wanted: string): Link | undefined => links.find(({ name }) => name === wanted);
  into.add({
    kind: 'delete-index',
    name: given(first),
    table: given(find('OnTable')),
    schema: given(find('InSchema')),
    columns: links.filter(({ name }) => /^OnColumns?$/.test(name)).flatMap(listOf),
    isConcurrent: find('AsConcurrently') !== undefined,
  });
  for (const link of links)
    if (!/^(?:OnTable|InSchema|OnColumns?|WithOptions|AsConcurrently)$/.test(link.name)) into.untold(link);
}

function foreignKey(
  [first, ...links]: readonly Link[],
  into: Expressions,
  kind: 'create-foreign-key' | 'delete-foreign-key',
): void {
  const key: ForeignKey = {
    name: given(first),
    from: { schema: undefined, table: undefined },
    columns: [],
    to: { schema: undefined, table: undefined },
    principalColumns: [],
  };
  const untold: Link[] = [];
  let isPrincipal = false;
  for (const link of links) {
    switch (link.name) {
      case 'FromTable':
      case 'OnTable':
        key.from = { ...key.from, table: given(link) };
        break;
      case 'ToTable':
        key.to = { ...key.to, table: given(link) };
        isPrincipal = true;
        break;
      case 'InSchema':
        if (isPrincipal) key.to = { ...key.to, schema: given(link) };
        else key.from = { ...key.from, schema: given(link) };
        break;
      case 'ForeignColumn':
      case 'ForeignColumns':
        key.columns = [...key.columns, ...listOf(link)];
        break;
      case 'PrimaryColumn':
      case 'PrimaryColumns':
        key.principalColumns = [...key.principalColumns, ...listOf(link)];
        break;
      default:
        if (!/^On(?:Delete|Update|DeleteOrUpdate)$/.test(link.name) || !setRule(key, link, given(link)))
          untold.push(link);
    }
  }
  if (kind === 'create-foreign-key') into.add({ kind, key, isInline: false });
  else into.add({ kind, key });
  for (const link of untold) into.untold(link);
}

function constraint(
  [first, ...links]: readonly Link[],
  into: Expressions,
  kind: 'create-constraint' | 'delete-constraint',
  type: 'PRIMARY KEY' | 'UNIQUE',
): void {
  const find = (pattern: RegExp): Link | undefined => links.find(({ name }) => pattern.test(name));
  into.add({
    kind,
    constraint: type,
    name: given(first),
    table: given(find(/^(?:OnTable|FromTable)$/)),
    schema: given(find(/^(?:InSchema|WithSchema)$/)),
    columns: links.filter(({ name }) => /^Columns?$/.test(name)).flatMap(listOf),
  });
  for (const link of links)
    if (!/^(?:OnTable|FromTable|InSchema|WithSchema|Columns?|Clustered|NonClustered)$/.test(link.name))
      into.untold(link);
}

function createSequence([first, ...links]: readonly Link[], into: Expressions): void {
  into.add({
    kind: 'create-sequence',
    name: given(first),
    schema: given(links.find(({ name }) => name === 'InSchema')),
    options: new Map(links.filter(({ name }) => SEQUENCE.test(name)).map((link) => [link.name, given(link)])),
  });
  for (const link of links) if (link.name !== 'InSchema' && !SEQUENCE.test(link.name)) into.untold(link);
}

const SEQUENCE = /^(?:IncrementBy|MinValue|MaxValue|StartWith|Cache|Cycle)$/;

function deleteTable([first, ...links]: readonly Link[], into: Expressions): void {
  into.add({
    kind: 'delete-table',
    table: given(first),
    schema: given(links.find(({ name }) => name === 'InSchema')),
    ifExists: links.some(({ name }) => name === 'IfExists'),
  });
  for (const link of links) if (!/^(?:InSchema|IfExists)$/.test(link.name)) into.untold(link);
}

function deleteColumns(links: readonly Link[], into: Expressions): void {
  const find = (wanted: string): Link | undefined => links.find(({ name }) => name === wanted);
  into.add({
    kind: 'delete-columns',
    table: given(find('FromTable')),
    schema: given(find('InSchema')),
    columns: links.filter(({ name }) => name === 'Column').map((link) => given(link)),
  });
  for (const link of links) if (!/^(?:Column|FromTable|InSchema)$/.test(link.name)) into.untold(link);
}

function deleteDefault([, ...links]: readonly Link[], into: Expressions): void {
  const find = (wanted: string): Link | undefined => links.find(({ name }) => name === wanted);
  into.add({
    kind: 'delete-default',
    table: given(find('OnTable')),
    schema: given(find('InSchema')),
    column: given(find('OnColumn')),
  });
  for (const link of links) if (!/^(?:OnTable|InSchema|OnColumn)$/.test(link.name)) into.untold(link);
}

function renameTable([first, ...links]: readonly Link[], into: Expressions): void {
  into.add({
    kind: 'rename-table',
    table: given(first),
    schema: given(links.find((link) => schemaOf(link) !== undefined)),
    newName: given(links.find(({ name }) => name === 'To')),
  });
  for (const link of links) if (!/^(?:InSchema|To)$/.test(link.name)) into.untold(link);
}

function renameColumn([first, ...links]: readonly Link[], into: Expressions): void {
  const find = (wanted: string): Link | undefined => links.find(({ name }) => name === wanted);
  into.add({
    kind: 'rename-column',
    name: given(first),
    table: given(find('OnTable')),
    schema: given(find('InSchema')),
    newName: given(find('To')),
  });
  for (const link of links) if (!/^(?:OnTable|InSchema|To)$/.test(link.name)) into.untold(link);
}

function insertRows([first, ...links]: readonly Link[], into: Expressions): void {
  into.add({
    kind: 'insert',
    table: given(first),
    schema: given(links.find(({ name }) => name === 'InSchema')),
    rows: links.filter(({ name }) => name === 'Row').map(({ rows }) => rows[0]),
  });
  for (const link of links) if (!/^(?:InSchema|Row|WithIdentityInsert)$/.test(link.name)) into.untold(link);
}

function updateRows([first, ...links]: readonly Link[], into: Expressions): void {
  const cells = (wanted: string): readonly Cell[] | undefined => links.find(({ name }) => name === wanted)?.rows[0];
  into.add({
    kind: 'update',
    table: given(first),
    schema: given(links.find(({ name }) => name === 'InSchema')),
    set: cells('Set'),
    where: links.some(({ name }) => name === 'AllRows') ? 'all' : cells('Where'),
  });
  for (const link of links) if (!/^(?:InSchema|Set|Where|AllRows)$/.test(link.name)) into.untold(link);
}

function deleteRows([first, ...links]: readonly Link[], into: Expressions): void {
  const rows = links.flatMap((link): readonly (readonly Cell[] | undefined)[] => {
    if (link.name === 'Row') return [link.rows[0]];
    const value = given(link);
    if (link.name !== 'IsNull' || value?.kind !== 'text') return [];
    return [[{ name: value.text.text, span: value.span, value: { kind: 'null', span: value.span } }]];
  });
  into.add({
    kind: 'delete-rows',
    table: given(first),
    schema: given(links.find(({ name }) => name === 'InSchema')),
    rows: links.some(({ name }) => name === 'AllRows') ? 'all' : rows,
  });
  for (const link of links) if (!/^(?:InSchema|Row|IsNull|AllRows)$/.test(link.name)) into.untold(link);
}

function executeSql([first, ...links]: readonly Link[], into: Expressions): void {
  const sql = given(first);
  const others = first?.arguments?.slice(1).map(({ value }) => value) ?? [];
  if (sql === undefined) return;
  // A second text only says what it is for.
  if (others.some(({ kind }) => kind !== 'text')) into.unknown('values are put into this SQL when it runs', sql.span);
  else into.add({ kind: 'sql', sql });
  for (const link of links) into.untold(link);
}

function elsewhere([first]: readonly Link[], into: Expressions, what: string): void {
  const name = given(first);
  into.unknown(
    name?.kind === 'text' && name.text.holes.length === 0
      ? `${what} ${name.text.text} is not read`
      : 'which SQL this runs is only known when the program runs',
    name?.span ?? first?.nameSpan ?? { start: 0, end: 0 },
  );
}
