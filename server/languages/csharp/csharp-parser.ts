import { Language, Parser, type Node, type Tree } from 'web-tree-sitter';
import { closingText, parsedText } from './parsed-text.ts';
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

/** What was parsed last, with its tree: most often the next is the same with one more key in it. */
let last: { readonly parsed: string; readonly tree: Tree } | undefined;

/**
 * What `read` makes of the syntax tree of a text. Broken code has a tree, too: what is open at its end is closed first, so
 * that nodes may end behind the text. No node may be kept.
 *
 * Errors: throws where `loadCSharp` has not ended, which is a bug of the caller.
 */
export function readCSharp<Result>(text: string, read: (root: Node) => Result): Result {
  if (parser === undefined) throw new Error('the C# parser is not loaded');
  const parsed = parsedText(text);
  // Nodes ask for their text when they are read, and are given what is written.
  const source: Source = { text: parsed };
  const tree = parseAgain(parser, parsed, source) ?? parseWhole(parser, source);
  const closing = tree.rootNode.hasError ? closingText(parsed) : '';
  if (closing !== '') {
    const end: Source = { text: parsed + closing };
    const closed = parseWhole(parser, end);
    end.text = text + closing;
    try {
      return read(closed.rootNode);
    } finally {
      closed.delete();
      tree.delete();
    }
  }
  last?.tree.delete();
  last = { parsed, tree };
  source.text = text;
  return read(tree.rootNode);
}

function parseWhole(ready: Parser, source: Source): Tree {
  const tree = ready.parse((index) => source.text.slice(index));
  if (tree === null) throw new Error('the C# parser gave no tree');
  return tree;
}

/** The text that a tree is made of, and later that its nodes are read from: both of one length. */
interface Source {
  text: string;
}

/**
 * The tree of a text that was made from the last one's; undefined where it could differ from what the text alone gives:
 * how the parser mends an error depends on what it has read before.
 */
function parseAgain(ready: Parser, parsed: string, source: Source): Tree | undefined {
  if (last === undefined || last.tree.rootNode.hasError) return undefined;
  const edit = treeEdit(last.parsed, parsed);
  if (edit === undefined) return undefined;
  // The edit stays in the old tree, which is deleted for the new one in any case.
  last.tree.edit(edit);
  const tree = ready.parse((index) => source.text.slice(index), last.tree);
  if (tree !== null && !tree.rootNode.hasError) return tree;
  tree?.delete();
  return undefined;
}
