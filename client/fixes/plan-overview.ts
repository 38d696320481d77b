import type { PlannedStep } from '../../server/protocol/requests.ts';

/** Steps that run one after the other without a deploy between them. */
interface Stretch {
  readonly phase: string;
  /** What is to be deployed before its first step. */
  readonly deploys: readonly string[];
  readonly steps: readonly { readonly number: number; readonly step: PlannedStep }[];
}

/** The steps by phase, parted where something is deployed in between. */
export function stretchesOf(steps: readonly PlannedStep[]): readonly Stretch[] {
  const stretches: { phase: string; deploys: readonly string[]; steps: { number: number; step: PlannedStep }[] }[] = [];
  for (const [index, step] of steps.entries()) {
    const last = stretches.at(-1);
    const entry = { number: index + 1, step };
    if (last === undefined || last.phase !== step.phase || step.deploys.length > 0)
      stretches.push({ phase: step.phase, deploys: step.deploys, steps: [entry] });
    else last.steps.push(entry);
  }
  return stretches;
}

/**
 * A change as a page: its phases as headings, between them what to deploy, below each step whom it keeps waiting and which
 * files it is. `linkOf` is where a step's text is shown.
 */
export function planOverview(
  { title, steps }: { readonly title: string; readonly steps: readonly PlannedStep[] },
  linkOf: (number: number) => string,
): string {
  const lines = [`# ${escaped(title)}`, '', 'Nothing is written yet, and nothing runs before you apply it.', ''];
  for (const { phase, deploys, steps: own } of stretchesOf(steps)) {
    for (const deploy of deploys) lines.push(`## Deploy: ${escaped(deploy)}`, '');
    lines.push(`## ${escaped(phase.slice(0, 1).toUpperCase() + phase.slice(1))}`, '');
    for (const { number, step } of own) {
      lines.push(`${number}. [${escaped(step.title)}](${linkOf(number)})`);
      for (const lock of step.locks) lines.push(`   - ${escaped(lock)}`);
      for (const { path } of step.files) lines.push(`   - \`${path}\``);
    }
    lines.push('');
  }
  return lines.join('\n');
}

/** A text in which Markdown reads no marks of its own. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>&#|~]/g, '\\$&');
}
