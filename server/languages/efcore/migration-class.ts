import type { Span } from '../../core/span.ts';
import type { Call, OtherCode } from '../csharp/call.ts';

/** `Up` or `Down`. */
export interface MigrationMethod {
  readonly span: Span;
  /** The part between the braces, or the expression after `=>`. */
  readonly bodySpan: Span;
  readonly steps: readonly (({ readonly kind: 'call' } & Call) | ({ readonly kind: 'other' } & OtherCode))[];
}

/** One class of a file that may be a migration. */
export interface MigrationClass {
  readonly name: string;
  readonly nameSpan: Span;
  /** Id of `[Migration("...")]` on this part of the class. */
  readonly id?: string;
  /** Name of the type of `[DbContext(typeof(...))]` on this part of the class. */
  readonly context?: string;
  readonly isAbstract: boolean;
  /** `class A<T>`, of which EF Core makes no migration. */
  readonly isGeneric: boolean;
  readonly up?: MigrationMethod;
  readonly down?: MigrationMethod;
}
