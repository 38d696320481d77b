import type { FixInput } from '../analysis/fix.ts';
import { Headers } from '../tools/headers.ts';

/** Whether a file of the format that runs outside a transaction is sent statement by statement: seen by writing one. */
export function sendsStatements({
  format,
  folder,
  engine: { id: dialect },
  now,
}: Pick<FixInput, 'format' | 'folder' | 'engine' | 'now'>): boolean {
  const step = {
    phase: 'expand',
    title: '',
    slug: 'probe',
    up: '',
    down: '',
    transaction: 'none',
    requires: [],
    notes: [],
  } as const;
  const written = format.write({ folder, dialect, now, steps: [step] });
  const path = written.migrations[0]?.upPath;
  const change = written.changes.find((candidate) => candidate.path === path);
  if (path === undefined || change === undefined || change.action === 'delete') return false;
  const { layout } = new Headers(format, path, change.text, dialect);
  return layout.sections.find((section) => section.direction === 'up')?.transaction === 'none';
}
