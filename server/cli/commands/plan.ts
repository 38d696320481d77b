import { SCHEMA_VERSION } from '../../core/schema-version.ts';
import { planWishedChange, wrongWish } from '../../application/use-cases/write-migrations.ts';
import { writeChanges } from '../../application/write-changes.ts';
import { checkValues, givenValues } from '../given-values.ts';
import { EXIT } from '../exit-codes.ts';
import { refusalError } from '../refusal-error.ts';
import { json } from '../reporters/lint-formats.ts';
import type { Session } from '../session.ts';
import { shownText } from '../shown-text.ts';

/** `plan CHANGE VALUE... [--value COLUMN=EXPRESSION] [--dry-run]`: an expand/contract change that no migration asked for yet, as files. */
export async function plan(session: Session): Promise<number> {
  const { arguments: words, terminal, machine, colors } = session;
  const format = words.choice('format', ['text', 'json']);
  const [name, ...values] = words.positionals;
  const wished = { wish: name ?? '', values };
  const wrong = wrongWish(wished);
  if (wrong !== undefined) throw refusalError(wrong.reason);
  const project = await session.openOne();
  await session.attachIfNamed(project);
  const rowValues = givenValues(words);
  if (rowValues.size > 0) {
    const bare = planWishedChange(session.here(project), wished);
    checkValues(rowValues, bare.kind === 'refused' ? [] : [bare.value], project);
  }
  const planned = planWishedChange(session.here(project), { ...wished, rowValues });
  if (planned.kind === 'refused') throw refusalError(planned.reason);
  const { change, title, steps, files, values: open } = planned.value;
  const isDry = words.flag('dry-run');
  if (!isDry) await writeChanges(machine.files, session.root, files);
  terminal.write(
    format === 'json'
      ? json({ schemaVersion: SCHEMA_VERSION, change, title, steps, files, values: open, written: !isDry })
      : [
          colors.bold(`${title} (${change})`),
          ...steps.flatMap((step) => [
            `  ${step.phase.padEnd(8)} ${step.title}`,
            ...step.files.map((path) => `           ${path}`),
          ]),
          ...open.map(
            ({ name }) =>
              `  needs    a value of ${name} for the rows that exist: give it by --value "${name}=EXPRESSION", or write it in place of lockstep_value(...)`,
          ),
          ...(isDry
            ? [
                '',
                ...files.flatMap((file) => [
                  colors.green(file.path),
                  ...shownText(file)
                    .trimEnd()
                    .split('\n')
                    .map((line) => `  ${colors.dim(line)}`),
                ]),
                '',
                'Nothing was written: leave --dry-run out to do it.',
              ]
            : []),
          '',
        ].join('\n'),
  );
  return EXIT.done;
}
