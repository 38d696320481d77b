import { byLanguage } from './facts/by-language.ts';
import type { Rule } from './rule.ts';

const POSTGRESQL =
  'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "integer", nullable: false), Email = table.Column<string>(type: "text", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });';
const SQLITE =
  'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "INTEGER", nullable: false), Email = table.Column<string>(type: "TEXT", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });';

/** A rename between two names that have nothing in common. */
export const guessedRename: Rule = {
  code: 'guessed-rename',
  title: 'A rename that EF Core may have guessed',
  severity: 'info',
  isForEveryProduct: true,
  dialects: ['postgresql', 'sqlite'],
  why:
    'EF Core compares two models, and takes a column that went and one of the same type and length that came for a rename, whatever they are called. ' +
    'The values of the old column then stand under the new name: a nickname becomes a password hint. ' +
    'Where the two are one thing this is right, and a rename of a column in use is a change of its own; where they are not, write AddColumn and drop the old column later.',
  docs: [
    'https://learn.microsoft.com/ef/core/managing-schemas/migrations/managing#column-renames',
    'https://github.com/dotnet/efcore/issues/26875',
  ],
  bad: [],
  good: [],
  csharp: {
    bad: [
      {
        title: 'Two names without a word in common',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: 'migrationBuilder.RenameColumn(name: "Email", table: "Users", newName: <|"Signature"|>);',
      },
      {
        title: 'Two names without a word in common',
        dialect: 'sqlite',
        before: [SQLITE],
        up: 'migrationBuilder.RenameColumn(name: "Email", table: "Users", newName: <|"Signature"|>);',
      },
    ],
    good: [
      {
        title: 'A longer name',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: 'migrationBuilder.RenameColumn(name: "Email", table: "Users", newName: "EmailAddress");',
      },
      {
        title: 'Another way to write it',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: 'migrationBuilder.RenameColumn(name: "CreatedAt", table: "Users", newName: "created_on");',
      },
    ],
  },
  check: byLanguage,
};
