import { inOneLine } from '../core/one-line.ts';
import type { Step } from '../planner/step.ts';

/** A step's header lines, as `readDirectives` reads them back, and its notes as comments; ends in a line break unless empty. */
export function stepHeader(step: Step & { readonly changeId?: string }): string {
  const lines = [
    ...(step.changeId === undefined ? [] : [`-- lockstep: change ${step.changeId} phase ${step.phase}`]),
    ...(step.title === '' ? [] : [`-- lockstep: title "${quotable(step.title)}"`]),
    ...step.requires.map((requirement) =>
      requirement.kind === 'deploy'
        ? `-- lockstep: requires deploy "${quotable(requirement.description)}"`
        : `-- lockstep: requires ${requirement.kind}`,
    ),
    ...(step.parity === undefined
      ? []
      : [
          `-- lockstep: parity ${step.parity.table} old (${inOneLine(step.parity.old)}) new (${inOneLine(step.parity.new)})`,
        ]),
    ...step.notes.flatMap((note) => note.split(/[\r\n]+/).map((line) => `-- ${line}`)),
  ];
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** The down half's text: its SQL, or the reason why there is none, which `readDirectives` reads back. */
export function downText(step: Step): string | undefined {
  if (step.down !== undefined) return `${step.down.trimEnd()}\n`;
  return step.irreversible === undefined ? undefined : `-- lockstep: irreversible "${quotable(step.irreversible)}"\n`;
}

/** A text that may stand between double quotes in one line of a comment: a name may hold both quotes and line breaks. */
function quotable(text: string): string {
  return text.replaceAll('"', "'").replaceAll(/[\r\n]+/g, ' ');
}
