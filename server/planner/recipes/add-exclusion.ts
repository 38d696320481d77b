import type { Recipe } from '../plan.ts';

/** ADD ... EXCLUDE, which cannot be done without blocking: says so, and what is left. */
export const addExclusion: Recipe = {
  name: 'add-exclusion',
  title: 'Add an exclusion constraint',
  plans: {
    postgresql:
      'An exclusion constraint cannot be added without blocking: it has no NOT VALID, and cannot take over an index that was built before. ' +
      'Build it on a new table and move the rows there, or plan a window in which nobody writes.',
    sqlite: 'SQLite has no exclusion constraints.',
  },
};
