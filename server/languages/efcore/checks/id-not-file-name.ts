import type { Check } from './check.ts';

/** A migration that EF Core runs at another place than its file's name says. */
export const idNotFileName: Check = ({ migration, document }) => {
  const { id, fileName } = document;
  if (id === undefined || fileName === undefined || migration.isAbstract) return [];
  const [own, named] = [/^\d{14}/.exec(id)?.[0], /^\d{14}/.exec(fileName)?.[0]];
  // Names without a date do not say where they run.
  if (own === named || named === undefined) return [];
  return [
    {
      code: 'id-not-file-name',
      span: migration.nameSpan,
      message: `EF Core runs this by its id, ${id}, and not by the name of its file: it stands elsewhere in the order than the file does. Give the file the id's name.`,
    },
  ];
};
