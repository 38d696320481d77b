import type { Span } from '../../core/span.ts';
import type { CSharpText } from './string-text.ts';

/** A value in C# as far as it can be read without running the program. Spans are in the document. */
export type Value =
  | { readonly kind: 'text'; readonly text: CSharpText; readonly span: Span }
  /** As SQL writes it: `-1.5`. */
  | { readonly kind: 'number'; readonly sql: string; readonly span: Span }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly span: Span }
  | { readonly kind: 'null'; readonly span: Span }
  | { readonly kind: 'list'; readonly items: readonly Value[]; readonly span: Span }
  /** `new Guid("...")`, `new DateTime(2020, 1, 1)`. */
  | { readonly kind: 'new'; readonly type: string; readonly arguments: readonly Argument[]; readonly span: Span }
  /** `typeof(string)`. */
  | { readonly kind: 'type'; readonly name: string; readonly span: Span }
  /** `ReferentialAction.Cascade`, `Status.Active`. */
  | { readonly kind: 'member'; readonly name: string; readonly span: Span }
  /** `x => x.Id`, `x => new { x.A, x.B }`: the names that it picks. */
  | {
      readonly kind: 'columns';
      readonly names: readonly { readonly name: string; readonly span: Span }[];
      readonly span: Span;
    }
  /** `table => new { A = table.Column<int>(...) }`: calls by the name that each is given. */
  | {
      readonly kind: 'members';
      readonly members: readonly { readonly name: string; readonly span: Span; readonly call: Call }[];
      readonly span: Span;
    }
  /** `table => { table.PrimaryKey(...); }`. */
  | { readonly kind: 'calls'; readonly calls: readonly Call[]; readonly span: Span }
  | { readonly kind: 'unknown'; readonly source: string; readonly span: Span };

export interface Argument {
  readonly name?: string;
  readonly value: Value;
  readonly span: Span;
}

/** One call, with the calls that are chained to it: `.Annotation("...", true)`. */
export interface Call {
  readonly method: string;
  readonly typeArgument?: string;
  readonly arguments: readonly Argument[];
  readonly chained: readonly Call[];
  /** From the receiver to the end of the chain. */
  readonly span: Span;
  /** The method's name. */
  readonly nameSpan: Span;
  /** `may`: under a condition or in a loop. */
  readonly certainty: 'certain' | 'may';
}

/** A statement of `Up` or `Down` that is no call of the builder, and that may do anything. */
export interface OtherCode {
  readonly reason: string;
  readonly span: Span;
}
