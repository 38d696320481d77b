import type { Argument, Call, Value } from '../../../server/languages/csharp/call.ts';
import type { MigrationClass, MigrationMethod } from '../../../server/languages/efcore/migration-class.ts';
import { readMigrations } from '../../../server/languages/efcore/read-migrations.ts';

/** A value as JSON, its place in `at`, the same from both readers. */
export interface ReadValue {
  readonly at: readonly [number, number];
  readonly [kind: string]: unknown;
}

/** One call of a chain. Spans are offsets of UTF-16 code units in the document. */
interface ReadPart {
  readonly name: string;
  readonly at: readonly [number, number];
  readonly type: string | null;
  readonly arguments: readonly {
    readonly name: string | null;
    readonly at: readonly [number, number];
    readonly value: ReadValue;
  }[];
}

/** A call of the builder with what is chained to it. */
export interface ReadCall {
  readonly at: readonly [number, number];
  readonly calls: readonly ReadPart[];
}

/** A migration class as a reader sees it; null where it has no such method or attribute. */
export interface ReadClass {
  readonly name: string;
  readonly at: readonly [number, number];
  readonly id: string | null;
  readonly context: string | null;
  readonly isAbstract: boolean;
  readonly up: readonly ReadCall[] | null;
  readonly down: readonly ReadCall[] | null;
}

/** What our reader reads of a document, as the compiler's reading is written. */
export function ourReading(text: string): readonly ReadClass[] {
  return readMigrations(text).map(ofClass);
}

/** Parts of the methods of a document that we say we do not follow. */
export function notFollowed(text: string): readonly (readonly [number, number])[] {
  return readMigrations(text).flatMap(({ up, down }) =>
    [up, down].flatMap(
      (method) =>
        method?.steps.flatMap((step) => (step.kind === 'other' ? [[step.span.start, step.span.end] as const] : [])) ??
        [],
    ),
  );
}

function ofClass({ name, nameSpan, id, context, isAbstract, up, down }: MigrationClass): ReadClass {
  return {
    name,
    at: place(nameSpan),
    id: id ?? null,
    context: context ?? null,
    isAbstract,
    up: ofMethod(up),
    down: ofMethod(down),
  };
}

function ofMethod(method: MigrationMethod | undefined): readonly ReadCall[] | null {
  return method === undefined
    ? null
    : method.steps.flatMap((step): readonly ReadCall[] => (step.kind === 'call' ? [ofCall(step)] : []));
}

function ofCall(call: Call): ReadCall {
  return { at: place(call.span), calls: [call, ...call.chained].map(ofPart) };
}

function ofPart({ method, nameSpan, typeArgument, arguments: given }: Call): ReadPart {
  return { name: method, at: place(nameSpan), type: typeArgument ?? null, arguments: given.map(ofArgument) };
}

function ofArgument({ name, span, value }: Argument): ReadPart['arguments'][number] {
  return { name: name ?? null, at: place(span), value: ofValue(value) };
}

function ofValue(value: Value): ReadValue {
  const at = place(value.span);
  switch (value.kind) {
    case 'text':
      return { at, text: value.text.text };
    case 'number':
      return { at, number: value.sql };
    case 'boolean':
      return { at, value: value.value };
    case 'null':
      return { at, null: true };
    case 'list':
      return { at, items: value.items.map(ofValue) };
    case 'new':
      return { at, made: value.type, arguments: value.arguments.map(ofArgument) };
    case 'type':
      return { at, type: value.name };
    case 'member':
      return { at, member: value.name };
    case 'columns':
      return { at, columns: value.names.map(({ name, span }) => ({ name, at: place(span) })) };
    case 'members':
      return {
        at,
        members: value.members.map(({ name, span, call }) => ({ name, at: place(span), call: ofCall(call) })),
      };
    case 'calls':
      return { at, calls: value.calls.map(ofCall) };
    case 'unknown':
      return { at, unknown: value.source };
  }
}

function place({ start, end }: { readonly start: number; readonly end: number }): readonly [number, number] {
  return [start, end];
}
