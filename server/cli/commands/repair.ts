import { acceptDrift } from '../../application/use-cases/accept-drift.ts';
import { repairSteps, type RepairStep, type RepairWay } from '../../application/use-cases/repair.ts';
import { markHistory } from '../../application/use-cases/repair-history.ts';
import type { UseContext } from '../../application/use-cases/use-context.ts';
import { SCHEMA_VERSION } from '../../core/schema-version.ts';
import { accepted, declined, demandAnswer } from '../answers.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { json } from '../reporters/lint-formats.ts';
import type { Session } from '../session.ts';

/** `repair`: what is failed, invalid, missing or drifted, with the ways on from each; on a terminal they are taken one by one. */
export async function repair(session: Session): Promise<number> {
  const { arguments: words, terminal } = session;
  const format = words.choice('format', ['text', 'json']);
  const context = session.on(await session.openOne());
  const steps = accepted(await repairSteps(context));
  if (format === 'json') {
    terminal.write(json({ schemaVersion: SCHEMA_VERSION, steps }));
    return steps.length === 0 ? EXIT.done : EXIT.findings;
  }
  if (steps.length === 0) {
    terminal.write('Nothing is to be repaired.\n');
    return EXIT.done;
  }
  let isLeft = false;
  for (const [index, step] of steps.entries()) {
    terminal.write(stepText(step, index + 1, steps.length));
    if (!terminal.isInteractive || terminal.ask === undefined) {
      isLeft = true;
      continue;
    }
    const answer = await terminal.ask(`Which way? [1-${step.ways.length}, or nothing to leave it] `);
    const way = step.ways[Number(answer) - 1];
    if (way === undefined || !(await take(session, context, step, way))) isLeft = true;
  }
  return isLeft ? EXIT.findings : EXIT.done;
}

/** Takes a way that changes the history; says of any other what a person does. Whether it is done now. */
async function take({ terminal }: Session, context: UseContext, { id }: RepairStep, way: RepairWay): Promise<boolean> {
  if (id === null || way.kind === 'sql' || way.kind === 'run' || way.kind === 'file' || way.kind === 'own-command') {
    terminal.write(`  Do that, then look again: ${way.command}\n`);
    return false;
  }
  if (way.kind === 'accept') {
    const reason = (await terminal.ask?.('Why is the edit right although it does not run? ')) ?? '';
    if (reason === '') return false;
    accepted(await acceptDrift(context, { id, reason }));
  } else accepted(await markHistory(context, { id, mark: way.kind === 'mark' ? 'applied' : 'not-applied' }));
  terminal.write('  Done, and nothing has run.\n');
  return true;
}

function stepText({ message, ways }: RepairStep, number: number, count: number): string {
  const lines = ways.map(({ when, command }, index) => `  ${index + 1}. where ${when}: ${command}\n`);
  return `${number} of ${count}: ${message}\n${lines.join('')}`;
}

/** `accept ID --reason TEXT`: the history takes an edited migration's text for what was applied. */
export async function accept(session: Session): Promise<number> {
  const { arguments: words, terminal } = session;
  const format = words.choice('format', ['text', 'json']);
  const [id, more] = words.positionals;
  if (id === undefined || more !== undefined)
    throw new UsageError('accept takes the id of one migration: see "lockstep status" for the ids');
  const reason = words.text('reason')?.trim() ?? '';
  if (reason === '') throw new UsageError('accept takes a reason, which is written into the file: add --reason "WHY"');
  const context = session.on(await session.openOne());
  if (!words.flag('yes')) {
    demandAnswer(session, 'accept changes the history');
    const question = `${id} does not run: what its edit changes must not be missing in the database. Accept its new text?`;
    if (!(await terminal.confirm(question))) return declined(session);
  }
  accepted(await acceptDrift(context, { id, reason }));
  terminal.write(
    format === 'json'
      ? json({ schemaVersion: SCHEMA_VERSION, id })
      : `The new text of ${id} counts as applied: it did not run.\n`,
  );
  return EXIT.done;
}
