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

/** One range of values that a path through a diagram asks for; both ends belong to it. */
export interface Step {
  readonly level: number;
  readonly first: number;
  readonly last: number;
}

/** The diagrams have grown beyond what memory should hold: the question is too hard, and stays undecided. */
export class TooHard extends Error {
  override readonly name = 'TooHard';
}

/** The last range of a node has no limit of its own. */
const END = 0x7fffffff;
const TERMINAL = 0x7fffffff;
const FIRST_CACHE_BITS = 12;
const MOST_CACHE_BITS = 20;

const AND = 0;
const OR = 1;
const MINUS = 2;
const MEETS = 3;

export class Diagrams {
  #levels = new Int32Array(1 << 12);
  /** Where a node's ranges begin in the two lists below; they end where those of the next node begin. */
  #starts = new Int32Array((1 << 12) + 1);
  #limits = new Int32Array(1 << 14);
  #children = new Int32Array(1 << 14);
  #count = 2;
  #used = 0;
  #unique = new Int32Array(1 << 14);
  readonly #most: number;
  /** Results of the last operations; grows with the nodes. */
  #cacheBits = FIRST_CACHE_BITS;
  #cacheA = new Int32Array(1 << FIRST_CACHE_BITS);
  #cacheB = new Int32Array(1 << FIRST_CACHE_BITS);
  #cacheResult = new Int32Array(1 << FIRST_CACHE_BITS);

  /** @param most nodes before TooHard is thrown */
  constructor(most: number = 6_000_000) {
    this.#most = most;
    this.#levels[NEVER] = TERMINAL;
    this.#levels[ALWAYS] = TERMINAL;
  }

  /** Nodes made so far. */
  get size(): number {
    return this.#count;
  }

  level(a: Diagram): number {
    return this.#levels[a] ?? TERMINAL;
  }

  /** Packets whose variable has a value in `first` to `last`. */
  range(level: number, first: number, last: number): Diagram {
    const limits: number[] = [];
    const children: Diagram[] = [];
    if (first > 0) {
      limits.push(first);
      children.push(NEVER);
    }
    limits.push(Math.min(last + 1, END));
    children.push(ALWAYS);
    if (last + 1 < END) {
      limits.push(END);
      children.push(NEVER);
    }
    return this.node(level, limits, children);
  }

  /** `children[i]` is for values below `limits[i]` and not below the limit before; the last limit is open. */
  node(level: number, limits: readonly number[], children: readonly Diagram[]): Diagram {
    const ownLimits: number[] = [];
    const own: Diagram[] = [];
    for (let i = 0; i < children.length; i++) {
      const child = children[i] ?? NEVER;
      if (own.length > 0 && own[own.length - 1] === child) {
        ownLimits[own.length - 1] = limits[i] ?? END;
      } else {
        own.push(child);
        ownLimits.push(limits[i] ?? END);
      }
    }
    if (own.length === 1) return own[0] ?? NEVER;
    ownLimits[own.length - 1] = END;
    return this.#intern(level, ownLimits, own);
  }

  and(a: Diagram, b: Diagram): Diagram {
    if (a === b || b === ALWAYS) return a;
    if (a === ALWAYS) return b;
    if (a === NEVER || b === NEVER) return NEVER;
    return a < b ? this.#apply(AND, a, b) : this.#apply(AND, b, a);
  }

  or(a: Diagram, b: Diagram): Diagram {
    if (a === b || b === NEVER) return a;
    if (a === NEVER) return b;
    if (a === ALWAYS || b === ALWAYS) return ALWAYS;
    return a < b ? this.#apply(OR, a, b) : this.#apply(OR, b, a);
  }

  /** What is in `a` and not in `b`. */
  minus(a: Diagram, b: Diagram): Diagram {
    if (a === NEVER || b === ALWAYS || a === b) return NEVER;
    if (b === NEVER) return a;
    return this.#apply(MINUS, a, b);
  }

  not(a: Diagram): Diagram {
    return this.minus(ALWAYS, a);
  }

  any(sets: Iterable<Diagram>): Diagram {
    let result = NEVER;
    for (const set of sets) result = this.or(result, set);
    return result;
  }

  /** Whether some packet is in both. */
  meets(a: Diagram, b: Diagram): boolean {
    if (a === NEVER || b === NEVER) return false;
    if (a === b || a === ALWAYS || b === ALWAYS) return true;
    const [low, high] = a < b ? [a, b] : [b, a];
    const slot = this.#slot(MEETS, low, high);
    if (this.#cacheA[slot] === low && this.#cacheB[slot] === high * 4 + MEETS) return this.#cacheResult[slot] === 1;
    const found = this.#anyPair(low, high, (x, y) => this.meets(x, y));
    this.#remember(this.#slot(MEETS, low, high), low, high * 4 + MEETS, found ? 1 : 0);
    return found;
  }

  /** What is in `a` whatever the variables from this level on are; no variable of another kind may come behind them. */
  whatever(a: Diagram, fromLevel: number): Diagram {
    const known = new Map<Diagram, Diagram>([[NEVER, NEVER]]);
    const visit = (node: Diagram): Diagram => {
      const before = known.get(node);
      if (before !== undefined) return before;
      const level = this.level(node);
      if (level >= fromLevel) return node === ALWAYS ? ALWAYS : NEVER;
      const { limits, children } = this.#edges(node);
      const result = this.node(level, limits, children.map(visit));
      known.set(node, result);
      return result;
    };
    return visit(a);
  }

  /** The levels that a set depends on. */
  levelsOf(a: Diagram): ReadonlySet<number> {
    const levels = new Set<number>();
    const seen = new Set<Diagram>([NEVER, ALWAYS]);
    const todo = [a];
    for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      levels.add(this.level(node));
      todo.push(...this.#edges(node).children);
    }
    return levels;
  }

  /** The ways to be in the set, one by one; variables that a way does not name may have any value. */
  *paths(a: Diagram): Generator<readonly Step[]> {
    if (a === NEVER) return;
    if (a === ALWAYS) {
      yield [];
      return;
    }
    const level = this.level(a);
    const { limits, children } = this.#edges(a);
    for (const [i, child] of children.entries()) {
      const step: Step = { level, first: i === 0 ? 0 : (limits[i - 1] ?? 0), last: (limits[i] ?? END) - 1 };
      for (const rest of this.paths(child)) yield [step, ...rest];
    }
  }

  /** Whether a packet, given by the values of its variables, is in the set. */
  has(a: Diagram, valueOf: (level: number) => number): boolean {
    let node = a;
    while (node > ALWAYS) {
      const value = valueOf(this.level(node));
      const { limits, children } = this.#edges(node);
      node = children[limits.findIndex((limit) => value < limit)] ?? NEVER;
    }
    return node === ALWAYS;
  }

  #edges(a: Diagram): { readonly limits: readonly number[]; readonly children: readonly Diagram[] } {
    const from = this.#starts[a] ?? 0;
    const to = this.#starts[a + 1] ?? 0;
    return { limits: [...this.#limits.subarray(from, to)], children: [...this.#children.subarray(from, to)] };
  }

  #slot(op: number, a: Diagram, b: Diagram): number {
    return (
      Math.imul(Math.imul(a, 0x9e3779b1) ^ Math.imul(b * 4 + op, 0x85ebca6b), 0xc2b2ae35) >>> (32 - this.#cacheBits)
    );
  }

  #remember(slot: number, a: number, b: number, result: number): void {
    this.#cacheA[slot] = a;
    this.#cacheB[slot] = b;
    this.#cacheResult[slot] = result;
  }

  #apply(op: number, a: Diagram, b: Diagram): Diagram {
    const slot = this.#slot(op, a, b);
    if (this.#cacheA[slot] === a && this.#cacheB[slot] === b * 4 + op) return this.#cacheResult[slot] ?? NEVER;
    const levelA = this.#levels[a] ?? TERMINAL;
    const levelB = this.#levels[b] ?? TERMINAL;
    const limits: number[] = [];
    const children: Diagram[] = [];
    let atA = this.#starts[a] ?? 0;
    let atB = this.#starts[b] ?? 0;
    const splitA = levelA <= levelB;
    const splitB = levelB <= levelA;
    // Both end with the open limit.
    for (let limit = 0; limit !== END;) {
      const limitA = splitA ? (this.#limits[atA] ?? END) : END;
      const limitB = splitB ? (this.#limits[atB] ?? END) : END;
      const child = this.#combine(
        op,
        splitA ? (this.#children[atA] ?? NEVER) : a,
        splitB ? (this.#children[atB] ?? NEVER) : b,
      );
      limit = limitA < limitB ? limitA : limitB;
      const last = children.length - 1;
      if (last >= 0 && children[last] === child) limits[last] = limit;
      else {
        children.push(child);
        limits.push(limit);
      }
      if (splitA && limitA === limit) atA += 1;
      if (splitB && limitB === limit) atB += 1;
    }
    const result =
      children.length === 1 ? (children[0] ?? NEVER) : this.#intern(splitA ? levelA : levelB, limits, children);
    this.#remember(this.#slot(op, a, b), a, b * 4 + op, result);
    return result;
  }

  #combine(op: number, a: Diagram, b: Diagram): Diagram {
    if (op === AND) return this.and(a, b);
    return op === OR ? this.or(a, b) : this.minus(a, b);
  }

  #anyPair(a: Diagram, b: Diagram, test: (x: Diagram, y: Diagram) => boolean): boolean {
    const levelA = this.#levels[a] ?? TERMINAL;
    const levelB = this.#levels[b] ?? TERMINAL;
    const splitA = levelA <= levelB;
    const splitB = levelB <= levelA;
    let atA = this.#starts[a] ?? 0;
    let atB = this.#starts[b] ?? 0;
    for (let limit = 0; limit !== END;) {
      const limitA = splitA ? (this.#limits[atA] ?? END) : END;
      const limitB = splitB ? (this.#limits[atB] ?? END) : END;
      if (test(splitA ? (this.#children[atA] ?? NEVER) : a, splitB ? (this.#children[atB] ?? NEVER) : b)) return true;
      limit = limitA < limitB ? limitA : limitB;
      if (splitA && limitA === limit) atA += 1;
      if (splitB && limitB === limit) atB += 1;
    }
    return false;
  }

  /** `children` differ from one to the next, and there are at least two. */
  #intern(level: number, limits: readonly number[], children: readonly Diagram[]): Diagram {
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
    if (this.#count >> 1 > 1 << this.#cacheBits && this.#cacheBits < MOST_CACHE_BITS) this.#growCache();
    return made;
  }

  #isNode(node: Diagram, level: number, limits: readonly number[], children: readonly Diagram[]): boolean {
    const from = this.#starts[node] ?? 0;
    if (this.#levels[node] !== level || (this.#starts[node + 1] ?? 0) - from !== children.length) return false;
    for (let i = 0; i < children.length; i++) {
      if (this.#children[from + i] !== children[i] || this.#limits[from + i] !== limits[i]) return false;
    }
    return true;
  }

  #add(level: number, limits: readonly number[], children: readonly Diagram[]): Diagram {
    const made = this.#count;
    if (made >= this.#most) throw new TooHard(`more than ${this.#most} nodes`);
    if (made + 2 > this.#levels.length) {
      this.#levels = grown(this.#levels);
      this.#starts = grown(this.#starts);
    }
    if (this.#used + children.length > this.#limits.length) {
      this.#limits = grown(this.#limits, this.#used + children.length);
      this.#children = grown(this.#children, this.#used + children.length);
    }
    this.#levels[made] = level;
    this.#starts[made] = this.#used;
    for (let i = 0; i < children.length; i++) {
      this.#limits[this.#used] = limits[i] ?? END;
      this.#children[this.#used] = children[i] ?? NEVER;
      this.#used += 1;
    }
    this.#starts[made + 1] = this.#used;
    this.#count += 1;
    return made;
  }

  /** What was in it is computed again when it is needed. */
  #growCache(): void {
    this.#cacheBits += 2;
    this.#cacheA = new Int32Array(1 << this.#cacheBits);
    this.#cacheB = new Int32Array(1 << this.#cacheBits);
    this.#cacheResult = new Int32Array(1 << this.#cacheBits);
  }

  #rehash(): void {
    const unique = new Int32Array(this.#unique.length * 2);
    const mask = unique.length - 1;
    for (const node of this.#unique) {
      if (node === 0) continue;
      let hash = Math.imul((this.#levels[node] ?? 0) + 1, 0x9e3779b1);
      for (let i = this.#starts[node] ?? 0; i < (this.#starts[node + 1] ?? 0); i++) {
        hash = Math.imul(hash ^ (this.#limits[i] ?? 0), 0x85ebca6b);
        hash = Math.imul(hash ^ (this.#children[i] ?? 0) ^ (hash >>> 15), 0xc2b2ae35);
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
