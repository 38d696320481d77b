import type { Effect } from '../model/effect.ts';
import { findType } from '../model/lookup.ts';
import { objectKey } from '../model/names.ts';
import { canBeVirtual, ownWord } from '../model/virtual-column.ts';
import { isTableAction, type Operation } from '../model/operation.ts';
import { operationsIn } from './facts/operation-index.ts';
import { requiredFindings } from './required-column.ts';
import type { Rule, RuleContext, RuleFinding, RuleFix, RuleStatement } from './rule.ts';
import { blockedTitle, isSameOperation, keptOutToo, lockTitle, subjectOf } from './facts/subject.ts';

/** A change of an existing table that reads or rewrites all of it while others have to wait. */
export const blockingAlter: Rule = {
  code: 'blocking-alter',
  aliases: ['constraint-missing-not-valid', 'changing-column-type', 'adding-foreign-key-constraint'],
  title: 'A table is read whole or rewritten under a lock that blocks reads or writes',
  severity: 'error',
  isForEveryProduct: true,
  dialects: ['postgresql'],
  growsWithTable: true,
  why:
    "Some changes have to look at every row, or write every row anew: most changes of a column's type, a default that is different for each row, a constraint that old rows must meet. " +
    'The statement holds its lock for all that time, and every query that needs the table waits behind it, so on a large table the service stands still. ' +
    'Do the same in steps: first the part that only touches the catalog, then the part that reads the rows under a weaker lock.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES',
    'https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES',
  ],
  documented: [
    {
      product: 'SQL Server',
      why: 'Every ALTER TABLE holds the table for itself (a schema modification lock, Sch-M). That is a moment where only metadata changes, and lasts as long as the table is large where rows are read or written: a constraint WITH CHECK, a key, most changes of a type, a required column with a default outside of the Enterprise and Developer editions and Azure SQL, or of a type such as nvarchar(max).',
      docs: [
        'https://learn.microsoft.com/sql/t-sql/statements/alter-table-transact-sql',
        'https://learn.microsoft.com/sql/relational-databases/sql-server-transaction-locking-and-row-versioning-guide',
      ],
    },
  ],
  csharp: {
    bad: [
      {
        title: 'A foreign key on SQL Server',
        product: 'SQL Server',
        up: 'migrationBuilder.AddForeignKey(name: "<|FK_Orders_Users|>", table: "Orders", column: "UserId", principalTable: "Users", principalColumn: "Id");',
      },
      {
        title: 'Another type',
        product: 'SQL Server',
        up: 'migrationBuilder.AlterColumn<long>(name: "<|Total|>", table: "Orders", type: "bigint", nullable: false, oldClrType: typeof(int), oldType: "int");',
      },
      {
        title: 'A required column with a default',
        product: 'SQL Server',
        up: 'migrationBuilder.AddColumn<int>(name: "<|Kind|>", table: "Orders", type: "int", nullable: false, defaultValue: 3);',
      },
      {
        title: 'A default that is worked out for each row',
        product: 'SQL Server',
        up: 'migrationBuilder.AddColumn<Guid>(name: "<|Token|>", table: "Orders", type: "uniqueidentifier", nullable: false, defaultValueSql: "NEWID()");',
      },
      {
        title: 'Raw SQL, also where it is a text that is run',
        product: 'SQL Server',
        up: `migrationBuilder.Sql("EXEC(N'ALTER TABLE dbo.Orders ADD CONSTRAINT <|CK_Kind|> CHECK (Kind <> N''x'')')");`,
      },
      {
        title: 'On the way back',
        product: 'SQL Server',
        up: 'migrationBuilder.DropForeignKey(name: "FK_Orders_Users", table: "Orders");',
        down: 'migrationBuilder.AddForeignKey(name: "<|FK_Orders_Users|>", table: "Orders", column: "UserId", principalTable: "Users", principalColumn: "Id");',
      },
    ],
    good: [
      {
        title: 'A longer text',
        product: 'SQL Server',
        up: 'migrationBuilder.AlterColumn<string>(name: "Note", table: "Orders", type: "nvarchar(200)", maxLength: 200, nullable: true, oldClrType: typeof(string), oldType: "nvarchar(100)", oldMaxLength: 100, oldNullable: true);',
      },
      {
        title: 'A table that the migration makes',
        product: 'SQL Server',
        up: 'migrationBuilder.CreateTable(name: "Orders", columns: table => new { Id = table.Column<int>(type: "int", nullable: false) }); migrationBuilder.Sql("ALTER TABLE Orders ADD CONSTRAINT CK CHECK (Id > 0)");',
      },
    ],
  },
  bad: [
    {
      title: 'A foreign key',
      dialect: 'postgresql',
      before: [
        'CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);',
      ],
      sql: 'ALTER TABLE orders <|ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id)|>;',
    },
    {
      title: 'A check',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, age int);'],
      sql: 'ALTER TABLE users <|ADD CONSTRAINT adult CHECK (age >= 18)|>;',
    },
    {
      title: 'A unique constraint',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);'],
      sql: 'ALTER TABLE users <|ADD CONSTRAINT users_email UNIQUE (email)|>;',
    },
    {
      title: 'A type with another representation',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, age int);'],
      sql: 'ALTER TABLE users <|ALTER COLUMN age TYPE bigint|>;',
    },
    {
      title: 'A default that differs from row to row',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'ALTER TABLE users <|ADD COLUMN token uuid DEFAULT gen_random_uuid()|>;',
    },
    {
      title: 'citext, by which an index compares otherwise',
      dialect: 'postgresql',
      before: [
        'CREATE EXTENSION citext;\nCREATE TABLE users (id bigint PRIMARY KEY, nick text);\nCREATE INDEX users_nick ON users (nick);',
      ],
      sql: 'ALTER TABLE users <|ALTER COLUMN nick TYPE citext|>;',
    },
    {
      title: 'A domain that no migration made',
      dialect: 'postgresql',
      sql: "<|ALTER DOMAIN app.email ADD CONSTRAINT at CHECK (VALUE LIKE '%@%')|>;",
    },
    {
      title: 'A stored generated column',
      dialect: 'postgresql',
      before: ['CREATE TABLE orders (id bigint PRIMARY KEY, amount int, price int);'],
      sql: 'ALTER TABLE orders <|ADD COLUMN total int GENERATED ALWAYS AS (amount * price) STORED|>;',
      steps: ['Add orders.total, computed by a trigger', 'Fill orders.total in old rows'],
    },
    {
      title: 'A stored generated column where a virtual one would do',
      dialect: 'postgresql',
      version: '18',
      before: ['CREATE TABLE orders (id bigint PRIMARY KEY, amount int, price int);'],
      sql: 'ALTER TABLE orders <|ADD COLUMN total int GENERATED ALWAYS AS (amount * price) STORED|>;',
      fixed: 'ALTER TABLE orders ADD COLUMN total int GENERATED ALWAYS AS (amount * price) VIRTUAL;',
    },
    {
      title: 'One of several actions',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, age int);'],
      sql: 'ALTER TABLE users ADD COLUMN nick text, <|ALTER COLUMN age TYPE bigint|>;',
    },
    {
      title: 'An inline check on a new column',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'ALTER TABLE users <|ADD COLUMN age int CHECK (age > 0)|>;',
    },
  ],
  good: [
    {
      title: 'A constraint that is not validated yet',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, age int);'],
      sql: 'ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID;',
    },
    {
      title: 'Validating it later',
      dialect: 'postgresql',
      before: [
        'CREATE TABLE users (id bigint PRIMARY KEY, age int);',
        'ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID;',
      ],
      sql: 'ALTER TABLE users VALIDATE CONSTRAINT adult;',
    },
    {
      title: 'An identity that counts in other steps',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY);'],
      sql: 'ALTER TABLE users ALTER COLUMN id SET INCREMENT BY 10;',
    },
    {
      title: 'citext, whose bytes are those of text',
      dialect: 'postgresql',
      before: ['CREATE EXTENSION citext;\nCREATE TABLE users (id bigint PRIMARY KEY, nick varchar(20));'],
      sql: 'ALTER TABLE users ALTER COLUMN nick TYPE citext;',
    },
    {
      title: 'A wider varchar',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, nick varchar(20));'],
      sql: 'ALTER TABLE users ALTER COLUMN nick TYPE varchar(40);',
    },
    {
      title: 'varchar to text',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, nick varchar(20));'],
      sql: 'ALTER TABLE users ALTER COLUMN nick TYPE text;',
    },
    {
      title: 'A default that is the same for all rows',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'ALTER TABLE users ADD COLUMN seen timestamptz DEFAULT now();',
    },
    {
      title: 'A foreign key of a new table',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);\nALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id);',
    },
    {
      title: 'A table of the same migration',
      dialect: 'postgresql',
      sql: 'CREATE TABLE users (id bigint PRIMARY KEY, age int);\nALTER TABLE users ALTER COLUMN age TYPE bigint;',
    },
    {
      title: 'A foreign key of a new table that is filled afterwards',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'CREATE TABLE profiles (id bigint PRIMARY KEY, user_id bigint);\nALTER TABLE profiles ADD FOREIGN KEY (user_id) REFERENCES users (id);\nCREATE INDEX profiles_user ON profiles (user_id);\nINSERT INTO profiles SELECT id, id FROM users;',
    },
    {
      title: 'A primary key over another index',
      dialect: 'postgresql',
      sql: '-- lockstep: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY users_new ON users (id);\nALTER TABLE users DROP CONSTRAINT users_pkey, ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_new;',
    },
    {
      title: 'A unique constraint over an index that is there',
      dialect: 'postgresql',
      before: [
        'CREATE TABLE users (id bigint PRIMARY KEY, email text);',
        'CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);',
      ],
      sql: 'ALTER TABLE users ADD CONSTRAINT users_email UNIQUE USING INDEX users_email;',
    },
  ],
  *check(context) {
    const required = requiredFindings(context);
    for (const statement of context.statements) {
      if (
        !statement.effects.some(isHeavy) &&
        !statement.body.operations.some((operation) => operation.kind === 'alter-type-definition')
      )
        continue;
      const operations = statement.body.operations.filter(isAlter);
      for (const operation of operations) {
        if (
          required.some(
            (finding) =>
              finding.statement === statement &&
              finding.operation !== undefined &&
              isSameOperation(finding.operation, operation),
          )
        )
          continue;
        const unknown = unknownDomain(statement, operation);
        if (unknown !== undefined) yield unknown;
        const finding = findingOf(
          context,
          statement,
          operation,
          operations.length === 1 ? statement.effects : effectsAlone(context, statement, operation),
        );
        if (finding !== undefined) yield finding;
      }
    }
  },
  fixes(finding, context): readonly RuleFix[] {
    const { operation } = finding;
    const recipe = operation === undefined ? undefined : recipeOf(operation);
    if (operation === undefined || recipe === undefined || finding.statement.direction === 'down') return [];
    return [
      ...virtualInstead(context, finding.statement, operation),
      { kind: 'change', title: 'Split into expand and contract', safety: 'review', request: { recipe, operation } },
    ];
  },
};

/** A constraint of a domain that no migration made: which tables hold values of it is not known. */
function unknownDomain(statement: RuleStatement, operation: Operation): RuleFinding | undefined {
  if (
    operation.kind !== 'alter-type-definition' ||
    statement.before.isComplete ||
    findType(statement.before, operation.name) !== undefined
  )
    return undefined;
  const { action } = operation;
  if (
    action.kind !== 'domain-set-not-null' &&
    action.kind !== 'domain-validate-constraint' &&
    (action.kind !== 'domain-add-constraint' || action.constraint.notValid === true)
  )
    return undefined;
  return {
    statement,
    span: operation.span,
    operation,
    severity: 'warning',
    message: `This change of the domain ${operation.name.name} reads all of each table that has a column of it under SHARE, which blocks writes until it is done, if there is any.`,
  };
}

/** STORED made VIRTUAL, where the database has that and allows it: nothing is written, and the value is worked out when it is read. */
function virtualInstead(context: RuleContext, statement: RuleStatement, operation: Operation): readonly RuleFix[] {
  if (!canBeVirtual(context.engine.product, context.target.version) || operation.kind !== 'add-column') return [];
  const { column } = operation.action;
  if (
    column.generated?.stored !== true ||
    column.notNull !== undefined ||
    column.constraints.length > 0 ||
    ownWord(statement.before, column) !== undefined
  )
    return [];
  const from = column.generated.expression.span.end;
  const at = /\bstored\b/i.exec(statement.source.text.slice(from, column.span.end))?.index;
  return at === undefined
    ? []
    : [
        {
          kind: 'edit',
          title: 'Make it VIRTUAL: worked out when it is read, and without an index',
          safety: 'review',
          edits: [{ span: { start: from + at, end: from + at + 'stored'.length }, newText: 'VIRTUAL' }],
        },
      ];
}

/** ALTER of tables, domains and types; data statements, index builds and maintenance have rules of their own. */
function isAlter(operation: Operation): boolean {
  return (
    isTableAction(operation) ||
    operation.kind === 'alter-type-definition' ||
    (operation.kind === 'create-table' && operation.partitionOf !== undefined)
  );
}

function isHeavy(effect: Effect): boolean {
  // An index is built by a rule of its own, and a sequence is one row.
  return (
    (effect.scan || effect.rewrite) &&
    effect.relationKind !== 'index' &&
    effect.relationKind !== 'sequence' &&
    effect.blocks.includes('writes')
  );
}

function effectsAlone(context: RuleContext, statement: RuleStatement, operation: Operation): readonly Effect[] {
  return context.engine.effects([operation], statement.before, context.target);
}

function findingOf(
  context: RuleContext,
  statement: RuleStatement,
  operation: Operation,
  effects: readonly Effect[],
): RuleFinding | undefined {
  const effect = effects
    .filter(isHeavy)
    .filter((candidate) => !context.isNew(objectKey(candidate.schema, candidate.relation), statement))
    .sort((left, right) => Number(right.rewrite) - Number(left.rewrite))[0];
  if (effect === undefined) return undefined;
  const subject = isTableAction(operation) ? subjectOf(context, statement, operation.relation) : undefined;
  // An empty table refers to nothing, so that the referenced table is not read either.
  if (
    subject !== undefined &&
    !subject.isInUse &&
    operation.kind === 'add-constraint' &&
    !isFilled(context, statement, operation)
  )
    return undefined;
  // On a table of this migration nothing waits, except where another table is read.
  if (subject !== undefined && !subject.isInUse && subject.relation?.name === effect.relation) return undefined;
  const may = effect.certainty === 'may';
  const does = effect.rewrite
    ? `${may ? 'may rewrite' : 'rewrites'} ${effect.relation}`
    : `${may ? 'may read' : 'reads'} all of ${effect.relation}`;
  return {
    statement,
    span: operation.span,
    relation: { schema: effect.schema, name: effect.relation },
    operation,
    ...(may ? { severity: 'warning' as const } : {}),
    message: `${phraseOf(operation)} ${does} under ${lockTitle(effect.lock)}, which blocks ${blockedTitle(effect.blocks)} until it is done${keptOutToo(context, statement, effect)}${may ? `. ${effect.why}` : '.'}`,
  };
}

/** Whether the migration has put rows that it reads elsewhere into the operation's table before the operation. */
function isFilled(context: RuleContext, statement: RuleStatement, operation: Operation): boolean {
  if (!('relation' in operation) || operation.relation === undefined) return true;
  const { name } = operation.relation;
  return [
    ...operationsIn(context, 'insert-rows'),
    ...operationsIn(context, 'create-table-as'),
    ...operationsIn(context, 'copy-rows'),
  ].some(
    (filling) =>
      filling.statement.index < statement.index &&
      filling.operation.relation?.name === name &&
      !(filling.operation.kind === 'insert-rows' && filling.operation.rowCount !== undefined),
  );
}

function phraseOf(operation: Operation): string {
  if (operation.kind === 'create-table') return 'Creating this partition';
  if (!isTableAction(operation)) return 'This change of a type';
  const { action } = operation;
  switch (action.kind) {
    case 'add-column':
      return `Adding column "${action.column.name}"`;
    case 'alter-type':
      return `Changing the type of "${action.column}"`;
    case 'set-not-null':
      return `SET NOT NULL on "${action.column}"`;
    case 'add-constraint': {
      const title = {
        check: 'check',
        'foreign-key': 'foreign key',
        unique: 'unique constraint',
        'primary-key': 'primary key',
        exclusion: 'exclusion constraint',
        'not-null': 'not-null constraint',
      }[action.constraint.kind];
      return `Adding this ${title}`;
    }
    case 'validate-constraint':
      return `Validating "${action.constraint}"`;
    case 'attach-partition':
      return 'Attaching this partition';
    default:
      return 'This change';
  }
}

/** The recipe that makes the operation safe; undefined where there is none yet. */
function recipeOf(operation: Operation): string | undefined {
  if (!isTableAction(operation)) return undefined;
  const { action } = operation;
  if (action.kind === 'add-column') return 'add-column';
  if (action.kind === 'set-not-null') return 'set-not-null';
  if (action.kind === 'alter-type' || action.kind === 'attach-partition') return action.kind;
  if (action.kind !== 'add-constraint') return undefined;
  switch (action.constraint.kind) {
    case 'check':
      return 'add-check';
    case 'foreign-key':
      return 'add-foreign-key';
    case 'unique':
      return 'add-unique';
    case 'primary-key':
      return 'add-primary-key';
    case 'exclusion':
      return 'add-exclusion';
    default:
      return undefined;
  }
}
