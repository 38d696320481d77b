import { Language, Parser, type Node, type Tree } from 'web-tree-sitter';
import { treeEdit } from './tree-edit.ts';

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

/** The document that was read last, with its tree: most often the next is the same with one more key in it. */
let last: { readonly text: string; readonly tree: Tree } | undefined;

/**
 * What `read` makes of the syntax tree of a text. Broken code has a tree, too. No node may be kept.
 *
 * Errors: throws where `loadCSharp` has not ended, which is a bug of the caller.
 */
export function readCSharp<Result>(text: string, read: (root: Node) => Result): Result {
  if (parser === undefined) throw new Error('the C# parser is not loaded');
  const tree = parseAgain(parser, text) ?? parser.parse(text);
  if (tree === null) throw new Error('the C# parser gave no tree');
  last?.tree.delete();
  last = { text, tree };
  return read(tree.rootNode);
}

/**
 * The tree of a text that was made from the last one's; undefined where it could differ from what the text alone gives:
 * how the parser mends an error depends on what it has read before.
 */
function parseAgain(ready: Parser, text: string): Tree | undefined {
  if (last === undefined || last.tree.rootNode.hasError) return undefined;
  const edit = treeEdit(last.text, text);
  if (edit === undefined) return undefined;
  // The edit stays in the old tree, which is deleted for the new one in any case.
  last.tree.edit(edit);
  const tree = ready.parse(text, last.tree);
  if (tree !== null && !tree.rootNode.hasError) return tree;
  tree?.delete();
  return undefined;
}
