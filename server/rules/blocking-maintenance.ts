import type { Rule, RuleContext, RuleFinding, RuleFix, RuleStatement } from './rule.ts';
import { indexesOf, relationKeyOf } from '../model/lookup.ts';
import type { Maintenance, RefreshMaterializedView } from '../model/operation.ts';
import { subjectOf } from './facts/subject.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY, email text);';
const VIEW = `${TABLE}\nCREATE MATERIALIZED VIEW totals AS SELECT id, email FROM users;`;

/** Maintenance that writes a relation anew while nobody may read it. */
export const blockingMaintenance: Rule = {
  code: 'blocking-maintenance',
  aliases: ['ban-vacuum-full', 'refresh-matview'],
  title: 'A table or materialized view is written anew while nobody may read it',
  severity: 'error',
  dialects: ['postgresql'],
  growsWithTable: true,
  why:
    'VACUUM FULL, CLUSTER and a plain REFRESH write everything into a new file, and keep every reader and writer out until that is done. ' +
    'On a large table that is an outage. ' +
    'REFRESH MATERIALIZED VIEW CONCURRENTLY lets readers go on, if the view has a unique index; for tables, plain VACUUM makes space reusable, and pg_repack rewrites without the lock.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-vacuum.html',
    'https://www.postgresql.org/docs/current/sql-cluster.html',
    'https://www.postgresql.org/docs/current/sql-refreshmaterializedview.html',
  ],
  bad: [
    {
      title: 'VACUUM FULL',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\n<|VACUUM FULL users|>;',
    },
    { title: 'CLUSTER', dialect: 'postgresql', before: [TABLE], sql: '<|CLUSTER users USING users_pkey|>;' },
    { title: 'REFRESH', dialect: 'postgresql', before: [VIEW], sql: '<|REFRESH MATERIALIZED VIEW totals|>;' },
    {
      title: 'REFRESH of a view that could be refreshed concurrently',
      dialect: 'postgresql',
      before: [`${VIEW}\nCREATE UNIQUE INDEX totals_id ON totals (id);`],
      sql: '<|REFRESH MATERIALIZED VIEW totals|>;',
      fixed: 'REFRESH MATERIALIZED VIEW CONCURRENTLY totals;',
    },
  ],
  good: [
    {
      title: 'Plain VACUUM',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nVACUUM users;',
    },
    {
      title: 'Concurrently',
      dialect: 'postgresql',
      before: [VIEW],
      sql: 'REFRESH MATERIALIZED VIEW CONCURRENTLY totals;',
    },
    {
      title: 'A view of the same migration',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'CREATE MATERIALIZED VIEW totals AS SELECT id FROM users WITH NO DATA;\nREFRESH MATERIALIZED VIEW totals;',
    },
  ],
  on: ['vacuum', 'cluster', 'refresh-materialized-view'],
  *check(context, statements) {
    for (const statement of statements) {
      for (const operation of statement.body.operations) {
        if ((operation.kind === 'vacuum' && operation.full === true) || operation.kind === 'cluster') {
          // Both kinds belong to this interface.
          yield* rewritten(context, statement, operation as Maintenance);
        } else if (operation.kind === 'refresh-materialized-view') yield* refreshed(context, statement, operation);
      }
    }
  },
  fixes(finding): readonly RuleFix[] {
    const { operation, statement } = finding;
    if (operation?.kind !== 'refresh-materialized-view' || !hasUniqueIndex(statement, operation)) return [];
    const end = /^refresh\s+materialized\s+view\b/i.exec(statement.source.text)?.[0].length;
    return end === undefined
      ? []
      : [
          {
            kind: 'edit',
            title: 'Add CONCURRENTLY',
            safety: 'safe',
            edits: [{ span: { start: end, end }, newText: ' CONCURRENTLY' }],
          },
        ];
  },
};

function* rewritten(
  context: RuleContext,
  statement: RuleStatement,
  operation: Maintenance,
): IterableIterator<RuleFinding> {
  const words = operation.kind === 'cluster' ? 'CLUSTER' : 'VACUUM FULL';
  if (operation.relations.length === 0) {
    yield {
      statement,
      span: operation.span,
      operation,
      message: `${words} without a table writes every table of the database anew, each under ACCESS EXCLUSIVE, which blocks reads and writes until it is done.`,
    };
    return;
  }
  for (const relation of operation.relations) {
    const subject = subjectOf(context, statement, relation);
    if (!subject.isInUse) continue;
    yield {
      statement,
      span: operation.span,
      relation: subject.place,
      operation,
      message: `${words} writes all of ${subject.shown} and its indexes anew under ACCESS EXCLUSIVE, which blocks reads and writes until it is done.`,
    };
  }
}

function* refreshed(
  context: RuleContext,
  statement: RuleStatement,
  operation: RefreshMaterializedView,
): IterableIterator<RuleFinding> {
  const subject = subjectOf(context, statement, operation.relation);
  if (operation.concurrently || !subject.isInUse) return;
  yield {
    statement,
    span: operation.span,
    relation: subject.place,
    operation,
    ...(operation.withData ? {} : { severity: 'warning' as const }),
    message: operation.withData
      ? `REFRESH keeps readers of ${subject.shown} out until its query is done: use CONCURRENTLY${hasUniqueIndex(statement, operation) ? '' : ', which needs a unique index on the view'}.`
      : `REFRESH WITH NO DATA empties ${subject.shown}: every query of it fails until it is filled again.`,
  };
}

/** Whether the view has a unique index over plain columns and all rows, which CONCURRENTLY needs. */
function hasUniqueIndex(statement: RuleStatement, operation: RefreshMaterializedView): boolean {
  return indexesOf(statement.before, relationKeyOf(statement.before, operation.relation)).some(
    (index) =>
      index.unique &&
      index.valid &&
      index.where === undefined &&
      index.elements.every((element) => element.column !== undefined),
  );
}
