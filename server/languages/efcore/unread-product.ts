import type { Span } from '../../core/span.ts';
import type { MigrationMethod } from './call.ts';
import { type LoweredStep, notFollowed } from './lowered.ts';

/** What is said of a migration for a product that no engine reads. */
export function unreadReason(product: string): string {
  return `this migration is for ${product}, whose SQL and locks Lockstep does not know. Only what holds for every database is checked, on the C# itself`;
}

/** `Up` or `Down` as one statement that says so, at the name of its class. A method that does nothing is none. */
export function unreadMethod(method: MigrationMethod, name: Span, product: string): readonly LoweredStep[] {
  return method.steps.length === 0 ? [] : [notFollowed(method.bodySpan, unreadReason(product), name)];
}
