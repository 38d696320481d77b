import createModule from 'libpg-query/wasm/libpg-query.js';

/** Members of the Emscripten module that are used; its memory views are replaced when the memory grows, so they are read each time. */
interface GlueModule {
  readonly HEAPU8: Uint8Array;
  readonly HEAPU32: Uint32Array;
  _malloc(size: number): number;
  _free(pointer: number): void;
  _wasm_parse_query_raw(pointer: number): number;
  _wasm_free_parse_result(pointer: number): void;
}

/** The part of WebAssembly's own interface that this file uses: the standard library's types leave it to the browser's. */
interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<object>;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
}

/** The parser's module with its memory. */
export interface ParserModule {
  readonly module: GlueModule;
  /** Where the stack begins, from which it grows downwards. */
  readonly stackStart: number;
  /** Copies bytes and a final zero into the module's memory; whoever calls frees them. */
  writeBytes(bytes: Uint8Array): number;
  readText(pointer: number): string;
  /** Puts memory and stack back to how they were after loading: an overflow leaves both as they happen to be. */
  reset(): void;
}

/** Bytes under the stack's start that loading has written. */
const STACK_MARGIN_BYTES = 64 * 1024;

/** Bytes behind the first free one that belong to the state after loading: the allocator's own records. */
const SNAPSHOT_MARGIN_BYTES = 64 * 1024;

const PAGE_BYTES = 4096;

/** Room of the stack below its start, as libpg-query is linked (`-sSTACK_SIZE`); a test holds it against the module's memory. */
export const STACK_BYTES = 32 * 1024 * 1024;

const decoder = new TextDecoder();

/**
 * Instantiates the parser's WebAssembly module from its bytes.
 *
 * The npm package's own entry reads the file when it is imported and ends the process where there is none; so the
 * factory under it is used. Errors: rejects when the bytes are no such module.
 */
export async function loadParserModule(wasm: Uint8Array): Promise<ParserModule> {
  // WebAssembly is there in every JavaScript engine that this program runs on.
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };
  // A copy, because the typed array may lie on a shared buffer, which WebAssembly does not take.
  const compiled = await WebAssembly.compile(new Uint8Array(wasm));
  const silent = (): void => undefined;
  let exported: Readonly<Record<string, unknown>> = {};
  const created = await createModule({
    instantiateWasm: (imports: object, done: (instance: object, module: object) => void) => {
      const instance = new WebAssembly.Instance(compiled, imports);
      exported = instance.exports;
      done(instance, compiled);
      return {};
    },
    print: silent,
    printErr: silent,
  });
  // The package's glue has these members.
  const module = created as GlueModule;
  const stack = stackFunctions(module, exported);
  const stackStart = stack.current();
  const firstFree = module._malloc(16);
  module._free(firstFree);
  const snapshotEnd = firstFree + SNAPSHOT_MARGIN_BYTES;
  const snapshot = usedPages(module.HEAPU8.subarray(0, snapshotEnd), {
    start: stackStart - STACK_BYTES,
    end: stackStart - STACK_MARGIN_BYTES,
  });
  return {
    module,
    stackStart,
    writeBytes: (bytes) => {
      const pointer = module._malloc(bytes.length + 1);
      if (pointer === 0) throw new RangeError('the parser has no memory left');
      module.HEAPU8.set(bytes, pointer);
      module.HEAPU8[pointer + bytes.length] = 0;
      return pointer;
    },
    readText: (pointer) =>
      pointer === 0 ? '' : decoder.decode(module.HEAPU8.subarray(pointer, module.HEAPU8.indexOf(0, pointer))),
    reset: () => {
      // What lies behind the snapshot is free memory again, which no allocator takes to be zero.
      module.HEAPU8.fill(0, 0, snapshotEnd);
      for (const page of snapshot) module.HEAPU8.set(page.bytes, page.start);
      stack.restore(stackStart);
    },
  };
}

/**
 * The pages of a memory that hold anything but zeros, but for a part that nothing has touched: the stack's room.
 *
 * To look at an untouched page is what makes the system provide it, and there are eight thousand of them at every start.
 */
function usedPages(
  memory: Uint8Array,
  untouched: { readonly start: number; readonly end: number },
): readonly { readonly start: number; readonly bytes: Uint8Array }[] {
  const pages: { start: number; bytes: Uint8Array }[] = [];
  const bytes = Buffer.from(memory.buffer, memory.byteOffset, memory.length);
  const zeros = Buffer.alloc(PAGE_BYTES);
  for (let start = 0; start < memory.length; start += PAGE_BYTES) {
    const end = Math.min(memory.length, start + PAGE_BYTES);
    if (start >= untouched.start && end <= untouched.end) continue;
    if (bytes.compare(zeros, 0, end - start, start, end) !== 0) pages.push({ start, bytes: memory.slice(start, end) });
  }
  return pages;
}

/**
 * The two functions that read and set the stack pointer, which the glue uses itself but does not give away.
 *
 * Their exported names are shortened, so they are known by what they take: of the functions that are no member of the
 * module, the only one with one argument sets it, and the last without any reads it; the first initialises the module.
 */
function stackFunctions(
  module: object,
  exported: Readonly<Record<string, unknown>>,
): { current: () => number; restore: (value: number) => void } {
  const members = new Set<unknown>(Object.values(module));
  const hidden = Object.values(exported).filter(
    (value): value is (...values: number[]) => number => typeof value === 'function' && !members.has(value),
  );
  const [restore, ...others] = hidden.filter((callable) => callable.length === 1);
  const readers = hidden.filter((callable) => callable.length === 0);
  const current = readers.at(-1);
  if (restore === undefined || others.length > 0 || current === undefined || readers.length !== 2)
    throw new Error('the PostgreSQL parser is not the version that this program knows');
  return { current: () => current(), restore: (value) => void restore(value) };
}
