import { byLanguage } from './facts/by-language.ts';
import type { Rule } from './rule.ts';

const ADD = 'migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "TEXT", nullable: true);';

/** A file whose name says another place in the order than EF Core runs it at. */
export const idNotFileName: Rule = {
  code: 'id-not-file-name',
  title: 'The date in the name of a file is not that of the migration in it',
  severity: 'warning',
  isForEveryProduct: true,
  dialects: ['postgresql', 'sqlite'],
  why:
    'EF Core orders migrations by the id in the [Migration] attribute, and looks at no file name. ' +
    'A file that was renamed, or whose attribute was edited, then stands elsewhere in the folder than it runs, and who reads the folder from top to bottom reads another history than the database got. ' +
    'Give the file the name of the id, or, while it is applied nowhere, the id the name of the file.',
  docs: ['https://learn.microsoft.com/ef/core/managing-schemas/migrations/managing'],
  bad: [],
  good: [],
  csharp: {
    bad: [
      {
        title: 'Another day',
        dialect: 'postgresql',
        up: ADD.replace('TEXT', 'text'),
        fileName: '20240909000000_Example',
        reported: 'class',
      },
      { title: 'Another day', dialect: 'sqlite', up: ADD, fileName: '20240909000000_Example', reported: 'class' },
    ],
    good: [
      {
        title: 'A name without a date',
        dialect: 'sqlite',
        before: [ADD],
        up: ADD.replace('Nick', 'Name'),
        fileName: 'Example',
      },
    ],
  },
  check: byLanguage,
};
