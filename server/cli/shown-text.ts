import type { FileChange } from '../core/ports.ts';

/** What people are shown of a file that is to be written: of a machine-written one only that it is. */
export function shownText({ goesWith, text }: FileChange): string {
  return goesWith === undefined ? text : '(generated)';
}
