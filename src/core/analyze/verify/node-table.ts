/**
 * Sets of packets as ordered decision diagrams. A node asks one variable, whose values are 0 to some limit, and has one child for each
 * range of values. Equal nodes are one node, so that equal sets are equal numbers, however they were computed. Variables are asked in
 * the order of their levels.
 */
export type Diagram = number;

/** No packet. */
export const NEVER: Diagram = 0;
/** Every packet. */
export const ALWAYS: Diagram = 1;

/** The diagrams have grown beyond what memory should hold: the question is too hard, and stays undecided. */
export class TooHard extends Error {
  override readonly name: string = 'TooHard';
}

/** The last range of a node has no limit of its own. */
export const END = 0x7fffffff;
/** The level of NEVER and ALWAYS. */
export const TERMINAL = 0x7fffffff;
/** The nodes of diagrams, each once. Nodes are numbers; what belongs to them stands in flat arrays, which grow. */
export class NodeTable {
  levels: Int32Array<ArrayBuffer> = new Int32Array(1 << 12);
  /** Where a node's ranges begin in the two lists below; they end where those of the next node begin. */
  starts: Int32Array<ArrayBuffer> = new Int32Array((1 << 12) + 1);
  limits: Int32Array<ArrayBuffer> = new Int32Array(1 << 14);
  children: Int32Array<ArrayBuffer> = new Int32Array(1 << 14);
  #count = 2;
  #used = 0;
  #unique = new Int32Array(1 << 14);
  readonly #most: number;

  /** @param most nodes before TooHard is thrown */
  constructor(most: number) {
    this.#most = most;
    this.levels[NEVER] = TERMINAL;
    this.levels[ALWAYS] = TERMINAL;
  }

  get count(): number {
    return this.#count;
  }

  /** `children` differ from one to the next, and there are at least two. */
  intern(level: number, limits: readonly number[], children: readonly Diagram[]): Diagram {
    let hash = Math.imul(level + 1, 0x9e3779b1);
    for (let i = 0; i < children.length; i++) {
      hash = Math.imul(hash ^ (limits[i] ?? 0), 0x85ebca6b);
      hash = Math.imul(hash ^ (children[i] ?? 0) ^ (hash >>> 15), 0xc2b2ae35);
    }
    const mask = this.#unique.length - 1;
    let slot = (hash ^ (hash >>> 13)) & mask;
    for (let known = this.#unique[slot] ?? 0; known !== 0; known = this.#unique[slot] ?? 0) {
      if (this.#isNode(known, level, limits, children)) return known;
      slot = (slot + 1) & mask;
    }
    const made = this.#add(level, limits, children);
    this.#unique[slot] = made;
    if (this.#count * 2 > mask) this.#rehash();
    return made;
  }

  #isNode(node: Diagram, level: number, limits: readonly number[], children: readonly Diagram[]): boolean {
    const from = this.starts[node] ?? 0;
    if (this.levels[node] !== level || (this.starts[node + 1] ?? 0) - from !== children.length) return false;
    for (let i = 0; i < children.length; i++) {
      if (this.children[from + i] !== children[i] || this.limits[from + i] !== limits[i]) return false;
    }
    return true;
  }

  #add(level: number, limits: readonly number[], children: readonly Diagram[]): Diagram {
    const made = this.#count;
    if (made >= this.#most) throw new TooHard(`more than ${this.#most} nodes`);
    if (made + 2 > this.levels.length) {
      this.levels = grown(this.levels);
      this.starts = grown(this.starts);
    }
    if (this.#used + children.length > this.limits.length) {
      this.limits = grown(this.limits, this.#used + children.length);
      this.children = grown(this.children, this.#used + children.length);
    }
    this.levels[made] = level;
    this.starts[made] = this.#used;
    for (let i = 0; i < children.length; i++) {
      this.limits[this.#used] = limits[i] ?? END;
      this.children[this.#used] = children[i] ?? NEVER;
      this.#used += 1;
    }
    this.starts[made + 1] = this.#used;
    this.#count += 1;
    return made;
  }

  #rehash(): void {
    const unique = new Int32Array(this.#unique.length * 2);
    const mask = unique.length - 1;
    for (const node of this.#unique) {
      if (node === 0) continue;
      let hash = Math.imul((this.levels[node] ?? 0) + 1, 0x9e3779b1);
      for (let i = this.starts[node] ?? 0; i < (this.starts[node + 1] ?? 0); i++) {
        hash = Math.imul(hash ^ (this.limits[i] ?? 0), 0x85ebca6b);
        hash = Math.imul(hash ^ (this.children[i] ?? 0) ^ (hash >>> 15), 0xc2b2ae35);
      }
      let slot = (hash ^ (hash >>> 13)) & mask;
      while (unique[slot] !== 0) slot = (slot + 1) & mask;
      unique[slot] = node;
    }
    this.#unique = unique;
  }
}

function grown(list: Int32Array<ArrayBuffer>, least: number = 0): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(list.length * 2, least));
  larger.set(list);
  return larger;
}
