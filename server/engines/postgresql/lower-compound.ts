import type { ObjectName } from '../../model/names.ts';
import type { CreateRule, Operation } from '../../model/operation.ts';
import { analyseStatement, analyseStatements } from './body.ts';
import { relationName } from './lower-expression.ts';
import { type NodeOf, roleName } from './nodes.ts';
import { locate } from './object-kinds.ts';
import { directRegion } from './region.ts';
import type { Source } from './source.ts';

const EVENTS: Readonly<Record<string, string>> = {
  CMD_SELECT: 'select',
  CMD_INSERT: 'insert',
  CMD_UPDATE: 'update',
  CMD_DELETE: 'delete',
};

/** CREATE RULE with the statements that it adds. */
export function lowerRule(source: Source, rule: NodeOf<'RuleStmt'>): CreateRule {
  const relation: ObjectName =
    rule.relation === undefined ? { name: '', span: source.span } : relationName(source, rule.relation);
  const end = source.tokens.length;
  const doing = source.findWord(source.indexAt(relation.span.end), end, 'do');
  let from = source.skip(doing + 1, 'also', 'instead');
  let to = end;
  if (source.isSymbol(from, '(')) {
    to = source.closing(from);
    from++;
  }
  const span = source.spanOf(from, to);
  const hasActions = (rule.actions ?? []).length > 0;
  return {
    kind: 'create-rule',
    span: source.span,
    name: rule.rulename ?? '',
    relation,
    orReplace: rule.replace === true,
    event: EVENTS[rule.event ?? ''] ?? 'select',
    instead: rule.instead === true && rule.whereClause === undefined,
    ...(rule.whereClause === undefined ? {} : { condition: conditionOf(source, relation.span.end, doing) }),
    body: hasActions ? analyseStatements(source, directRegion(source.text, span.start, span.end)) : [],
    sql: source.text.slice(source.span.start, source.span.end),
  };
}

function conditionOf(source: Source, from: number, doing: number): readonly Operation[] {
  const where = source.findWord(source.indexAt(from), doing, 'where');
  const span = source.spanOf(where + 1, doing);
  const { text, at } = directRegion(source.text, span.start, span.end);
  const prefix = 'SELECT ';
  return analyseStatement(source, {
    text: prefix + text,
    at: (offset) => at(Math.max(0, offset - prefix.length)),
  });
}

/** CREATE SCHEMA and the objects that it makes in the new schema. */
export function lowerSchema(source: Source, schema: NodeOf<'CreateSchemaStmt'>): readonly Operation[] {
  const name = schema.schemaname ?? roleName(schema.authrole);
  const create: Operation = {
    kind: 'create-schema',
    span: source.span,
    name,
    ifNotExists: schema.if_not_exists === true,
  };
  const elements = schema.schemaElts ?? [];
  if (elements.length === 0) return [create];
  // Elements follow each other without semicolons: each begins with its own CREATE or GRANT outside parentheses.
  const starts: number[] = [];
  for (
    let index = source.findWord(locate(source, [name], 1).next, source.tokens.length, 'create', 'grant');
    index < source.tokens.length;
    index = source.findWord(index + 1, source.tokens.length, 'create', 'grant')
  )
    starts.push(index);
  if (starts.length !== elements.length)
    return [
      create,
      { kind: 'opaque', span: source.span, reason: 'the elements of CREATE SCHEMA could not be told apart' },
    ];
  const operations = starts.flatMap((start, index) => {
    const span = source.spanOf(start, starts[index + 1] ?? source.tokens.length);
    return analyseStatements(source, directRegion(source.text, span.start, span.end));
  });
  const made = new Set(
    operations.flatMap((operation) =>
      'relation' in operation &&
      operation.kind.startsWith('create-') &&
      operation.relation !== undefined &&
      'name' in operation.relation
        ? [operation.relation.name]
        : [],
    ),
  );
  return [
    create,
    ...operations
      .map((operation) => inSchema(operation, name, made))
      .sort((left, right) => placeOf(left) - placeOf(right)),
  ];
}

/** Kinds of elements in the order in which the server makes them. Source: PostgreSQL manual, "CREATE SCHEMA", compatibility. */
const ELEMENTS: readonly Operation['kind'][] = [
  'create-sequence',
  'create-table',
  'create-view',
  'create-index',
  'create-trigger',
];

/** The server makes the elements by their kind, in whatever order they are written. */
function placeOf({ kind }: Operation): number {
  const place = ELEMENTS.indexOf(kind);
  return place < 0 ? ELEMENTS.length : place;
}

/** Members that hold the name of a relation, or several. */
const RELATION_MEMBERS = new Set(['relation', 'parent', 'inherits']);

/** Unqualified names of what the elements make lie in the new schema, which is the first of the search path meanwhile. */
function inSchema<Value>(value: Value, schema: string, made: ReadonlySet<string>, member = ''): Value {
  if (value === null || typeof value !== 'object') return value;
  // The copies have the same members and, but for schemas of names, the same values.
  if (Array.isArray(value)) return value.map((item) => inSchema(item, schema, made, member)) as Value;
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, inSchema(inner, schema, made, key)]),
  );
  const isName =
    RELATION_MEMBERS.has(member) &&
    typeof copy['name'] === 'string' &&
    copy['schema'] === undefined &&
    made.has(copy['name']);
  return (isName ? { ...copy, schema } : copy) as Value;
}
