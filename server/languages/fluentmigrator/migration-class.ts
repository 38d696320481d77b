import type { Span } from '../../core/span.ts';
import type { Value } from '../csharp/call.ts';
import type { Chain } from './chain.ts';

/** Products under which a step runs; all where there is none. Each is the arguments of one `IfDatabase(...)`. */
export type Conditions = readonly (readonly Value[])[];

/** One statement of a half: a chain that adds expressions, or code that may do anything. */
export type FluentStep = { readonly certainty: 'certain' | 'may'; readonly conditions: Conditions } & (
  | ({ readonly kind: 'chain' } & Chain)
  | { readonly kind: 'other'; readonly reason: string; readonly span: Span }
);

/** A method of a migration. */
export interface FluentMethod {
  readonly bodySpan: Span;
  readonly steps: readonly FluentStep[];
  /** All that it does is to throw, without a word of why. */
  readonly isThrown: boolean;
}

/** A class with `[Migration(number)]`. */
export interface FluentMigration {
  /** `20240101120000`, in digits. */
  readonly number: string;
  readonly name: string;
  readonly nameSpan: Span;
  /** Of the whole class. */
  readonly span: Span;
  readonly description?: string;
  /** `TransactionBehavior.None`, where it is said. */
  readonly bare?: Span;
  /** `Up`, or the methods of which a base class of the project's own chooses: those are only what may run. */
  readonly up: readonly FluentMethod[];
  readonly down: readonly FluentMethod[];
  /** Where its way back is its way there, turned round. */
  readonly isReversedByItself: boolean;
}

/** What a document says: its migrations, and classes of FluentMigrator whose number is not known. */
export interface FluentDocument {
  readonly migrations: readonly FluentMigration[];
  readonly unnumbered: readonly { readonly name: string; readonly span: Span; readonly attribute: string }[];
}
