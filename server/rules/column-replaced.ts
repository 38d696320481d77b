import { findRelation } from '../model/lookup.ts';
import { sameType, type TypeName } from '../model/type-name.ts';
import { statementsWith } from './facts/operation-index.ts';
import type { Rule, RuleContext, RuleFinding } from './rule.ts';
import { actionsOf, subjectOf } from './facts/subject.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY, name text, age int);';

/** A column that goes while one of the same type comes: most often a rename that a tool took for two changes. */
export const columnReplaced: Rule = {
  code: 'column-replaced',
  aliases: ['rename-column-as-drop-add'],
  title: 'A column is dropped and another of its type is added: a rename that loses the values',
  severity: 'warning',
  isForEveryProduct: true,
  dialects: ['postgresql', 'sqlite'],
  why:
    'Tools that compare two models see a renamed field as one that went and one that came, and write DROP COLUMN and ADD COLUMN. ' +
    'The new column is empty, and the values of the old one are gone. ' +
    'If it is a rename, add the new column, keep both in step, copy the values and drop the old one when nobody uses it; if it is not, say so with an allow line.',
  docs: [
    'https://www.postgresql.org/docs/current/ddl-alter.html#DDL-ALTER-RENAMING-COLUMN',
    'https://www.sqlite.org/lang_altertable.html#alter_table_rename_column',
  ],
  bad: [
    {
      title: 'The same column with another type',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users DROP COLUMN <|age|>;\nALTER TABLE users ADD COLUMN age bigint;',
    },
    {
      title: 'Two actions',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users DROP COLUMN <|name|>, ADD COLUMN full_name text;',
    },
    {
      title: 'Two statements',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);'],
      sql: 'ALTER TABLE users ADD COLUMN full_name TEXT;\nALTER TABLE users DROP COLUMN <|name|>;',
    },
  ],
  good: [
    {
      title: 'Another type',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users DROP COLUMN name, ADD COLUMN height numeric;',
    },
    {
      title: 'Two columns go',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, labels text, tags text);'],
      sql: 'ALTER TABLE users DROP COLUMN labels, DROP COLUMN tags, ADD COLUMN metadata text;',
    },
    {
      title: 'A key to another table goes',
      dialect: 'postgresql',
      before: [`${TABLE}\nCREATE TABLE members (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));`],
      sql: 'ALTER TABLE members DROP CONSTRAINT members_user_id_fkey;\nALTER TABLE members DROP COLUMN user_id;\nALTER TABLE members ADD COLUMN plan bigint;',
    },
    {
      title: 'The values are copied',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nALTER TABLE users ADD COLUMN full_name text;\nUPDATE users SET full_name = name;\nALTER TABLE users DROP COLUMN name;',
    },
  ],
  csharp: {
    bad: [
      {
        title: 'The name and the type change at once, of which EF Core makes two changes',
        dialect: 'postgresql',
        before: [
          'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "integer", nullable: false), Email = table.Column<string>(type: "character varying(50)", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });',
        ],
        up: 'migrationBuilder.DropColumn(name: <|"Email"|>, table: "Users"); migrationBuilder.AddColumn<string>(name: "EmailAddress", table: "Users", type: "text", nullable: true);',
        down: 'migrationBuilder.DropColumn(name: "EmailAddress", table: "Users"); migrationBuilder.AddColumn<string>(name: "Email", table: "Users", type: "character varying(50)", nullable: true);',
      },
    ],
    good: [
      {
        title: 'Two names without a word in common',
        dialect: 'postgresql',
        before: [
          'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "integer", nullable: false), Email = table.Column<string>(type: "character varying(50)", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });',
        ],
        up: 'migrationBuilder.DropColumn(name: "Email", table: "Users"); migrationBuilder.AddColumn<int>(name: "Height", table: "Users", type: "integer", nullable: true);',
        down: 'migrationBuilder.DropColumn(name: "Height", table: "Users"); migrationBuilder.AddColumn<string>(name: "Email", table: "Users", type: "character varying(50)", nullable: true);',
      },
    ],
  },
  *check(context) {
    const added: { readonly table: string; readonly name: string; readonly type: TypeName }[] = [];
    const dropped: {
      readonly finding: RuleFinding;
      readonly table: string;
      readonly name: string;
      readonly type: TypeName;
      readonly shown: string;
    }[] = [];
    const written = new Set<string>();
    for (const statement of statementsWith(context, 'update-rows', 'add-column', 'drop-column')) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations)
        if (operation.kind === 'update-rows')
          for (const column of operation.columns) written.add(`${operation.relation.name}.${column}`);
      for (const { operation, action } of actionsOf(statement, 'add-column')) {
        if (action.column.type !== undefined && action.column.generated === undefined)
          added.push({ table: operation.relation.name, name: action.column.name, type: action.column.type });
      }
      for (const { operation, action } of actionsOf(statement, 'drop-column')) {
        const subject = subjectOf(context, statement, operation.relation);
        const column = subject.relation?.columns.find((candidate) => candidate.name === action.column);
        if (!subject.isInUse || column?.type === undefined || context.isNewOrigin(column.origin)) continue;
        dropped.push({
          finding: { statement, span: action.columnSpan, relation: subject.place, operation, message: '' },
          table: operation.relation.name,
          name: column.name,
          type: column.type,
          shown: subject.shown,
        });
      }
    }
    for (const { finding, table, name, type, shown } of dropped) {
      if (added.some((other) => other.table === table && other.name === name)) {
        yield {
          ...finding,
          severity: 'error',
          message: `"${name}" of ${shown} is dropped and comes back empty: every value is lost. To change its type, add a column beside it, keep both in step, and copy the values.`,
        };
        continue;
      }
      const candidates = added.filter(
        (other) =>
          other.table === table &&
          sameType(other.type, type) &&
          !written.has(`${table}.${other.name}`) &&
          pointsAt(context, 'end', finding, other.name) === pointsAt(context, 'start', finding, name),
      );
      const [match] = candidates;
      // Several of one type, on either side, may be anything.
      const isOneOfMany = dropped.some(
        (other) => other.name !== name && other.table === table && sameType(other.type, type),
      );
      if (match === undefined || candidates.length > 1 || isOneOfMany) continue;
      yield {
        ...finding,
        message: `"${name}" of ${shown} goes and "${match.name}" of the same type comes: if this is a rename, the values of "${name}" are lost. Copy them first, and drop "${name}" when nobody uses it.`,
      };
    }
  },
};

/** The table that a foreign key of the column points at, as the migration meets it or leaves it; empty where there is none. */
function pointsAt(context: RuleContext, when: 'start' | 'end', { operation }: RuleFinding, column: string): string {
  const at =
    when === 'start'
      ? context.statements[0]?.before
      : context.statements.findLast((statement) => statement.direction === 'up')?.after;
  if (
    at === undefined ||
    operation === undefined ||
    !('relation' in operation) ||
    operation.relation === undefined ||
    !('name' in operation.relation)
  )
    return '';
  const keys =
    findRelation(at, operation.relation)?.constraints.filter(
      (constraint) => constraint.kind === 'foreign-key' && constraint.columns.includes(column),
    ) ?? [];
  return keys
    .map((constraint) => constraint.references?.key ?? '')
    .sort()
    .join();
}
