import type { Span } from '../../core/span.ts';
import type { TableAction, TsqlColumn, TsqlName, TsqlStatement } from './statement.ts';

/** What a statement does to those who use the database, by the code of the rule that documents it. */
export interface TsqlHazard {
  readonly code: string;
  /** In the text that was read. */
  readonly span: Span;
  readonly message: string;
  readonly severity: 'error' | 'warning' | 'info';
}

/** What is known beside the statement. */
export interface TsqlSurroundings {
  /** Whether the same migration makes the table, so that nobody uses it yet. */
  isCreated(table: TsqlName): boolean;
  /** The phase in which dropping is what is meant. */
  readonly isContract: boolean;
  /** What a changed column was before; absent where it is not known. */
  readonly before?: { readonly type?: string; readonly isNullable: boolean };
}

/** Editions with what others lack. Source: "Editions and supported features of SQL Server". */
const EDITIONS = 'the Enterprise and Developer editions and Azure SQL';

/**
 * What T-SQL does to a database in use, as SQL Server's documentation says it: no SQL Server has measured it.
 *
 * Source: learn.microsoft.com, "ALTER TABLE (Transact-SQL)" with "Adding NOT NULL columns as an online operation", "CREATE
 * INDEX (Transact-SQL)" with ONLINE, "How online index operations work", "sp_rename", "Lock escalation".
 */
export function hazardsOf(statement: TsqlStatement, surroundings: TsqlSurroundings): readonly TsqlHazard[] {
  // Nobody else uses a temporary table or a table variable.
  const isCreated = (table: TsqlName): boolean => isOfSession(table) || surroundings.isCreated(table);
  const around: TsqlSurroundings = { ...surroundings, isCreated };
  switch (statement.kind) {
    case 'create-index': {
      if (around.isCreated(statement.table) || statement.isOnline) return [];
      const table = shown(statement.table);
      const index = shown(statement.name);
      const waits = statement.isClustered
        ? `Building the clustered index ${index} writes ${table} anew, and everybody else waits until it is done`
        : `Building ${index} keeps writers out of ${table} until it is built`;
      return [
        {
          code: 'blocking-index',
          span: statement.name.span,
          message: `${waits}. ONLINE = ON lets them go on in ${EDITIONS}, and is refused elsewhere: in a call of EF Core that is .Annotation("SqlServer:Online", true).`,
          severity: 'warning',
        },
      ];
    }
    case 'alter-table':
      return around.isCreated(statement.name)
        ? []
        : statement.actions.flatMap((action) => ofAction(action, statement.name, around));
    case 'drop-table':
      return around.isContract || around.isCreated(statement.name)
        ? []
        : [
            {
              code: 'drop-before-contract',
              span: statement.name.span,
              message: `Dropping table ${shown(statement.name)} breaks every query of the running version that names it and its rows are gone: deploy a version without it first, then drop it as a contract step.`,
              severity: 'error',
            },
          ];
    case 'truncate-table':
      return around.isCreated(statement.name)
        ? []
        : [
            {
              code: 'truncate-in-use',
              span: statement.name.span,
              message: `TRUNCATE takes every row of ${shown(statement.name)} and needs it for itself: everybody else waits, and queries of the running version find nothing.`,
              severity: 'error',
            },
          ];
    case 'rename': {
      const isColumn = statement.what === 'COLUMN';
      // An index's name is in no query but a hint.
      if (statement.what !== undefined && !isColumn && statement.what !== 'OBJECT') return [];
      const owner = { ...statement.name, parts: statement.name.parts.slice(0, -1) };
      if (around.isCreated(isColumn ? owner : statement.name)) return [];
      const name = statement.name.parts.at(-1) ?? '';
      return [
        {
          code: 'rename-in-use',
          span: statement.name.span,
          message: isColumn
            ? `Renaming column "${name}" of ${shown(owner)} breaks every query of the running version at once, and views and procedures that name it: add "${statement.to}", keep both in step, and drop "${name}" when nobody uses it.`
            : `Renaming ${name} breaks every query of the running version at once, and views and procedures that name it: keep both names in step until nobody uses the old one.`,
          severity: 'error',
        },
      ];
    }
    case 'update':
    case 'delete': {
      const { name, table = name } = statement;
      if (name === undefined || table === undefined || around.isCreated(table)) return [];
      if ((statement.hasWhere && statement.whereNull === undefined) || statement.isLimited) return [];
      const which = statement.whereNull === undefined ? '' : ` in which "${statement.whereNull}" is empty`;
      return [
        {
          code: 'unbatched-update',
          span: name.span,
          message: `This ${statement.kind === 'update' ? 'changes' : 'deletes'} every row of ${shown(table)}${which} by one statement: from some 5,000 locks on SQL Server locks the whole table instead, and everybody else waits until the transaction ends. Use batches below that, each in a transaction of its own.`,
          severity: 'warning',
        },
      ];
    }
    default:
      return 'body' in statement ? statement.body.flatMap((inner) => hazardsOf(inner, around)) : [];
  }
}

function ofAction(action: TableAction, table: TsqlName, around: TsqlSurroundings): readonly TsqlHazard[] {
  const blocking = (span: Span, message: string, severity: TsqlHazard['severity'] = 'warning'): TsqlHazard => ({
    code: 'blocking-alter',
    span,
    message,
    severity,
  });
  switch (action.kind) {
    case 'add-column':
      return addedColumn(action.column, table, blocking);
    case 'alter-column':
      return changedColumn(action, table, around, blocking);
    case 'drop-column':
      return around.isContract
        ? []
        : [
            {
              code: 'drop-before-contract',
              span: action.name.span,
              message: `Dropping column "${action.name.parts.at(-1) ?? ''}" of ${shown(table)} breaks every query of the running version that names it and its values are gone: deploy a version without it first, then drop it as a contract step.`,
              severity: 'error',
            },
          ];
    case 'add-constraint': {
      const span = action.name?.span ?? action.span;
      if (action.constraint === 'foreign-key' || action.constraint === 'check')
        return action.isUnchecked
          ? [
              {
                code: 'constraint-never-validated',
                span,
                message: `WITH NOCHECK looks at no row of ${shown(table)} that is there: the constraint is not trusted, and no plan makes use of it, until a later migration runs ALTER TABLE ... WITH CHECK CHECK CONSTRAINT.`,
                severity: 'info',
              },
            ]
          : [
              blocking(
                span,
                `Adding this constraint reads every row of ${shown(table)} while it holds the table for itself (Sch-M), so that everybody else waits. Add it WITH NOCHECK, and check the rows by WITH CHECK CHECK CONSTRAINT in a later migration at a quiet time.`,
              ),
            ];
      if ((action.constraint === 'primary-key' || action.constraint === 'unique') && !action.isOnline)
        return [
          blocking(
            span,
            `Adding this key builds its index while it holds ${shown(table)} for itself (Sch-M), so that everybody else waits until it is built. WITH (ONLINE = ON) lets them go on in ${EDITIONS}.`,
          ),
        ];
      return [];
    }
    default:
      return [];
  }
}

/** `#t`, `tempdb..#t`, `@t`; `##t` is shared by name, and made by programs for themselves all the same. */
function isOfSession({ parts }: TsqlName): boolean {
  return /^[@#]/.test(parts.at(-1) ?? '');
}

/** Types whose values never count as metadata. Source: "Adding NOT NULL columns as an online operation". */
const LARGE = /\(MAX\)$|^(?:XML|N?TEXT|IMAGE|HIERARCHYID|GEOMETRY|GEOGRAPHY)$/;

type Blocking = (span: Span, message: string, severity?: TsqlHazard['severity']) => TsqlHazard;

function addedColumn(column: TsqlColumn, table: TsqlName, blocking: Blocking): readonly TsqlHazard[] {
  const { span } = column.name;
  const name = column.name.parts.at(-1) ?? '';
  const type = column.type ?? '';
  if (column.isPersisted || column.isIdentity)
    return [
      blocking(
        span,
        `Adding ${column.isIdentity ? 'the numbered' : 'the persisted'} column "${name}" writes every row of ${shown(table)} anew while it holds the table for itself (Sch-M), so that everybody else waits.`,
      ),
    ];
  if (column.isComputed || column.isNullable !== false || /^(?:ROWVERSION|TIMESTAMP)$/.test(type)) return [];
  if (!column.hasDefault)
    return [
      {
        code: 'required-column',
        span,
        message: `Adding the required column "${name}" without a default fails when ${shown(table)} has rows: add it nullable, fill it, and make it required later.`,
        severity: 'error',
      },
    ];
  return [
    column.isDefaultByRow
      ? blocking(
          span,
          `Adding "${name}" with a default that is worked out for each row writes every row of ${shown(table)} anew while it holds the table for itself (Sch-M), so that everybody else waits. Add it nullable, give it the default for new rows, fill the old ones in batches, and make it required later.`,
        )
      : LARGE.test(type)
        ? blocking(
            span,
            `Adding "${name}" with a default writes every row of ${shown(table)} anew while it holds the table for itself (Sch-M), since values of ${type.toLowerCase()} are never only metadata. Add it nullable, fill it in batches, and make it required later.`,
          )
        : blocking(
            span,
            `Adding "${name}" with a default changes only metadata in ${EDITIONS}, as long as the default is the same for every row; in other editions it writes every row of ${shown(table)} anew while it holds the table for itself (Sch-M).`,
            'info',
          ),
  ];
}

function changedColumn(
  { column, isOnline }: Extract<TableAction, { kind: 'alter-column' }>,
  table: TsqlName,
  { before }: TsqlSurroundings,
  blocking: Blocking,
): readonly TsqlHazard[] {
  const { span } = column.name;
  const name = column.name.parts.at(-1) ?? '';
  const found: TsqlHazard[] = [];
  const old = before?.type?.toUpperCase().replaceAll(/\s+/g, '');
  const type = column.type ?? '';
  if (!isOnline && old !== type && !(old !== undefined && isWider(old, type)))
    found.push(
      blocking(
        span,
        `Changing "${name}" to ${type.toLowerCase()} may write every row of ${shown(table)} anew${old === undefined ? ', unless it only makes a text longer,' : ''} while it holds the table for itself (Sch-M), so that everybody else waits. Add a column of the new type, keep both in step, fill it in batches, and drop the old one later; WITH (ONLINE = ON) works in ${EDITIONS}.`,
      ),
    );
  if (column.isNullable === false && before?.isNullable !== false)
    found.push({
      code: 'required-column',
      span,
      message: `Making "${name}" required ${before === undefined ? 'reads, where it took null before,' : 'reads'} every row of ${shown(table)} while it holds the table for itself (Sch-M), and fails at the first row without a value; the running version may still write such rows. Deploy a version that always writes it and fill the old rows first.`,
      severity: 'warning',
    });
  return found;
}

/** Whether a type holds what the other one does in the same bytes: a longer text or longer bytes. */
function isWider(old: string, type: string): boolean {
  const [, oldName, oldLength] = /^(N?VARCHAR|VARBINARY)\((\d+)\)$/.exec(old) ?? [];
  const [, name, length] = /^(N?VARCHAR|VARBINARY)\((\d+)\)$/.exec(type) ?? [];
  return oldName !== undefined && oldName === name && Number(length) >= Number(oldLength);
}

function shown({ parts }: TsqlName): string {
  return parts.join('.');
}
