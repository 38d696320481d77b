/** What each migration comes after, by id. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/**
 * The ids so that each comes after what it is built on, and otherwise in the order of the graph; those of a circle, and what
 * is built on them, at the end.
 */
export function inOrder(graph: Graph): readonly string[] {
  const children = childrenOf(graph);
  const open = new Map([...graph].map(([id, before]) => [id, before.filter((each) => graph.has(each)).length]));
  const order = [...graph.keys()].filter((id) => open.get(id) === 0);
  // What is found on the way is gone through as well.
  for (const id of order)
    for (const child of children.get(id) ?? []) {
      const left = (open.get(child) ?? 0) - 1;
      open.set(child, left);
      if (left === 0) order.push(child);
    }
  const placed = new Set(order);
  return [...order, ...[...graph.keys()].filter((id) => !placed.has(id))];
}

/** Those that nothing is built on, in the order of the graph. */
export function headsOf(graph: Graph): readonly string[] {
  const children = childrenOf(graph);
  return [...graph.keys()].filter((id) => !children.has(id));
}

/** Everything that the ids are built on, and they themselves; also those that the graph does not have. */
export function withAncestors(graph: Graph, ids: readonly string[]): ReadonlySet<string> {
  const found = new Set(ids);
  // What is added on the way is gone through as well.
  for (const id of found) for (const before of graph.get(id) ?? []) found.add(before);
  return found;
}

/** Those that can never be reached, since they come after themselves. */
export function inCircles(graph: Graph): readonly string[] {
  const place = new Map(inOrder(graph).map((id, index) => [id, index]));
  return [...graph]
    .filter(([id, before]) => before.some((each) => (place.get(each) ?? -1) >= (place.get(id) ?? 0)))
    .map(([id]) => id);
}

function childrenOf(graph: Graph): ReadonlyMap<string, readonly string[]> {
  const children = new Map<string, string[]>();
  for (const [id, before] of graph)
    for (const each of before) {
      const known = children.get(each);
      if (known === undefined) children.set(each, [id]);
      else known.push(id);
    }
  return children;
}
