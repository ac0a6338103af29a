/** A directed drawing, from left to right. */
export interface ServiceGraph {
  /** In the order in which they were first named. */
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** `end`: where packets end that get no endpoint. */
export type NodeKind = 'frontend' | 'chain' | 'endpoint' | 'end';

export interface GraphNode {
  /** `n1`, `n2` ... */
  readonly id: string;
  readonly kind: NodeKind;
  /** Lines of text; any characters. */
  readonly label: readonly string[];
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** Empty: none. */
  readonly label: readonly string[];
}

/** Gathers nodes by key, and edges by their ends. */
export class GraphBuilder {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #edges = new Map<string, GraphEdge>();

  /** The id of the node of that key, which is made with the label if it is not there yet. */
  node(kind: NodeKind, key: readonly string[], label: readonly string[]): string {
    const text = JSON.stringify([kind, ...key]);
    const known = this.#nodes.get(text);
    if (known !== undefined) return known.id;
    const id = `n${this.#nodes.size + 1}`;
    this.#nodes.set(text, { id, kind, label });
    return id;
  }

  /** A second edge between the same nodes adds its label. */
  edge(from: string, to: string, label: readonly string[] = []): void {
    const key = `${from} ${to}`;
    const known = this.#edges.get(key);
    const added = label.filter((line) => known?.label.includes(line) !== true);
    this.#edges.set(key, { from, to, label: [...(known?.label ?? []), ...added] });
  }

  finish(): ServiceGraph {
    return { nodes: [...this.#nodes.values()], edges: [...this.#edges.values()] };
  }
}
