import { byLanguage } from './facts/by-language.ts';
import type { Rule } from './rule.ts';

const ADD = 'migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "TEXT", nullable: true);';

function users(nick: string, text = 'TEXT'): string {
  return `modelBuilder.Entity("App.User", b => { b.Property<int>("Id").HasColumnType("INTEGER");${nick === '' ? '' : ` b.Property<string>("${nick}").HasColumnType("${text}");`} b.HasKey("Id"); b.ToTable("Users", (string)null); });`;
}

/** A snapshot that is not the model of the newest Designer. */
export const snapshotBehind: Rule = {
  code: 'snapshot-behind',
  title: 'The model snapshot is not the model of the newest migration',
  severity: 'warning',
  isForEveryProduct: true,
  dialects: ['postgresql', 'sqlite'],
  why:
    'dotnet ef migrations add compares the program with the model snapshot, and migrations remove compares the snapshot with the newest Designer. ' +
    'After a merge of two branches, each with a migration of its own, one of the two lacks what the other branch added: the next migration then does something again, or undoes it, and a removal writes the wrong snapshot. ' +
    'Remove the newest migration while it is applied nowhere and add it again on top of the other, or add an empty one, which writes both files whole.',
  docs: [
    'https://learn.microsoft.com/ef/core/managing-schemas/migrations/teams',
    'https://github.com/dotnet/efcore/issues/27836',
    'https://github.com/dotnet/efcore/issues/37688',
  ],
  bad: [],
  good: [],
  csharp: {
    bad: [
      {
        title: 'A column that the Designer lacks',
        dialect: 'sqlite',
        up: ADD,
        models: [users('')],
        snapshot: users('Nick'),
        reported: 'class',
      },
      {
        title: 'A column that the snapshot lacks',
        dialect: 'postgresql',
        up: ADD.replace('TEXT', 'text'),
        models: [users('Nick', 'text')],
        snapshot: users(''),
        reported: 'class',
      },
    ],
    good: [
      { title: 'Both are the same', dialect: 'sqlite', up: ADD, models: [users('Nick')], snapshot: users('Nick') },
    ],
  },
  check: byLanguage,
};
