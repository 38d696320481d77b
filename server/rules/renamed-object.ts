import type { ObjectName } from '../model/names.ts';
import { findFunction, findRelation, findSequence, findType } from '../model/lookup.ts';
import type { Operation } from '../model/operation.ts';
import type { Rule, RuleContext, RuleFinding, RuleStatement } from './rule.ts';
import { actionsOf, isContractStep, subjectOf } from './facts/subject.ts';

const TABLE =
  "CREATE SCHEMA archive;\nCREATE TYPE mood AS ENUM ('ok', 'bad');\nCREATE TABLE users (id bigint PRIMARY KEY, mood mood);\nCREATE FUNCTION total() RETURNS int LANGUAGE sql AS 'SELECT 1';";

/** What names are given to, besides tables and columns: schemas, types and their parts, enum values, functions, sequences. */
export const renamedObject: Rule = {
  code: 'renamed-object',
  aliases: ['rename-schema', 'rename-enum-value', 'set-schema'],
  title: 'A schema, type, enum value, function or sequence gets another name while running code uses the old one',
  severity: 'error',
  dialects: ['postgresql'],
  why:
    'The new name counts for everyone at once, and every query of the running version that uses the old one fails. ' +
    'A renamed enum value is stored in no row under its old name any more, so that the running version can neither write nor recognise it. ' +
    'Offer the new name beside the old one first (a new value, a wrapping function, a view in the old schema), deploy a version that uses it, and take the old one away as the contract step of the change.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-altertype.html',
    'https://www.postgresql.org/docs/current/sql-alterschema.html',
    'https://www.postgresql.org/docs/current/sql-altertable.html',
  ],
  bad: [
    {
      title: 'A sequence moves to another schema',
      dialect: 'postgresql',
      before: ['CREATE SCHEMA app;\nCREATE SEQUENCE tickets;'],
      sql: 'ALTER SEQUENCE tickets <|SET SCHEMA app|>;',
    },
    {
      title: 'An enum value',
      dialect: 'postgresql',
      before: [TABLE],
      sql: "<|ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'|>;",
      steps: [
        "Add 'fine' to mood",
        'Keep a way back for users.mood',
        'Fill users.mood in old rows',
        "Keep 'ok' out of users.mood",
        'Check old rows against users_mood_not_ok',
      ],
    },
    { title: 'A schema', dialect: 'postgresql', before: [TABLE], sql: '<|ALTER SCHEMA archive RENAME TO history|>;' },
    {
      title: 'A table moves',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users <|SET SCHEMA archive|>;',
    },
    {
      title: 'A function',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '<|ALTER FUNCTION total() RENAME TO sum_up|>;',
    },
    { title: 'A type', dialect: 'postgresql', before: [TABLE], sql: '<|ALTER TYPE mood RENAME TO feeling|>;' },
    {
      title: 'A part of a composite type',
      dialect: 'postgresql',
      before: ['CREATE TYPE address AS (street text, city text);'],
      sql: '<|ALTER TYPE address RENAME ATTRIBUTE city TO town|>;',
    },
    {
      title: 'A sequence that code calls by its name',
      dialect: 'postgresql',
      before: ['CREATE SEQUENCE invoice_numbers;'],
      sql: 'ALTER SEQUENCE invoice_numbers <|RENAME TO bill_numbers|>;',
    },
  ],
  good: [
    {
      title: 'A sequence of a column moves',
      dialect: 'postgresql',
      before: ['CREATE SCHEMA app;\nCREATE TABLE users (id bigserial PRIMARY KEY);'],
      sql: 'ALTER SEQUENCE users_id_seq SET SCHEMA app;',
    },
    {
      title: 'A type of the same migration',
      dialect: 'postgresql',
      sql: "CREATE TYPE mood AS ENUM ('ok');\nALTER TYPE mood RENAME VALUE 'ok' TO 'fine';\nALTER TYPE mood RENAME TO feeling;",
    },
    {
      title: 'A view in the old place',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users SET SCHEMA archive;\nCREATE VIEW users AS SELECT * FROM archive.users;',
    },
    {
      title: 'A type that another takes the name of',
      dialect: 'postgresql',
      before: [TABLE],
      sql: "CREATE TYPE mood_new AS ENUM ('ok', 'fine');\nALTER TYPE mood RENAME TO mood_old;\nALTER TYPE mood_new RENAME TO mood;",
    },
    {
      title: 'An index, which no query names',
      dialect: 'postgresql',
      before: [`${TABLE}\nCREATE INDEX users_mood ON users (mood);`],
      sql: 'ALTER INDEX users_mood RENAME TO users_by_mood;',
    },
    {
      title: 'The sequence of a column, which follows',
      dialect: 'postgresql',
      before: [
        'CREATE TABLE bills (id bigserial PRIMARY KEY);\nCREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);',
      ],
      sql: 'ALTER SEQUENCE bills_id_seq RENAME TO bill_ids;\nALTER SEQUENCE notes_id_seq RENAME TO note_ids;',
    },
    { title: 'A new value', dialect: 'postgresql', before: [TABLE], sql: "ALTER TYPE mood ADD VALUE 'fine';" },
  ],
  on: ['set-table-schema', 'rename-table', 'alter-type-definition', 'rename-object', 'set-object-schema'],
  *check(context, statements) {
    if (isContractStep(context)) return;
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const { operation, action } of actionsOf(statement, 'set-table-schema')) {
        const subject = subjectOf(context, statement, operation.relation);
        if (
          !subject.isInUse ||
          operation.head === 'index' ||
          (operation.head === 'sequence' && isOwnedOrNew(context, statement, operation.relation)) ||
          isOffered(context, statement, operation.relation.name)
        )
          continue;
        yield {
          statement,
          span: operation.span,
          relation: subject.place,
          operation,
          message:
            operation.head === 'sequence'
              ? `Moving the sequence ${operation.relation.name} to the schema ${action.schema} breaks every query of the running version that calls it by its old schema, or finds it by a search path without ${action.schema}; defaults of columns follow.`
              : `Moving ${subject.shown} to the schema ${action.schema} breaks every query of the running version that names its old schema, or finds it by a search path without ${action.schema}: leave a view in the old place.`,
        };
      }
      for (const { operation, action } of actionsOf(statement, 'rename-table')) {
        if (operation.head !== 'sequence' || isOffered(context, statement, operation.relation.name)) continue;
        if (isOwnedOrNew(context, statement, operation.relation)) continue;
        yield {
          statement,
          span: operation.span,
          operation,
          message: `Renaming the sequence ${operation.relation.name} to ${action.newName} breaks every query of the running version that calls it by the old name; defaults of columns follow.`,
        };
      }
      for (const operation of statement.body.operations) yield* objectFinding(context, statement, operation);
    }
  },
  fixes({ operation, statement }) {
    if (
      operation?.kind !== 'alter-type-definition' ||
      operation.action.kind !== 'rename-value' ||
      statement.direction === 'down'
    )
      return [];
    return [
      {
        kind: 'change',
        title: 'Split into expand and contract',
        safety: 'review',
        request: { recipe: 'rename-enum-value', operation },
      },
    ];
  },
};

/** A column's default follows its sequence. */
function isOwnedOrNew(context: RuleContext, statement: RuleStatement, name: ObjectName): boolean {
  const sequence = findSequence(statement.before, name);
  return sequence !== undefined && (sequence.ownedBy !== undefined || context.isNewOrigin(sequence.origin));
}

function* objectFinding(
  context: RuleContext,
  statement: RuleStatement,
  operation: Operation,
): IterableIterator<RuleFinding> {
  if (operation.kind === 'alter-type-definition' && operation.action.kind === 'rename-value') {
    const type = findType(statement.before, operation.name);
    if (type !== undefined && context.isNewOrigin(type.origin)) return;
    yield {
      statement,
      span: operation.span,
      operation,
      message: `The running version goes on writing and expecting "${operation.action.value}", which is "${operation.action.newValue}" from this moment on: its queries fail. Add "${operation.action.newValue}" as a new value, move the rows, and stop using the old one.`,
    };
    return;
  }
  if (
    operation.kind === 'alter-type-definition' &&
    operation.action.kind === 'alter-attribute' &&
    operation.action.type === undefined
  ) {
    if (isNewFact(context, findType(statement.before, operation.name)?.origin)) return;
    yield {
      statement,
      span: operation.span,
      operation,
      message: `Renaming "${operation.action.attribute}" of the type ${operation.name.name} breaks every query of the running version that uses the old name, and every client that reads values of the type by the names of their parts.`,
    };
    return;
  }
  if (operation.kind !== 'rename-object' && operation.kind !== 'set-object-schema') return;
  const what = {
    schema: 'schema',
    type: 'type',
    domain: 'domain',
    function: 'function',
    procedure: 'procedure',
    routine: 'routine',
    view: 'view',
    'materialized-view': 'materialized view',
    aggregate: 'aggregate',
  }[operation.objectKind as string];
  if (
    what === undefined ||
    isNewObject(context, statement, operation) ||
    isOffered(context, statement, operation.object.name)
  )
    return;
  const to = operation.kind === 'rename-object' ? `to ${operation.newName}` : `to the schema ${operation.schema}`;
  yield {
    statement,
    span: operation.span,
    operation,
    message: `Renaming the ${what} ${operation.object.name} ${to} breaks every query of the running version that uses the old name: offer both names until no old instance is left.`,
  };
}

function isNewObject(
  context: RuleContext,
  statement: RuleStatement,
  operation: Extract<Operation, { readonly kind: 'rename-object' | 'set-object-schema' }>,
): boolean {
  const { before } = statement;
  const { object } = operation;
  switch (operation.objectKind) {
    case 'schema':
      return isNewFact(context, before.schemas.get(object.name)?.origin);
    case 'type':
    case 'domain':
      return isNewFact(context, findType(before, object)?.origin);
    case 'view':
    case 'materialized-view':
      return isNewFact(context, findRelation(before, object)?.origin);
    default:
      return findFunction(before, object)?.overloads.every((overload) => context.isNewOrigin(overload.origin)) === true;
  }
}

function isNewFact(context: RuleContext, origin: Parameters<RuleContext['isNewOrigin']>[0] | undefined): boolean {
  return origin !== undefined && context.isNewOrigin(origin);
}

/** Whether a later statement of the migration makes something of the old name, or gives it to another. */
function isOffered(context: RuleContext, statement: RuleStatement, name: string): boolean {
  return context.statements.some(
    (later) =>
      later.index > statement.index &&
      later.body.operations.some(
        (operation) =>
          ((operation.kind === 'create-view' ||
            operation.kind === 'create-table' ||
            operation.kind === 'create-sequence') &&
            operation.relation.name === name) ||
          ((operation.kind === 'create-function' || operation.kind === 'create-type') &&
            operation.name.name === name) ||
          (operation.kind === 'create-schema' && operation.name === name) ||
          (operation.kind === 'rename-object' && operation.newName === name) ||
          (operation.kind === 'rename-table' &&
            operation.action.kind === 'rename-table' &&
            operation.action.newName === name),
      ),
  );
}
