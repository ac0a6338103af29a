import { describeValue, isMapping } from '../../util/mapping.ts';

/** Where a mapping stands. Its path is put together only for a message: there are millions of fields, and few faults. */
interface Place {
  readonly parent: Fields;
  readonly name: string;
  readonly index: number | undefined;
}

function pathTo({ parent, name, index }: Place): string {
  return index === undefined ? parent.pathOf(name) : `${parent.pathOf(name)}[${index}]`;
}

/**
 * Reads the fields of an untrusted JSON value. Every mismatch is noted with its path; the reader goes on with undefined, so one
 * pass finds all of an object's faults. `null` counts as absent, as in Kubernetes' own decoding.
 */
export class Fields {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #place: Place | undefined;
  readonly #problems: string[];

  constructor(value: Readonly<Record<string, unknown>>, problems: string[], place?: Place) {
    this.#value = value;
    this.#problems = problems;
    this.#place = place;
  }

  /** The value as it is. */
  value(name: string): unknown {
    const value = Object.hasOwn(this.#value, name) ? this.#value[name] : undefined;
    return value === null ? undefined : value;
  }

  has(name: string): boolean {
    return this.value(name) !== undefined;
  }

  pathOf(name: string): string {
    return this.#place === undefined ? name : `${pathTo(this.#place)}.${name}`;
  }

  problem(name: string, expected: string): undefined {
    this.#problems.push(`${this.pathOf(name)} must be ${expected}, not ${describeValue(this.value(name))}`);
    return undefined;
  }

  string(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'string') return value;
    return this.problem(name, 'a string');
  }

  boolean(name: string): boolean | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'boolean') return value;
    return this.problem(name, 'true or false');
  }

  integer(name: string, from: number, to: number): number | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) return value;
    return this.problem(name, `a whole number from ${from} to ${to}`);
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const value = this.value(name);
    if (value === undefined || value === '') return undefined;
    return values.find((v) => v === value) ?? this.problem(name, `one of ${values.join(', ')}`);
  }

  /** A number, or a text. */
  integerOrString(name: string, from: number, to: number): number | string | undefined {
    return typeof this.value(name) === 'string' ? this.string(name) : this.integer(name, from, to);
  }

  object(name: string): Fields | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (isMapping(value)) return new Fields(value, this.#problems, { parent: this, name, index: undefined });
    return this.problem(name, 'a mapping');
  }

  list<T>(name: string, read: (item: Fields) => T): readonly T[] {
    const result: T[] = [];
    for (const [i, item] of this.#items(name).entries()) {
      if (isMapping(item)) result.push(read(new Fields(item, this.#problems, { parent: this, name, index: i })));
      else this.#problems.push(`${this.pathOf(name)}[${i}] must be a mapping, not ${describeValue(item)}`);
    }
    return result;
  }

  strings(name: string): readonly string[] {
    const result: string[] = [];
    for (const [i, item] of this.#items(name).entries()) {
      if (typeof item === 'string') result.push(item);
      else this.#problems.push(`${this.pathOf(name)}[${i}] must be a string, not ${describeValue(item)}`);
    }
    return result;
  }

  stringMap(name: string): ReadonlyMap<string, string> {
    const map = new Map<string, string>();
    const value = this.value(name);
    if (value === undefined) return map;
    if (!isMapping(value)) {
      this.problem(name, 'a mapping');
      return map;
    }
    for (const [key, text] of Object.entries(value)) {
      if (typeof text === 'string') map.set(key, text);
      else
        this.#problems.push(
          `${this.pathOf(name)}[${JSON.stringify(key)}] must be a string, not ${describeValue(text)}`,
        );
    }
    return map;
  }

  #items(name: string): readonly unknown[] {
    const value = this.value(name);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    this.problem(name, 'a list');
    return [];
  }
}
