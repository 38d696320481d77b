import type { Directives } from '../model/directives.ts';
import { lockWords } from '../model/effect.ts';
import type { ExplainedFile, ExplainedStatement } from './report.ts';

/** One step of a change as the runbook tells of it. */
export interface RunbookStep {
  /** Id of the migration. */
  readonly migration: string;
  readonly path: string;
  readonly directives: Directives;
  readonly explained: ExplainedFile;
  /** Id of the migration before it: to where a revert goes back. */
  readonly previous: string | null;
  /** Why there is no way back from it; null where there is one. */
  readonly irreversible: string | null;
  /** `pending`, `applied`, ...; null where no database was asked. */
  readonly state: string | null;
}

/**
 * A change as a Markdown page: what to do in which order, who does it, what it does to the running system, and how to go
 * back from each point. The same steps give the same text. `program` is the section of what is to be done in the program.
 */
export function runbook(id: string, steps: readonly RunbookStep[], program: readonly string[] = []): string {
  const title = steps.find((step) => step.directives.title !== undefined)?.directives.title ?? id;
  const parts = [
    `# Runbook: ${id}`,
    '',
    `${steps.length} steps, from "${title}". Each step is a migration of its own; do them in this order, and stop wherever you like: the versions of the application named below run at every point in between.`,
    '',
    '| | Phase | Migration | Needs first | State |',
    '| --- | --- | --- | --- | --- |',
    ...steps.map(
      (step, index) =>
        `| ${index + 1} | ${step.directives.change?.phase ?? ''} | \`${step.migration}\` | ${needsOf(step.directives).join('; ') || 'nothing'} | ${step.state ?? 'not known'} |`,
    ),
    '',
  ];
  for (const [index, step] of steps.entries()) parts.push(...section(id, step, index + 1), '');
  parts.push(...program);
  return `${parts.join('\n').trimEnd()}\n`;
}

function section(id: string, step: RunbookStep, number: number): readonly string[] {
  const { directives, explained } = step;
  const up = explained.statements.filter((statement) => statement.direction === 'up');
  return [
    `## ${number}. ${directives.change?.phase ?? 'step'}: ${directives.title ?? step.migration}`,
    '',
    ...before(id, directives),
    `**Run** (whoever deploys, or the pipeline): \`lockstep apply --to ${step.migration}\``,
    '',
    '**What it does to the running system**',
    '',
    ...(up.length === 0 ? ['- Nothing: the step holds no statement.'] : up.flatMap(effectLines)),
    '',
    `**Way back**: ${
      step.irreversible === null
        ? `\`lockstep revert --to ${step.previous ?? 'ID of the migration before'}\`${step.previous === null ? ', or `lockstep revert --steps 1` while it is the newest' : ''}. Roll back the application first to a version that ran before this step.`
        : `none. ${step.irreversible}`
    }`,
  ];
}

function before(id: string, directives: Directives): readonly string[] {
  return directives.requires.flatMap((requirement): string[] => {
    switch (requirement.kind) {
      case 'deploy':
        return [
          `**Deploy first** (the team of the application): ${requirement.description}. When every instance runs it, whoever saw that confirms: \`lockstep change confirm-deploy ${id}\``,
          '',
        ];
      case 'backfill':
        return [`**Wait** until the backfill has finished: \`lockstep change backfill ${id}\``, ''];
      default:
        return [
          `**Compare** old and new: \`lockstep change check-parity ${id}\`. Only where they agree does the step run.`,
          '',
        ];
    }
  });
}

function needsOf(directives: Directives): readonly string[] {
  return directives.requires.map((requirement) =>
    requirement.kind === 'deploy'
      ? `deploy: ${requirement.description}`
      : requirement.kind === 'backfill'
        ? 'backfill finished'
        : 'old and new compared',
  );
}

/** Longest statement that is shown whole. */
const MOST_SHOWN = 90;

function effectLines(statement: ExplainedStatement): readonly string[] {
  const text = statement.text.replaceAll(/\s+/g, ' ');
  const shown = `\`${(text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text).replaceAll('`', "'")}\``;
  if (!statement.analysed) return [`- ${shown}: not analysed, ${statement.reason ?? 'its effects cannot be known'}`];
  if (statement.effects.length === 0) return [`- ${shown}: locks nothing that existed before`];
  return [
    `- ${shown}`,
    ...statement.effects.map((effect) => {
      const blocked = effect.blocks.filter((what) => what !== 'ddl');
      return `  - ${effect.relation}: ${lockWords(effect.lock)}, ${blocked.length === 0 ? 'reads and writes go on' : `blocks ${blocked.join(' and ')} ${effect.rewrite || effect.scan ? 'until it is done' : 'for a moment'}`}${effect.rewrite ? ', rewritten' : ''}${effect.scan ? (effect.scanCertainty === 'may' ? ', may be read whole' : ', read whole') : ''}${effect.certainty === 'may' ? ' (may be)' : ''}`;
    }),
  ];
}
