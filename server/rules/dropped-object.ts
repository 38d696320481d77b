import { findFunction, findRelation, findSequence, findType, isWholeKnown } from '../model/lookup.ts';
import type { ObjectName } from '../model/names.ts';
import type { DropObjects } from '../model/operation.ts';
import type { Origin } from '../model/schema.ts';
import type { Rule, RuleContext, RuleStatement } from './rule.ts';
import { isContractStep, subjectOf } from './facts/subject.ts';

const THINGS =
  "CREATE SCHEMA archive;\nCREATE TABLE users (id bigint PRIMARY KEY);\nCREATE FUNCTION total() RETURNS int LANGUAGE sql AS 'SELECT 1';\nCREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';\nCREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();";

/** What code calls, besides tables and views, that goes away. */
export const droppedObject: Rule = {
  code: 'dropped-object',
  aliases: ['ban-drop-schema', 'ban-drop-database', 'ban-drop-trigger'],
  title: 'A schema, function, type, sequence, trigger or policy is dropped while running code may need it',
  severity: 'error',
  dialects: ['postgresql', 'sqlite'],
  why:
    'Running code calls functions and draws numbers from sequences, and relies on triggers and policies without naming them. ' +
    'When one of them goes, calls fail, or rows are no longer kept in step, checked or hidden, without any error. ' +
    'DROP SCHEMA ... CASCADE and DROP OWNED take every table in it, with its rows. ' +
    'First deploy a version that needs it no longer, then drop it as the contract step of a change.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-dropschema.html',
    'https://www.postgresql.org/docs/current/sql-dropfunction.html',
    'https://www.postgresql.org/docs/current/sql-droptrigger.html',
    'https://www.sqlite.org/lang_droptrigger.html',
  ],
  bad: [
    {
      title: 'A schema with all that is in it',
      dialect: 'postgresql',
      before: [THINGS],
      sql: 'DROP SCHEMA <|archive|> CASCADE;',
    },
    { title: 'A function', dialect: 'postgresql', before: [THINGS], sql: 'DROP FUNCTION <|total|>();' },
    { title: 'A trigger', dialect: 'postgresql', before: [THINGS], sql: 'DROP TRIGGER <|touch|> ON users;' },
    {
      title: 'A part of a composite type',
      dialect: 'postgresql',
      before: ['CREATE TYPE address AS (street text, city text);'],
      sql: 'ALTER TYPE address <|DROP ATTRIBUTE city|>;',
    },
    {
      title: 'A trigger',
      dialect: 'sqlite',
      before: [
        'CREATE TABLE users (id INTEGER PRIMARY KEY);\nCREATE TRIGGER touch AFTER UPDATE ON users BEGIN SELECT 1; END;',
      ],
      sql: 'DROP TRIGGER <|touch|>;',
    },
  ],
  good: [
    {
      title: 'A function that is made anew',
      dialect: 'postgresql',
      before: [THINGS],
      sql: "DROP FUNCTION IF EXISTS total();\nCREATE FUNCTION total() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';",
    },
    {
      title: 'A trigger that is made anew',
      dialect: 'postgresql',
      before: [THINGS],
      sql: 'DROP TRIGGER touch ON users;\nCREATE TRIGGER touch BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();',
    },
    {
      title: 'A function that takes the same calls, and more',
      dialect: 'postgresql',
      before: [THINGS],
      sql: "CREATE FUNCTION total(part int DEFAULT 0) RETURNS int LANGUAGE sql AS 'SELECT 1';\nDROP FUNCTION total();",
    },
    {
      title: 'A type that another takes the name of',
      dialect: 'postgresql',
      before: ["CREATE TYPE mood AS ENUM ('ok', 'bad');"],
      sql: "CREATE TYPE mood_new AS ENUM ('ok');\nDROP TYPE mood;\nALTER TYPE mood_new RENAME TO mood;",
    },
    {
      title: 'A type that lost its name to another',
      dialect: 'postgresql',
      before: ["CREATE TYPE mood AS ENUM ('ok', 'bad');"],
      sql: "CREATE TYPE mood_new AS ENUM ('ok');\nALTER TYPE mood RENAME TO mood_old;\nALTER TYPE mood_new RENAME TO mood;\nDROP TYPE mood_old;",
    },
    {
      title: 'A function of a schema of which everything is known',
      dialect: 'postgresql',
      before: [THINGS],
      sql: 'DROP FUNCTION IF EXISTS archive.total();',
    },
    {
      title: 'The function of a trigger that is gone',
      dialect: 'postgresql',
      before: ["CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"],
      sql: 'DROP FUNCTION touch();',
    },
    {
      title: 'A function of the same migration',
      dialect: 'postgresql',
      sql: "CREATE FUNCTION helper() RETURNS int LANGUAGE sql AS 'SELECT 1';\nSELECT helper();\nDROP FUNCTION helper();",
    },
    {
      title: 'The contract step of a change',
      dialect: 'postgresql',
      before: [
        `${THINGS}`,
        "-- lockstep: change total phase expand\nCREATE FUNCTION sum_up() RETURNS int LANGUAGE sql AS 'SELECT 1';",
      ],
      sql: '-- lockstep: change total phase contract\nDROP FUNCTION total();',
    },
  ],
  on: [
    'drop-function',
    'drop-type',
    'drop-sequence',
    'drop-trigger',
    'drop-policy',
    'drop-schema',
    'drop-object',
    'alter-type-definition',
  ],
  *check(context, statements) {
    if (isContractStep(context)) return;
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        if (operation.kind === 'alter-type-definition' && operation.action.kind === 'drop-attribute') {
          const type = findType(statement.before, operation.name);
          if (type === undefined || !context.isNewOrigin(type.origin)) {
            yield {
              statement,
              span: operation.span,
              operation,
              severity: 'warning',
              message: `Dropping "${operation.action.attribute}" of the type ${operation.name.name} takes it out of every stored value at once, and breaks every query of the running version that names it: deploy a version that does not need it first, then drop it as a contract step.`,
            };
          }
          continue;
        }
        if (!isDrop(operation)) continue;
        const title = titleOf(operation);
        if (title === undefined) continue;
        const names = operation.objects.length > 0 ? operation.objects : [{ name: '', span: operation.span }];
        for (const name of names) {
          if (isHarmless(context, statement, operation, name)) continue;
          const table =
            operation.relation === undefined ? undefined : subjectOf(context, statement, operation.relation);
          const isGrave =
            operation.kind === 'drop-schema' || operation.objectKind === 'database' || operation.objectKind === 'owned';
          yield {
            statement,
            span: name.span,
            operation,
            ...(table === undefined ? {} : { relation: table.place }),
            ...(isGrave ? {} : { severity: 'warning' as const }),
            message: `Dropping ${title}${name.name === '' ? '' : ` ${name.name}`}${table === undefined ? '' : ` of ${table.shown}`} ${isTriggerFunction(statement, operation, name) ? 'ends what its triggers do for rows that the running version writes, without any error' : consequence(operation)}: deploy a version that does not need it first, then drop it as a contract step.`,
          };
        }
      }
    }
  },
};

function isDrop(operation: RuleStatement['body']['operations'][number]): operation is DropObjects {
  return (
    operation.kind.startsWith('drop-') && 'objectKind' in operation && 'objects' in operation && 'cascade' in operation
  );
}

/** In words, of the kinds that have no rule of their own; undefined for the others. */
function titleOf(operation: DropObjects): string | undefined {
  switch (operation.objectKind) {
    case 'schema':
      return operation.cascade ? 'a schema with everything in it,' : 'schema';
    case 'function':
    case 'procedure':
    case 'routine':
    case 'aggregate':
    case 'type':
    case 'domain':
    case 'sequence':
    case 'trigger':
    case 'policy':
    case 'extension':
    case 'database':
      return operation.objectKind;
    case 'owned':
      return 'everything that a role owns';
    default:
      return undefined;
  }
}

function consequence(operation: DropObjects): string {
  switch (operation.objectKind) {
    case 'schema':
      return operation.cascade
        ? 'throws its tables away with all rows'
        : 'breaks every query of the running version that names it';
    case 'trigger':
      return 'ends what it does for rows that the running version writes, without any error';
    case 'policy':
      return 'changes which rows the running version sees, without any error';
    case 'database':
    case 'owned':
      return 'throws tables away with all rows';
    case 'extension':
      return 'takes its functions, operators and types from the running version';
    default:
      return 'breaks every query of the running version that uses it';
  }
}

/** A helper of this migration, something that is made anew, or that was never there. */
function isHarmless(context: RuleContext, statement: RuleStatement, operation: DropObjects, name: ObjectName): boolean {
  if (operation.relation !== undefined && !subjectOf(context, statement, operation.relation).isInUse) return true;
  // No code calls a trigger's function, and the server keeps one that a trigger still needs.
  if (isTriggerFunction(statement, operation, name) && !(operation.cascade && hasTriggers(statement, name)))
    return true;
  const origin = originOf(statement, operation, name);
  if (origin !== undefined && context.isNewOrigin(origin)) return true;
  if (
    origin === undefined &&
    operation.ifExists &&
    (operation.kind === 'drop-trigger' || operation.kind === 'drop-policy' || isWholeKnown(statement.before, name))
  )
    return true;
  // It has its name since this migration: what lost it is told at the rename.
  const start = context.statements[0]?.before ?? statement.before;
  if (operation.kind === 'drop-type' && origin !== undefined && findType(start, name) === undefined) return true;
  const end = context.statements.findLast((later) => later.direction === 'up')?.after ?? statement.after;
  // Another of the name takes its place: a type that is renamed, a function with more arguments.
  if (operation.kind === 'drop-type' && findType(end, name) !== undefined) return true;
  if (
    operation.kind === 'drop-function' &&
    findFunction(end, name)?.overloads.some((overload) => context.isNewOrigin(overload.origin)) === true
  )
    return true;
  return context.statements.some(
    (later) =>
      later.index > statement.index &&
      later.body.operations.some((made) => {
        if (made.kind === 'create-function' || made.kind === 'create-type') return made.name.name === name.name;
        if (made.kind === 'create-trigger' || made.kind === 'create-policy') return made.name === name.name;
        if (made.kind === 'create-sequence') return made.relation.name === name.name;
        return (
          (made.kind === 'create-object' && made.object?.name === name.name) ||
          (made.kind === 'create-schema' && made.name === name.name)
        );
      }),
  );
}

/** Whether a function is there for triggers alone. */
function isTriggerFunction({ before }: RuleStatement, operation: DropObjects, name: ObjectName): boolean {
  return (
    operation.kind === 'drop-function' &&
    findFunction(before, name)?.overloads.every((overload) => overload.returnsTrigger) === true
  );
}

/** Whether a trigger that is known runs the function. */
function hasTriggers({ before }: RuleStatement, name: ObjectName): boolean {
  const own = findFunction(before, name);
  const written = own === undefined ? [] : [own.name, `${own.schema}.${own.name}`];
  return [...before.relations.values()].some((relation) =>
    relation.triggers.some((trigger) => trigger.function !== undefined && written.includes(trigger.function)),
  );
}

function originOf(statement: RuleStatement, operation: DropObjects, name: ObjectName): Origin | undefined {
  const { before } = statement;
  switch (operation.objectKind) {
    case 'function':
    case 'procedure':
    case 'routine':
    case 'aggregate':
      return findFunction(before, name)?.overloads[0]?.origin;
    case 'type':
    case 'domain':
      return findType(before, name)?.origin;
    case 'sequence':
      return findSequence(before, name)?.origin;
    case 'schema':
      return before.schemas.get(name.name)?.origin;
    case 'trigger': {
      const relations =
        operation.relation === undefined ? [...before.relations.values()] : [findRelation(before, operation.relation)];
      return relations
        .flatMap((relation) => relation?.triggers ?? [])
        .find((trigger) => trigger.name.toLowerCase() === name.name.toLowerCase())?.origin;
    }
    default:
      return undefined;
  }
}
