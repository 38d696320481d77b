import { Language, Parser, type Node } from 'web-tree-sitter';

/** The two WebAssembly modules that reading C# takes: the runtime of tree-sitter and the grammar. */
export interface CSharpBytes {
  readonly runtime: Uint8Array;
  readonly grammar: Uint8Array;
}

let source: (() => Promise<CSharpBytes>) | undefined;
let loading: Promise<void> | undefined;
let parser: Parser | undefined;

/** Says where the parser's bytes come from. Nothing is read before `loadCSharp`. */
export function provideCSharp(bytes: () => Promise<CSharpBytes>): void {
  source = bytes;
}

/**
 * Loads the parser: once a process, and only where a project is written in C#.
 *
 * Errors: rejects where nobody has provided the bytes, or where they cannot be read.
 */
export function loadCSharp(): Promise<void> {
  loading ??= load().catch((cause: unknown) => {
    // The next project tries again.
    loading = undefined;
    throw cause;
  });
  return loading;
}

async function load(): Promise<void> {
  if (source === undefined) throw new Error('nobody has said where the C# parser is');
  const { runtime, grammar } = await source();
  // The module's own type of its options lacks the field, which its loader reads.
  await Parser.init({ wasmBinary: runtime } as object);
  const ready = new Parser();
  ready.setLanguage(await Language.load(grammar));
  parser = ready;
}

/**
 * What `read` makes of the syntax tree of a text, which is gone afterwards. Broken code has a tree, too.
 *
 * Errors: throws where `loadCSharp` has not ended, which is a bug of the caller.
 */
export function readCSharp<Result>(text: string, read: (root: Node) => Result): Result {
  if (parser === undefined) throw new Error('the C# parser is not loaded');
  const tree = parser.parse(text);
  if (tree === null) throw new Error('the C# parser gave no tree');
  try {
    return read(tree.rootNode);
  } finally {
    tree.delete();
  }
}
