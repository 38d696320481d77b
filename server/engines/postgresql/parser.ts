import type { Node } from '@pgsql/types';
import { type ParserModule, loadParserModule } from './parser-module.ts';

/** What the parser says about one text, in UTF-16 offsets. */
export type ParseOutcome =
  | { readonly kind: 'parsed'; readonly nodes: readonly Node[]; readonly offsets: Offsets }
  | { readonly kind: 'refused'; readonly message: string; readonly offset: number }
  /** Too deep or too large for the parser. */
  | { readonly kind: 'exhausted' };

/** UTF-16 offset of a node's `location`, which is in UTF-8 bytes and left out where it is 0. */
export type Offsets = (bytes: number | undefined) => number;

/** PostgreSQL's own parser; pure, and never throws. */
export interface Parser {
  parse(text: string): ParseOutcome;
}

const encoder = new TextEncoder();

/**
 * Instantiates the parser from the bytes of `libpg-query.wasm`.
 *
 * Errors: rejects when the bytes are no such module.
 */
export async function createParser(wasm: Uint8Array): Promise<Parser> {
  const glue = await loadParserModule(wasm);
  return {
    parse: (text) => parse(glue, text),
  };
}

function parse(glue: ParserModule, text: string): ParseOutcome {
  const bytes = encoder.encode(text);
  try {
    const input = glue.writeBytes(bytes);
    const result = glue.module._wasm_parse_query_raw(input);
    const release = (): void => {
      glue.module._free(input);
      if (result !== 0) glue.module._wasm_free_parse_result(result);
    };
    if (result === 0) {
      release();
      return { kind: 'exhausted' };
    }
    const word = result >> 2;
    const error = glue.module.HEAPU32[word + 2] ?? 0;
    if (error !== 0) {
      const message = glue.readText(glue.module.HEAPU32[error >> 2] ?? 0);
      const cursor = glue.module.HEAPU32[(error >> 2) + 4] ?? 0;
      release();
      if (/^(?:memory exhausted|out of memory|stack depth limit)/.test(message)) return { kind: 'exhausted' };
      return { kind: 'refused', message, offset: codePointOffset(text, Math.max(0, cursor - 1)) };
    }
    // The shape is the one that `@pgsql/types` is generated from: the same version's protobuf definition.
    const tree = JSON.parse(glue.readText(glue.module.HEAPU32[word] ?? 0)) as {
      readonly stmts?: readonly { readonly stmt?: Node }[];
    };
    const nodes = (tree.stmts ?? []).flatMap((statement) => statement.stmt ?? []);
    release();
    return { kind: 'parsed', nodes, offsets: offsetsOf(text, bytes) };
  } catch (cause) {
    // Deep nesting overflows the stack, of WebAssembly or of JSON.parse; anything else is a bug of ours.
    if (!isExhaustion(cause)) throw cause;
    glue.reset();
    return { kind: 'exhausted' };
  }
}

function offsetsOf(text: string, bytes: Uint8Array): Offsets {
  if (bytes.length === text.length) return (location) => Math.max(0, Math.min(location ?? 0, text.length));
  const table = new Uint32Array(bytes.length + 1);
  let unit = 0;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    table[index] = unit;
    // A byte that begins a character: two code units for the four-byte form, none for bytes that go on.
    if (byte >= 0xf0) unit += 2;
    else if (byte < 0x80 || byte >= 0xc0) unit += 1;
  }
  table[bytes.length] = unit;
  return (location) => table[Math.max(0, Math.min(location ?? 0, bytes.length))] ?? text.length;
}

function codePointOffset(text: string, codePoints: number): number {
  let offset = 0;
  for (let count = 0; count < codePoints && offset < text.length; count++) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}

/** Overflow of JavaScript's stack, or a trap of WebAssembly, whose class the types do not know. */
function isExhaustion(cause: unknown): boolean {
  return cause instanceof RangeError || (cause instanceof Error && cause.name === 'RuntimeError');
}
