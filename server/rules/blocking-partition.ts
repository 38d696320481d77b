import { partitionsOf, relationKeyOf } from '../model/lookup.ts';
import type { ObjectName } from '../model/names.ts';
import type { Rule, RuleFix, RuleStatement } from './rule.ts';
import { actionsOf, isInTransaction, subjectOf } from './facts/subject.ts';

const EVENTS =
  "CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);\nCREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');";
/** First server version with DETACH PARTITION ... CONCURRENTLY. Source: PostgreSQL 14 release notes. */
const DETACH_CONCURRENTLY_VERSION = 14;

/** A change of a table's partitions that needs the whole table for itself. */
export const blockingPartition: Rule = {
  code: 'blocking-partition',
  aliases: ['detach-partition', 'create-partition-of'],
  title: 'A partition comes or goes under a lock that blocks the whole partitioned table',
  severity: 'warning',
  dialects: ['postgresql'],
  growsWithTable: true,
  why:
    'DETACH PARTITION takes the partitioned table for itself: it waits for every running query of any partition, and all later queries wait behind it. ' +
    'DETACH PARTITION ... CONCURRENTLY lets them go on; it cannot run inside a transaction. ' +
    'CREATE TABLE ... PARTITION OF takes the same lock, where creating the table alone and ATTACH PARTITION lets reads and writes go on.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION',
    'https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE',
  ],
  bad: [
    {
      title: 'DETACH',
      dialect: 'postgresql',
      before: [EVENTS],
      sql: 'ALTER TABLE events <|DETACH PARTITION events_2024|>;',
    },
    {
      title: 'DETACH outside a transaction',
      dialect: 'postgresql',
      before: [EVENTS],
      sql: '-- lockstep: no-transaction\nALTER TABLE events <|DETACH PARTITION events_2024|>;',
      fixed: '-- lockstep: no-transaction\nALTER TABLE events DETACH PARTITION events_2024 CONCURRENTLY;',
    },
    {
      title: 'A new partition in place',
      dialect: 'postgresql',
      before: [EVENTS],
      sql: "<|CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')|>;",
    },
  ],
  good: [
    {
      title: 'DETACH CONCURRENTLY',
      dialect: 'postgresql',
      before: [EVENTS],
      sql: '-- lockstep: no-transaction\nALTER TABLE events DETACH PARTITION events_2024 CONCURRENTLY;',
    },
    {
      title: 'A table that is attached',
      dialect: 'postgresql',
      before: [EVENTS],
      sql: "CREATE TABLE events_2025 (LIKE events INCLUDING ALL);\nALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');",
    },
    { title: 'A table of the same migration', dialect: 'postgresql', sql: EVENTS },
  ],
  on: ['detach-partition', 'create-table'],
  *check(context, statements) {
    for (const statement of statements) {
      for (const { operation, action } of actionsOf(statement, 'detach-partition')) {
        const subject = subjectOf(context, statement, operation.relation);
        if (action.mode !== 'plain' || !subject.isInUse || context.target.version < DETACH_CONCURRENTLY_VERSION)
          continue;
        const hasDefault = hasDefaultPartition(statement, operation.relation);
        yield {
          statement,
          span: operation.span,
          relation: subject.place,
          operation,
          message: `Detaching ${action.partition.name} takes ACCESS EXCLUSIVE on ${subject.shown}, which blocks reads and writes of every partition while it waits for running queries: ${hasDefault ? 'with a default partition there is no CONCURRENTLY, so run it under a short lock_timeout' : 'use DETACH PARTITION ... CONCURRENTLY, outside a transaction'}.`,
        };
      }
      for (const operation of statement.body.operations) {
        if (operation.kind !== 'create-table' || operation.partitionOf === undefined) continue;
        const subject = subjectOf(context, statement, operation.partitionOf.parent);
        // That the default partition is read whole is graver, and blocking-alter says so.
        if (!subject.isInUse || statement.effects.some((effect) => effect.scan && effect.blocks.includes('writes')))
          continue;
        yield {
          statement,
          span: operation.span,
          relation: subject.place,
          operation,
          severity: 'info',
          message: `PARTITION OF takes ACCESS EXCLUSIVE on ${subject.shown} for a moment, which blocks reads and writes while it waits for running queries: create the table alone (LIKE ${subject.shown} INCLUDING ALL) and attach it, which lets both go on.`,
        };
      }
    }
  },
  fixes({ operation, statement }, context): readonly RuleFix[] {
    if (operation?.kind !== 'detach-partition' || operation.action.kind !== 'detach-partition') return [];
    if (!isInTransaction(context, statement)) {
      return hasDefaultPartition(statement, operation.relation)
        ? []
        : [
            {
              kind: 'edit',
              title: 'Add CONCURRENTLY',
              safety: 'safe',
              edits: [{ span: { start: operation.span.end, end: operation.span.end }, newText: ' CONCURRENTLY' }],
            },
          ];
    }
    return statement.direction === 'down'
      ? []
      : [
          {
            kind: 'change',
            title: 'Move to a migration of its own, CONCURRENTLY',
            safety: 'review',
            request: { recipe: 'detach-partition', operation },
          },
        ];
  },
};

function hasDefaultPartition(statement: RuleStatement, name: ObjectName): boolean {
  return partitionsOf(statement.before, relationKeyOf(statement.before, name)).some(
    (part) => part.relation.partitionOf?.bound.kind === 'default',
  );
}
