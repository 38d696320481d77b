import { modelEdits } from '../../languages/efcore/model/model-edits.ts';
import type { EfModel } from '../../languages/efcore/model/ef-model.ts';
import type { ProgramChange } from '../format.ts';
import { type EfProject, efWords } from './ef-command.ts';
import { className } from './write-migration.ts';

/**
 * What the model has to say beside the steps of a change, and the migration that brings the snapshot after it: EF Core
 * compares the two, and would write into its next migration what the steps have done.
 */
export function modelSection(change: ProgramChange, model: EfModel | undefined, project: EfProject): readonly string[] {
  const edits = model === undefined ? [] : modelEdits(change.before, change.after, model);
  if (edits.length === 0) return [];
  const version =
    change.deploy === undefined ? 'the version that is deployed after the last step' : `the ${change.deploy}`;
  const name = className(`${change.id}-model`);
  return [
    '## In the program: the model of EF Core',
    '',
    `The steps change the database alone. In ${version}, the model says the same. The lines go to the end of \`OnModelCreating\`; the classes and their attributes can say it as well.`,
    '',
    ...edits.flatMap(({ what, code }) => [
      `- [ ] ${what}`,
      ...(code === undefined ? [] : ['', '      ```csharp', `      ${code}`, '      ```', '']),
    ]),
    `- [ ] \`${efWords(`migrations add ${name}`, project)}\`, and then take all that it does out of its \`Up\` and its \`Down\`, for the steps do it: what stays is its Designer and the snapshot.`,
    `- [ ] \`${efWords('migrations has-pending-model-changes', project)}\` says that there are none.`,
    '',
  ];
}
