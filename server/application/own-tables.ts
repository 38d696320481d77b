import type { History } from '../tools/history.ts';

/** Whether a table is kept by Lockstep or by the migration tool for itself, so that no person changes it. */
export function isOwnTable({ history }: { readonly history: Pick<History, 'table'> }, name: string): boolean {
  return name.startsWith('lockstep_') || name === history.table.split('.').at(-1);
}
