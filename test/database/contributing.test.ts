import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAJORS, whyNoServer } from '../support/postgres.ts';
import { RepositoryCopy } from '../support/repository-copy.ts';

/* The paths of CONTRIBUTING.md for a recipe and a statement form, followed in a copy of the repository on the newest server. */

const major = MAJORS.at(-1) ?? 18;
const reason = whyNoServer(major);

const RULE = `import { operationsIn } from './facts/operation-index.ts';
import type { Rule } from './rule.ts';

/** Comments of tables. */
export const commentedTable: Rule = {
  code: 'commented-table',
  title: 'A comment is written on a table',
  severity: 'info',
  dialects: ['postgresql'],
  why: 'In this team comments of tables are written in migrations of their own, so that whoever reads the history finds each change of a table apart.',
  docs: ['https://www.postgresql.org/docs/current/sql-comment.html'],
  bad: [],
  good: [],
  *check(context) {
    if (context.change !== undefined) return;
    for (const { statement, operation } of operationsIn(context, 'comment'))
      if (statement.direction === 'up')
        yield { statement, span: operation.span, operation, message: 'This comment is not in a migration of its own.' };
  },
  fixes: ({ operation }) =>
    operation === undefined
      ? []
      : [
          {
            kind: 'change',
            title: 'Write it in a migration of its own',
            safety: 'review',
            request: { recipe: 'comment-table', operation },
          },
        ],
};
`;

const RECIPE = `import { changeIdOf, slugOf } from '../names.ts';
import { type Recipe, refused } from '../plan.ts';

/** A comment in a migration of its own. */
export const commentTable: Recipe = {
  name: 'comment-table',
  title: 'Comment on a table',
  plans: {
    postgresql: ({ operation }, { statementText, engine }) =>
      operation.kind === 'comment' && operation.objectKind === 'table'
        ? {
            kind: 'planned',
            plan: {
              id: changeIdOf('comment', operation.object.name),
              title: 'Comment on a table',
              steps: [
                {
                  phase: 'expand',
                  title: 'Write the comment',
                  slug: slugOf('comment', operation.object.name),
                  up: \`\${statementText};\`,
                  down: \`COMMENT ON TABLE \${engine.quoteName(operation.object.name)} IS NULL;\`,
                  transaction: 'one',
                  requires: [],
                  notes: [],
                },
              ],
            },
          }
        : refused('This is no comment on a table.'),
    sqlite: 'This database keeps no comments.',
  },
};
`;

describe.skipIf(reason !== undefined && process.env['CI'] === undefined)('CONTRIBUTING.md', () => {
  let copy: RepositoryCopy;
  const environment = { LOCKSTEP_PG: String(major) };

  beforeAll(async () => {
    copy = await RepositoryCopy.make();
  });
  afterAll(async () => {
    await copy.remove();
  });

  test('a recipe is a file, a line in the index, a rule that names it, and its cases', async () => {
    await copy.write('server/rules/commented-table.ts', RULE);
    await copy.enlist('server/rules/index.ts', 'RULES', { name: 'commentedTable', from: './commented-table.ts' });
    await copy.write('server/planner/recipes/comment-table.ts', RECIPE);
    await copy.enlist('server/planner/recipes/index.ts', 'RECIPES', {
      name: 'commentTable',
      from: './comment-table.ts',
    });
    await copy.edit(
      'test/support/recipe-cases.ts',
      /(RECIPE_CASES: [^=]*= \[)/,
      `$1
  {
    recipe: 'comment-table',
    name: 'a comment of a table',
    code: 'commented-table',
    before: USERS,
    statement: "COMMENT ON TABLE users IS 'people'",
    rows: ROWS,
    oldWriter: OLD_WRITER,
    isOldSafe: 'always',
  },`,
    );
    await copy.edit(
      'test/support/load-cases.ts',
      /(LOAD_CASES: [^=]*= \[)/,
      `$1
  {
    recipe: 'comment-table',
    name: 'a comment',
    code: 'commented-table',
    before: USERS,
    statement: "COMMENT ON TABLE users IS 'people'",
    fill: FILL,
    ...named,
    old: BY_NAME,
    new: BY_NAME,
    allOld: 'SELECT id, name AS value FROM users',
    all: 'SELECT id, name AS value FROM users',
  },`,
    );
    const said = await copy.run(
      'database',
      ['test/database/plan/steps.test.ts'],
      'a comment of a table|every recipe is shown',
      environment,
    );
    expect(said).toMatch(/Tests {2}2 passed/);
  });

  test('a statement form is a line, and what the server shows is compared with what is said', async () => {
    const form = 'COMMENT ON COLUMN users.email IS NULL';
    await copy.edit('test/database/forms/objects.ts', /(\.\.\.forms\(\[)/, `$1\n      '${form}',`);
    const said = await copy.run('database', ['test/database/locks.test.ts'], 'the engine says', {
      ...environment,
      LOCKSTEP_FORM: form,
    });
    expect(said).toMatch(/: 1 forms probed \(1 statements, 0 changes of type\), 1 exactly right/);
    expect(said).toMatch(/Tests {2}1 passed/);
  });
});
