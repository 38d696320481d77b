import type { Rule, RuleContext, RuleStatement } from './rule.ts';

/** A function with its owner's rights whose names anyone may bend. */
export const definerWithoutSearchPath: Rule = {
  code: 'definer-without-search-path',
  title: "A SECURITY DEFINER function takes its caller's search_path",
  severity: 'warning',
  dialects: ['postgresql'],
  why:
    'A SECURITY DEFINER function runs with the rights of its owner, but finds unqualified names by the search_path of whoever calls it. ' +
    "A caller who may create objects in any schema puts a table or operator of the same name in front, and the function uses it with the owner's rights. " +
    'Add SET search_path to the definition, with pg_temp last.',
  docs: ['https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY'],
  bad: [
    {
      title: 'Without SET search_path',
      dialect: 'postgresql',
      sql: "CREATE FUNCTION <|purge|>() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM users WHERE id = 1';",
    },
    {
      title: 'One that becomes it',
      dialect: 'postgresql',
      before: ["CREATE FUNCTION purge() RETURNS void LANGUAGE sql AS 'DELETE FROM users WHERE id = 1';"],
      sql: 'ALTER FUNCTION <|purge|>() SECURITY DEFINER;',
    },
  ],
  good: [
    {
      title: 'With SET search_path',
      dialect: 'postgresql',
      sql: "CREATE FUNCTION purge() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = app, pg_temp AS 'DELETE FROM users WHERE id = 1';",
    },
    {
      title: 'Fixed by a later statement',
      dialect: 'postgresql',
      sql: "CREATE FUNCTION purge() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM users WHERE id = 1';\nALTER FUNCTION purge() SET search_path = app, pg_temp;",
    },
    {
      title: 'Both at once',
      dialect: 'postgresql',
      before: ["CREATE FUNCTION purge() RETURNS void LANGUAGE sql AS 'DELETE FROM users WHERE id = 1';"],
      sql: 'ALTER FUNCTION purge() SECURITY DEFINER SET search_path = app, pg_temp;',
    },
    {
      title: "The caller's rights",
      dialect: 'postgresql',
      sql: "CREATE FUNCTION purge() RETURNS void LANGUAGE sql AS 'DELETE FROM users WHERE id = 1';",
    },
  ],
  on: ['create-function', 'alter-object'],
  *check(context, statements) {
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        if (
          operation.kind === 'alter-object' &&
          (operation.objectKind === 'function' ||
            operation.objectKind === 'procedure' ||
            operation.objectKind === 'routine') &&
          operation.object !== undefined
        ) {
          const { object } = operation;
          const isSafe =
            !/\bsecurity\s+definer\b/i.test(statement.source.text) ||
            setsPath(statement, object.name) ||
            context.statements.some(
              (other) =>
                setsPath(other, object.name) ||
                other.body.operations.some(
                  (made) =>
                    made.kind === 'create-function' && made.name.name === object.name && made.setsSearchPath === true,
                ),
            );
          if (!isSafe) yield { statement, span: object.span, operation, message: messageOf(object.name) };
          continue;
        }
        if (
          operation.kind !== 'create-function' ||
          operation.securityDefiner !== true ||
          operation.setsSearchPath === true
        )
          continue;
        if (isAltered(context, statement, operation.name.name)) continue;
        yield { statement, span: operation.name.span, operation, message: messageOf(operation.name.name) };
      }
    }
  },
};

function isAltered(context: RuleContext, statement: RuleStatement, name: string): boolean {
  return context.statements.some((later) => later.index > statement.index && setsPath(later, name));
}

/** Whether the statement is an ALTER FUNCTION ... SET search_path. */
function setsPath(statement: RuleStatement, name: string): boolean {
  return (
    statement.body.operations.some((other) => other.kind === 'alter-object' && other.object?.name === name) &&
    /\bsearch_path\b/i.test(statement.source.text)
  );
}

function messageOf(name: string): string {
  return `${name} runs with its owner's rights, but finds names by its caller's search_path: add SET search_path to its definition.`;
}
