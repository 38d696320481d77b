/** One file that a fix wrote or took away, byte for byte in base64; null: no such file. */
export interface LandedFile {
  readonly uri: string;
  /** Relative to the workspace folder, with `/`. */
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** A fix that was carried out, with all that its undo needs. */
export interface LandedFix {
  readonly id: string;
  readonly title: string;
  readonly folderUri: string;
  readonly project: string;
  /** False from before the first file is written until the last one is: a window may close in between. */
  readonly isWhole: boolean;
  readonly steps: readonly { readonly title: string; readonly deploys: readonly string[] }[];
  readonly files: readonly LandedFile[];
}

/**
 * `3 steps, 6 files; between steps 1 and 2 deploy: version that writes it`: what a person has to know before anything runs.
 */
export function summaryOf({ steps, files }: Pick<LandedFix, 'steps' | 'files'>): string {
  const written = files.filter((file) => file.after !== null).length;
  const removed = files.length - written;
  const deploys = steps.flatMap((step, index) =>
    step.deploys.map(
      (deploy) => `${index === 0 ? 'before step 1' : `between steps ${index} and ${index + 1}`} deploy: ${deploy}`,
    ),
  );
  return [
    [
      counted(steps.length, 'step'),
      `${counted(written, 'file')} written`,
      ...(removed === 0 ? [] : [`${removed} replaced`]),
    ].join(', '),
    ...deploys,
  ].join('; ');
}

/** What an undo would do with one file, from what it holds now. */
export type UndoStep = 'restore' | 'as-before' | 'changed';

/** `now` is null where there is no such file. */
export function undoStep(file: LandedFile, now: string | null): UndoStep {
  if (now === file.before) return 'as-before';
  return now === file.after ? 'restore' : 'changed';
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
