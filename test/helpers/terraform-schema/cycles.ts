/**
 * Finds loops in a graph of references: one for each group of nodes that reach each other.
 *
 * @param edges node → the nodes it refers to
 * @returns loops, each closed (first and last node are the same)
 */
export function findCycles(edges: Map<string, Set<string>>): string[][] {
  const finished = new Set<string>();
  const trail: string[] = [];
  const cycles: string[][] = [];

  const visit = (node: string) => {
    if (finished.has(node)) return;
    const start = trail.indexOf(node);
    if (start >= 0) {
      cycles.push([...trail.slice(start), node]);
      return;
    }
    trail.push(node);
    for (const next of edges.get(node) ?? []) visit(next);
    trail.pop();
    finished.add(node);
  };
  for (const node of edges.keys()) visit(node);
  return cycles;
}
