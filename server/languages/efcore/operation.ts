import type { Call, Value } from '../csharp/call.ts';
import type { CommandWriter } from '../csharp/command.ts';
import type { BoundArguments } from './parameters.ts';

/** A call as a provider's functions take it. */
export interface Operation {
  readonly call: Call;
  readonly bound: BoundArguments;
  readonly annotations: ReadonlyMap<string, Value>;
  write(): CommandWriter;
  /** A name as SQL writes it. */
  quote(name: string): string;
  /** A constant as the provider writes it for a column of a type. */
  literal(value: Value, type: string): string;
}

export function textOf(value: Value | undefined): string | undefined {
  return value?.kind === 'text' ? value.text.text : undefined;
}

export function listOf(value: Value | undefined): readonly Value[] {
  if (value === undefined) return [];
  return value.kind === 'list' ? value.items : [value];
}
