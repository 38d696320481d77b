import type { TrackedUser } from '../../../model/schema.ts';
import type { LockBook } from './lock-book.ts';

/** Policies of other tables that go because of CASCADE: each changes its table. */
export function dropPolicies(book: LockBook, users: readonly TrackedUser[]): void {
  for (const { kind, owner, name } of users) {
    if (kind !== 'policy' || book.schema.relations.get(owner)?.policies.includes(name) !== true) continue;
    book.add(book.keyed(owner), {
      lock: 'AccessExclusiveLock',
      why: `The policy "${name}" of "${book.keyed(owner).name}" asks what is dropped and goes with it, because of CASCADE.`,
    });
  }
}
