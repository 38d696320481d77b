import { findType } from '../model/lookup.ts';
import type { ColumnDefinition } from '../model/operation.ts';
import { statementsWith } from './facts/operation-index.ts';
import type { Rule, RuleContext, RuleFinding, RuleStatement } from './rule.ts';
import { actionsOf, blockedTitle, isContractStep, lockTitle, subjectOf } from './facts/subject.ts';

/** A column that must have a value, on a table whose rows and writers do not give it one. */
export const requiredColumn: Rule = {
  code: 'required-column',
  aliases: ['adding-required-field', 'adding-not-nullable-field'],
  title: 'A column becomes required while rows and the running version may leave it empty',
  severity: 'error',
  isForEveryProduct: true,
  dialects: ['postgresql', 'sqlite'],
  why:
    'While a migration runs, the old version of the application still writes to the table, and it does not know the new column. ' +
    'A NOT NULL column without a default makes each of its inserts fail, and on a table that has rows the migration itself fails. ' +
    'SET NOT NULL on an existing column also reads every row while nobody else may read or write the table, unless a validated CHECK constraint proves that no row is empty. ' +
    'Add the column nullable, deploy a version that writes it, fill the old rows in batches, and require it at the end.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES',
    'https://www.postgresql.org/docs/current/ddl-alter.html#DDL-ALTER-ADDING-A-COLUMN',
    'https://www.sqlite.org/lang_altertable.html#alter_table_add_column',
  ],
  documented: [
    {
      product: 'SQL Server',
      why: 'ALTER COLUMN ... NOT NULL reads every row under a schema modification lock (Sch-M), and fails at the first row without a value.',
      docs: ['https://learn.microsoft.com/sql/t-sql/statements/alter-table-transact-sql'],
    },
  ],
  bad: [
    {
      title: 'A NOT NULL column without a default',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'ALTER TABLE users ADD COLUMN <|status text NOT NULL|>;',
    },
    {
      title: 'A table that no migration made',
      dialect: 'postgresql',
      sql: 'ALTER TABLE users ADD COLUMN <|status text NOT NULL|>;',
    },
    {
      title: 'DEFAULT NULL is no default',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'ALTER TABLE users ADD COLUMN note text, ADD COLUMN <|status text DEFAULT NULL NOT NULL|>;',
    },
    {
      title: 'SET NOT NULL without proof',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, status text);'],
      sql: 'ALTER TABLE users ALTER COLUMN <|status|> SET NOT NULL;',
    },
    {
      title: 'A CHECK that is not validated proves nothing',
      dialect: 'postgresql',
      before: [
        'CREATE TABLE users (id bigint PRIMARY KEY, status text);',
        'ALTER TABLE users ADD CONSTRAINT status_set CHECK (status IS NOT NULL) NOT VALID;',
      ],
      sql: 'ALTER TABLE users ALTER COLUMN <|status|> SET NOT NULL;',
    },
    {
      title: 'A NOT NULL column without a default',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY);'],
      sql: 'ALTER TABLE users ADD COLUMN <|status TEXT NOT NULL|>;',
    },
    {
      title: 'SET NOT NULL without steps before it',
      dialect: 'sqlite',
      version: '3.53',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY, status TEXT);'],
      sql: 'ALTER TABLE users ALTER COLUMN <|status|> SET NOT NULL;',
    },
  ],
  good: [
    {
      title: 'A nullable column',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'ALTER TABLE users ADD COLUMN status text;',
    },
    {
      title: 'A constant default',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: "ALTER TABLE users ADD COLUMN status text NOT NULL DEFAULT 'new';",
    },
    {
      title: 'A table of the same migration',
      dialect: 'postgresql',
      sql: 'CREATE TABLE users (id bigint PRIMARY KEY);\nALTER TABLE users ADD COLUMN status text NOT NULL;',
    },
    {
      title: 'SET NOT NULL on the back of a validated CHECK',
      dialect: 'postgresql',
      before: [
        'CREATE TABLE users (id bigint PRIMARY KEY, status text);',
        'ALTER TABLE users ADD CONSTRAINT status_set CHECK (status IS NOT NULL) NOT VALID;',
        'ALTER TABLE users VALIDATE CONSTRAINT status_set;',
      ],
      sql: 'ALTER TABLE users ALTER COLUMN status SET NOT NULL;',
    },
    {
      title: 'The same of a table that no migration made',
      dialect: 'postgresql',
      sql: '-- lockstep: no-transaction\nALTER TABLE users ADD CONSTRAINT status_set CHECK (status IS NOT NULL) NOT VALID;\nALTER TABLE users VALIDATE CONSTRAINT status_set;\nALTER TABLE users ALTER COLUMN status SET NOT NULL;\nALTER TABLE users DROP CONSTRAINT status_set;',
    },
    {
      title: 'A column that is NOT NULL already',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, status text NOT NULL);'],
      sql: 'ALTER TABLE users ALTER COLUMN status SET NOT NULL;',
    },
    {
      title: 'SET NOT NULL at the end of a change that filled the column',
      dialect: 'sqlite',
      version: '3.53',
      before: [
        'CREATE TABLE users (id INTEGER PRIMARY KEY, status TEXT);',
        "-- lockstep: change users-status phase migrate\nUPDATE users SET status = 'new' WHERE status IS NULL;",
      ],
      sql: '-- lockstep: change users-status phase contract\nALTER TABLE users ALTER COLUMN status SET NOT NULL;',
    },
    {
      title: 'A constant default',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY);'],
      sql: "ALTER TABLE users ADD COLUMN status TEXT NOT NULL DEFAULT '';",
    },
  ],
  csharp: {
    bad: [
      {
        title: 'On a product whose SQL is not analysed',
        product: 'SQL Server',
        up: 'migrationBuilder.AddColumn<string>(name: <|"Nick"|>, table: "Users", type: "nvarchar(max)", nullable: false);',
      },
      {
        title: 'Raw SQL',
        product: 'SQL Server',
        up: 'migrationBuilder.Sql("ALTER TABLE dbo.Users ADD <|Nick|> nvarchar(50) NOT NULL");',
      },
    ],
    good: [
      {
        title: 'On a product whose SQL is not analysed',
        product: 'SQL Server',
        up: 'migrationBuilder.AddColumn<byte[]>(name: "Version", table: "Users", type: "rowversion", rowVersion: true, nullable: false);',
      },
    ],
  },
  check: requiredFindings,
  fixes(finding) {
    const { operation } = finding;
    if (operation === undefined) return [];
    return [
      {
        kind: 'change',
        title: 'Split into expand and contract',
        safety: 'review',
        request: { recipe: operation.kind === 'add-column' ? 'required-column' : 'set-not-null', operation },
      },
    ];
  },
};

const found = new WeakMap<readonly RuleStatement[], readonly RuleFinding[]>();

/** What `required-column` finds, worked out once a document: other rules do not say the same again. */
export function requiredFindings(context: RuleContext): readonly RuleFinding[] {
  const known = found.get(context.statements);
  if (known !== undefined) return known;
  const findings = statementsWith(context, 'add-column', 'set-not-null').flatMap((statement) =>
    statement.direction === 'up' ? [...addedColumns(context, statement), ...requiredLater(context, statement)] : [],
  );
  found.set(context.statements, findings);
  return findings;
}

function* addedColumns(context: RuleContext, statement: RuleStatement): IterableIterator<RuleFinding> {
  for (const { operation, action } of actionsOf(statement, 'add-column')) {
    if (!isRequired(action.column) || hasValue(action.column, statement)) continue;
    const subject = subjectOf(context, statement, operation.relation);
    if (
      !subject.isInUse ||
      (action.ifNotExists && subject.relation?.columns.some((column) => column.name === action.column.name) === true)
    )
      continue;
    yield {
      statement,
      span: action.column.span,
      relation: subject.place,
      operation,
      message: `Adding NOT NULL column "${action.column.name}" without a default fails on a table with rows and breaks inserts of the running version.`,
    };
  }
}

function* requiredLater(context: RuleContext, statement: RuleStatement): IterableIterator<RuleFinding> {
  // Some engines have no gentler way to require a column: at the end of a change whose earlier steps fill it, this is the safe one.
  if (!context.engine.product.capabilities.validatesLater && isContractStep(context)) return;
  for (const { operation, action } of actionsOf(statement, 'set-not-null')) {
    const subject = subjectOf(context, statement, operation.relation);
    if (!subject.isInUse) continue;
    const column = subject.relation?.columns.find((candidate) => candidate.name === action.column);
    if (column?.notNull === true) continue;
    const effect = statement.effects.find(
      (candidate) =>
        candidate.scan &&
        candidate.blocks.includes('writes') &&
        (subject.relation === undefined || candidate.relation === subject.relation.name),
    );
    if (effect === undefined) continue;
    const isUnknown =
      effect.certainty === 'may' ? ', unless a validated CHECK constraint that no migration here shows proves it' : '';
    yield {
      statement,
      span: action.columnSpan,
      relation: subject.place,
      operation,
      message:
        `SET NOT NULL on "${action.column}" reads all of ${subject.shown} under ${lockTitle(effect.lock)}, which blocks ${blockedTitle(effect.blocks)}${isUnknown}; ` +
        'it fails if a row is empty, and afterwards inserts of the running version that leave the column out fail.',
    };
  }
}

function isRequired(column: ColumnDefinition): boolean {
  return (
    column.notNull !== undefined ||
    column.constraints.some((constraint) => constraint.kind === 'primary-key' || constraint.kind === 'not-null')
  );
}

/** Whether rows that do not name the column get a value all the same. */
function hasValue(column: ColumnDefinition, statement: RuleStatement): boolean {
  if (column.identity !== undefined || column.generated !== undefined || column.serial !== undefined) return true;
  if (column.default !== undefined)
    return !(column.default.tree.kind === 'literal' && column.default.tree.value === null);
  const { type } = column;
  if (type === undefined) return false;
  const userType = findType(statement.before, {
    ...(type.schema === undefined ? {} : { schema: type.schema }),
    name: type.name,
  });
  return userType?.domain?.default !== undefined;
}
