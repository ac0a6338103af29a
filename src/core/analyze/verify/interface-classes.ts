import { NEVER, type Diagram, type Diagrams } from './diagram.ts';

/** Names of interfaces, sorted into classes that no rule tells apart. */
export class InterfaceClasses {
  /** One name of each class. */
  readonly names: readonly string[];
  readonly #diagrams = new Map<string, Diagram>();

  /** @param patterns names, and beginnings of names that end in `+` */
  constructor(patterns: Iterable<string>) {
    const all = [...new Set(patterns)].sort();
    const classes = new Map<string, string>();
    for (const name of candidates(all)) {
      const signature = all.map((pattern) => (matchesInterface(pattern, name) ? '1' : '0')).join('');
      if (!classes.has(signature)) classes.set(signature, name);
    }
    this.names = [...classes.values()];
  }

  /** Values of a variable whose class `i` is the value `i + offset`. */
  diagram(diagrams: Diagrams, level: number, pattern: string, offset: number): Diagram {
    const key = `${level} ${pattern}`;
    let known = this.#diagrams.get(key);
    if (known === undefined) {
      known = NEVER;
      for (const [i, name] of this.names.entries()) {
        if (matchesInterface(pattern, name)) known = diagrams.or(known, diagrams.range(level, i + offset, i + offset));
      }
      this.#diagrams.set(key, known);
    }
    return known;
  }

  /** What was computed belongs to diagrams that are gone. */
  forget(): void {
    this.#diagrams.clear();
  }

  /** The class of a name that rules know; undefined if no rule does. */
  classOf(name: string): number | undefined {
    const index = this.names.indexOf(name);
    return index === -1 ? undefined : index;
  }
}

/** `eth+` is every name that begins with eth. */
export function matchesInterface(pattern: string, name: string): boolean {
  return pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** IFNAMSIZ without the zero at the end. */
const LONGEST = 15;

/** A name that no rule knows first, then one for each pattern. */
function candidates(patterns: readonly string[]): readonly string[] {
  const known = new Set(patterns);
  const free = (names: readonly string[]): readonly string[] =>
    names.filter((name) => !known.has(name) && name.length <= LONGEST).slice(0, 1);
  const others = ['eth0', 'eth1', 'ens3', 'net0', 'x-other0'];
  const unknown = others.filter((name) => !patterns.some((pattern) => matchesInterface(pattern, name)));
  const prefixes = patterns.filter((pattern) => pattern.endsWith('+')).map((pattern) => pattern.slice(0, -1));
  return [
    ...(unknown.length > 0 ? unknown.slice(0, 1) : free(Array.from({ length: 100 }, (_, i) => `x-other${i}`))),
    ...patterns.filter((pattern) => !pattern.endsWith('+')),
    ...prefixes.flatMap((prefix) => free(['0', '1', '9', 'x', 'zz', ''].map((end) => prefix + end))),
  ];
}
