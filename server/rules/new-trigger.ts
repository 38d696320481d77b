import type { Rule } from './rule.ts';
import { subjectOf } from './facts/subject.ts';

const TABLE =
  "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';";

/** Code that runs with every write from now on. */
export const newTrigger: Rule = {
  code: 'new-trigger',
  aliases: ['create-trigger'],
  title: 'A table in use gets a trigger, which runs with every write of the running version',
  severity: 'info',
  preset: 'strict',
  dialects: ['postgresql'],
  why:
    "CREATE TRIGGER waits for writers and keeps new ones out for a moment; from then on each write of the running version runs the trigger's function, which makes it slower, and fails where the function fails. " +
    'A trigger that keeps old and new columns in step is a normal step of a change; in a migration that says so (`-- lockstep: change ID phase expand`) it is not reported.',
  docs: ['https://www.postgresql.org/docs/current/sql-createtrigger.html'],
  bad: [
    {
      title: 'A new trigger',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '<|CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch()|>;',
    },
  ],
  good: [
    {
      title: 'A step of a change',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: change users-name phase expand\nCREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();',
    },
  ],
  on: ['create-trigger', 'create-rule'],
  *check(context, statements) {
    if (context.change !== undefined) return;
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        if (operation.kind === 'create-rule') {
          const ruled = subjectOf(context, statement, operation.relation);
          if (ruled.isInUse && ruled.relation?.kind !== 'view')
            yield {
              statement,
              span: operation.span,
              relation: ruled.place,
              operation,
              message: `Queries of the running version on ${ruled.shown} are rewritten by this rule from now on: a trigger does the same and is easier to foresee.`,
            };
          continue;
        }
        if (operation.kind !== 'create-trigger') continue;
        const subject = subjectOf(context, statement, operation.relation);
        if (!subject.isInUse || subject.relation?.triggers.some((trigger) => trigger.name === operation.name) === true)
          continue;
        yield {
          statement,
          span: operation.span,
          relation: subject.place,
          operation,
          message: `Every ${operation.events.join(', ')} of the running version on ${subject.shown} runs this trigger from now on.`,
        };
      }
    }
  },
};
