import type { Check } from './check.ts';

/** The newest Designer and the snapshot, of which the next migration is made, say different things. */
export const snapshotBehind: Check = ({ migration, document }) => {
  const { snapshot } = document;
  const { up } = document.models;
  if (snapshot === undefined || typeof up === 'string' || migration.isAbstract) return [];
  if (snapshot.lastMigrationId !== undefined && document.id !== undefined && snapshot.lastMigrationId !== document.id)
    return [
      {
        code: 'snapshot-behind',
        span: migration.nameSpan,
        message: `The model snapshot names ${snapshot.lastMigrationId} as the last migration, and this one is: after a merge both have to be made again. Remove this migration while it is applied nowhere, and add it again.`,
      },
    ];
  if (up.fingerprint === snapshot.fingerprint) return [];
  return [
    {
      code: 'snapshot-behind',
      span: migration.nameSpan,
      message:
        'The model snapshot is not the model in the Designer of this newest migration, as after a merge or an edit by hand: the next "dotnet ef migrations add" starts from the snapshot and writes what is there already or misses what is not, and "migrations remove" rewrites the snapshot from this Designer. Remove this migration while it is applied nowhere and add it again, or add an empty one.',
    },
  ];
};
