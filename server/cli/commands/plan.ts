import { SCHEMA_VERSION } from '../../core/schema-version.ts';
import { WISHES, wishOf, wrongValues } from '../../planner/wishes.ts';
import { writeChanges } from '../../application/write-changes.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { json } from '../reporters/lint-formats.ts';
import { asReason, type Session } from '../session.ts';

/** `plan CHANGE VALUE... [--dry-run]`: an expand/contract change that no migration asked for yet, as files. */
export async function plan(session: Session): Promise<number> {
  const { arguments: words, terminal, machine, colors } = session;
  const format = words.choice('format', ['text', 'json']);
  const [name, ...values] = words.positionals;
  const wish = wishOf(name ?? '');
  if (wish === undefined) throw new UsageError(`plan takes a change: ${WISHES.map((each) => each.name).join(', ')}`);
  const wrong = wrongValues(wish, values);
  if (wrong !== undefined) throw new UsageError(wrong);
  const project = await session.openOne();
  await session.attachIfNamed(project);
  const planned = project.planWish(wish, values, machine.clock.now());
  if (planned.kind === 'refused') throw new UsageError(asReason(planned.reason));
  const { change, title, steps, files } = planned.change;
  const isDry = words.flag('dry-run');
  if (!isDry) await writeChanges(machine.files, session.root, files);
  terminal.write(
    format === 'json'
      ? json({ schemaVersion: SCHEMA_VERSION, change, title, steps, files, written: !isDry })
      : [
          colors.bold(`${title} (${change})`),
          ...steps.flatMap((step) => [
            `  ${step.phase.padEnd(8)} ${step.title}`,
            ...step.files.map((path) => `           ${path}`),
          ]),
          ...(isDry
            ? [
                '',
                ...files.flatMap((file) => [
                  colors.green(file.path),
                  ...file.text
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
