import { type Effect, blockedBy } from '../../model/effect.ts';
import { findIndex, findRelation, foreignKeysTo, searchSchemas } from '../../model/lookup.ts';
import { displayName, objectKey } from '../../model/names.ts';
import type {
  CreateTrigger,
  DeleteRows,
  DropObjects,
  InsertRows,
  Operation,
  Reindex,
  TableAction,
  UpdateRows,
} from '../../model/operation.ts';
import type { Relation, Schema } from '../../model/schema.ts';
import type { Target } from '../engine.ts';
import { parseStatement } from './parser.ts';

/** How long the database's write lock is held, and who waits for it. Source: sqlite.org/lockingv3.html and sqlite.org/wal.html. */
const LOCK =
  'SQLite has one write lock for the whole database: every other writer waits until the transaction ends; readers go on in WAL mode only.';

const ALTER_TABLE = 'https://www.sqlite.org/lang_altertable.html';

interface Work {
  readonly rewrite?: boolean;
  readonly scan?: boolean;
  readonly certainty?: 'may';
  readonly source: string;
}

/**
 * What statements do to what exists before them in SQLite.
 *
 * One entry for each table, index or view that is changed, with the database's one write lock; `main` of kind `database`
 * where it is the file as a whole. What only reads, and what changes temporary tables, which have a file of their own,
 * has none. `rewrite`: every row or index entry is written anew by a change of the schema, or by VACUUM and REINDEX; an
 * UPDATE of all rows is none. `scan`: every row or page is read. Both are measured in test/engines/sqlite/effects.test.ts.
 */
export function sqliteEffects(operations: readonly Operation[], schema: Schema, _target: Target): readonly Effect[] {
  return operations.flatMap((operation) => effectsOf(operation, schema));
}

/** The same by operation: a statement has one here, and each does what it does alone. */
export function sqliteEffectsApart(
  operations: readonly Operation[],
  schema: Schema,
): ReadonlyMap<Operation, readonly Effect[]> {
  return new Map(operations.map((operation) => [operation, effectsOf(operation, schema)]));
}

function effectsOf(operation: Operation, schema: Schema): readonly Effect[] {
  if ('head' in operation) return tableAction(operation, schema);
  switch (operation.kind) {
    case 'create-table-as':
      return operation.persistence === 'temporary'
        ? []
        : [
            database('The new table is filled from the query before the lock is given back.', {
              scan: true,
              source: 'https://www.sqlite.org/lang_createtable.html',
            }),
          ];
    case 'create-index':
      return onTable(
        schema,
        operation.relation,
        operation.unique
          ? 'Every row is read to build the index, and a repeated value stops it.'
          : 'Every row is read to build the index.',
        { scan: true, source: 'https://www.sqlite.org/lang_createindex.html' },
      );
    case 'create-trigger':
      return operation.temporary === true
        ? []
        : onTable(schema, operation.relation, 'Later statements on the table run the trigger.', {
            source: 'https://www.sqlite.org/lang_createtrigger.html',
          });
    case 'drop-table':
    case 'drop-index':
    case 'drop-view':
    case 'drop-trigger':
      return dropped(operation, schema);
    case 'insert-rows':
    case 'update-rows':
    case 'delete-rows':
      return rows(operation, schema);
    case 'reindex':
      return reindex(operation, schema);
    case 'vacuum':
      return operation.full === true
        ? [
            database(
              'VACUUM copies the whole database into a new file, which takes up to twice its size on disk, and copies it back.',
              { rewrite: true, scan: true, source: 'https://www.sqlite.org/lang_vacuum.html' },
            ),
          ]
        : [];
    case 'analyze':
      return operation.relations.length === 0
        ? [
            database('Every index of every table is read to count its values.', {
              scan: true,
              source: 'https://www.sqlite.org/lang_analyze.html',
            }),
          ]
        : operation.relations.flatMap((relation) =>
            onTable(schema, relation, 'Its indexes are read to count their values.', {
              scan: true,
              source: 'https://www.sqlite.org/lang_analyze.html',
            }),
          );
    case 'transaction-control':
      return operation.action === 'begin' && operation.mode !== undefined && operation.mode !== 'DEFERRED'
        ? [
            database(`BEGIN ${operation.mode} takes the lock before the first statement.`, {
              source: 'https://www.sqlite.org/lang_transaction.html',
            }),
          ]
        : [];
    default:
      return [];
  }
}

function effect(
  schema: string,
  relation: string,
  relationKind: Effect['relationKind'],
  why: string,
  work: Work,
): Effect {
  return {
    schema,
    relation,
    relationKind,
    lock: 'DatabaseWriteLock',
    blocks: blockedBy('DatabaseWriteLock'),
    rewrite: work.rewrite ?? false,
    scan: work.scan ?? false,
    certainty: work.certainty ?? 'certain',
    why: `${why} ${LOCK}`,
    source: work.source,
  };
}

function database(why: string, work: Work): Effect {
  return effect('main', 'main', 'database', why, work);
}

/** Effect on a table of a statement; none where it is temporary, or certain not to exist. */
function onTable(
  schema: Schema,
  name: { readonly schema?: string; readonly name: string },
  why: string,
  work: Work,
): readonly Effect[] {
  const relation = findRelation(schema, name);
  if (relation !== undefined)
    return relation.schema === 'temp'
      ? []
      : [effect(relation.schema, relation.name, relation.kind === 'view' ? 'view' : 'table', why, work)];
  const inSchema = name.schema === undefined ? 'main' : (searchSchemas(schema, name.schema)[0] ?? name.schema);
  return schema.isComplete || inSchema === 'temp' ? [] : [effect(inSchema, name.name, 'table', why, work)];
}

function tableAction(operation: TableAction, schema: Schema): readonly Effect[] {
  const { action } = operation;
  const table = displayName(operation.relation);
  const relation = findRelation(schema, operation.relation);
  const on = (why: string, work: Omit<Work, 'source'> = {}): readonly Effect[] =>
    onTable(schema, operation.relation, why, { ...work, source: ALTER_TABLE });
  switch (action.kind) {
    case 'add-column': {
      const isChecked =
        action.column.constraints.some((constraint) => constraint.kind === 'check') ||
        (action.column.generated !== undefined && action.column.notNull !== undefined);
      if (isChecked) return on('Every row is read to test the new constraint.', { scan: true });
      if (relation?.strict === true)
        return on('Every row of a STRICT table is read to test it against the new definition.', { scan: true });
      return on('Only the text of the table changes: the column gets its default when a row is read.');
    }
    case 'drop-column': {
      const column = relation?.columns.find(
        (candidate) => candidate.name.toLowerCase() === action.column.toLowerCase(),
      );
      if (column?.generated !== undefined && !column.generated.stored)
        return on('Only the text of the table changes: a virtual column is not stored.');
      return on('Every row is read and written again without the column.', { rewrite: true, scan: true });
    }
    case 'set-not-null':
      return on(`Every row is read to test that ${action.column} is not NULL.`, { scan: true });
    case 'add-constraint':
      return on('Every row is read to test the constraint.', { scan: true });
    case 'rename-table':
      return on(`Only texts change: those of triggers, views and foreign keys that name ${table} too.`);
    case 'rename-column':
      return on('Only texts change: those of indexes, triggers, views and foreign keys that name the column too.');
    case 'drop-not-null':
    case 'drop-constraint':
      return on('Only the text of the table changes.');
    // SQLite has no other actions, and the parser reads none.
    default:
      return [];
  }
}

function dropped(operation: DropObjects, schema: Schema): readonly Effect[] {
  return operation.objects.flatMap((object): readonly Effect[] => {
    switch (operation.kind) {
      case 'drop-table': {
        const relation = findRelation(schema, object);
        const source = 'https://www.sqlite.org/lang_droptable.html';
        const own = onTable(schema, object, 'All of its pages are read and freed.', { scan: true, source });
        if (relation === undefined || schema.session.foreignKeys === false || own.length === 0) return own;
        const children = new Map(
          foreignKeysTo(schema, objectKey(relation.schema, relation.name))
            .filter((child) => child.relation !== relation)
            .map((child) => [child.relationKey, child]),
        );
        const work: Work = { scan: true, source, ...(schema.session.foreignKeys === true ? {} : { certainty: 'may' }) };
        return [
          ...own,
          ...[...children.values()].map((child) =>
            effect(
              child.relation.schema,
              child.relation.name,
              'table',
              `With foreign keys on, DROP TABLE first deletes every row, which ${displayName(child.relation)} refuses or follows by its ON DELETE.`,
              work,
            ),
          ),
        ];
      }
      case 'drop-index': {
        const index = findIndex(schema, object);
        if (index === undefined ? schema.isComplete : index.schema === 'temp') return [];
        return [
          effect(index?.schema ?? 'main', index?.name ?? object.name, 'index', 'All of its pages are read and freed.', {
            scan: true,
            source: 'https://www.sqlite.org/lang_dropindex.html',
          }),
        ];
      }
      case 'drop-view':
        return onTable(schema, object, 'Only the text of the view goes.', {
          source: 'https://www.sqlite.org/lang_dropview.html',
        });
      case 'drop-trigger': {
        const holder = [...schema.relations.values()].find((relation) =>
          relation.triggers.some((trigger) => trigger.name.toLowerCase() === object.name.toLowerCase()),
        );
        return holder === undefined
          ? []
          : onTable(schema, holder, 'Only the text of the trigger goes.', {
              source: 'https://www.sqlite.org/lang_droptrigger.html',
            });
      }
      default:
        return [];
    }
  });
}

function rows(operation: InsertRows | UpdateRows | DeleteRows, schema: Schema): readonly Effect[] {
  const relation = findRelation(schema, operation.relation);
  const own = onTable(schema, operation.relation, ownWork(operation), {
    scan: operation.kind !== 'insert-rows' && operation.where === undefined,
    source: `https://www.sqlite.org/lang_${operation.kind.split('-')[0] ?? ''}.html`,
  });
  if (relation === undefined || own.length === 0) return own;
  const isView = relation.kind === 'view';
  const others = new Map<string, Effect>();
  const add = (other: Relation, why: string, source: string): void => {
    const key = objectKey(other.schema, other.name);
    if (other !== relation && other.schema !== 'temp' && other.kind === 'table' && !others.has(key))
      others.set(key, effect(other.schema, other.name, 'table', why, { certainty: 'may', source }));
  };
  for (const trigger of relation.triggers) {
    if (!trigger.events.includes(operation.kind.split('-')[0] ?? '') || trigger.sql === undefined) continue;
    const parsed = parseStatement(trigger.sql).operations.find(
      (candidate): candidate is CreateTrigger => candidate.kind === 'create-trigger',
    );
    for (const action of parsed?.body ?? []) {
      if (action.kind !== 'insert-rows' && action.kind !== 'update-rows' && action.kind !== 'delete-rows') continue;
      const other = findRelation(schema, action.relation);
      if (other !== undefined)
        add(
          other,
          `The trigger ${trigger.name} on ${displayName(relation)} writes to it.`,
          'https://www.sqlite.org/lang_createtrigger.html',
        );
    }
  }
  if (schema.session.foreignKeys !== false && operation.kind !== 'insert-rows') {
    for (const { relation: child, constraint } of foreignKeysTo(schema, objectKey(relation.schema, relation.name))) {
      const action =
        operation.kind === 'delete-rows' ? constraint.references?.onDelete : constraint.references?.onUpdate;
      if (action === 'CASCADE' || action === 'SET NULL' || action === 'SET DEFAULT')
        add(
          child,
          `Its foreign key to ${displayName(relation)} says ${action}, which happens with foreign keys on.`,
          'https://www.sqlite.org/foreignkeys.html',
        );
    }
  }
  // A view has no rows of its own: its INSTEAD OF triggers write elsewhere.
  return isView ? [...others.values()] : [...own, ...others.values()];
}

function ownWork(operation: InsertRows | UpdateRows | DeleteRows): string {
  if (operation.kind === 'insert-rows') return 'Rows are written to it.';
  if (operation.where !== undefined)
    return operation.kind === 'update-rows' ? 'Rows are changed in it.' : 'Rows are deleted from it.';
  return operation.kind === 'update-rows' ? 'Every row is changed.' : 'Every row is deleted.';
}

/** REINDEX of an index, of a table's indexes, or of all that use a collation, whose name looks the same. */
function reindex(operation: Reindex, schema: Schema): readonly Effect[] {
  const source = 'https://www.sqlite.org/lang_reindex.html';
  if (operation.object === undefined)
    return [database('Every index is built again from its table.', { rewrite: true, scan: true, source })];
  const table = findRelation(schema, operation.object);
  const index = findIndex(schema, operation.object);
  if (index !== undefined && table === undefined)
    return [
      effect(index.schema, index.name, 'index', 'The index is built again from its table.', {
        rewrite: true,
        scan: true,
        source,
      }),
    ];
  return onTable(schema, operation.object, 'Its indexes are built again from every row.', { scan: true, source });
}
