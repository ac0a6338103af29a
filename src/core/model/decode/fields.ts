import { describeValue, isMapping } from '../../util/mapping.ts';
import type { KnownFields } from './known-fields.ts';

/** Where a mapping stands. Its path is put together only for a message: there are millions of fields, and few faults. */
interface Place {
  readonly parent: Fields;
  readonly name: string;
  readonly index: number | undefined;
}

function pathTo({ parent, name, index }: Place): string {
  return index === undefined ? parent.pathOf(name) : `${parent.pathOf(name)}[${index}]`;
}

/** What is found out about one object while it is read. */
export class Findings {
  readonly problems: string[] = [];
  readonly #misspelt = new Map<string, { readonly path: string; readonly field: string; count: number }>();

  misspelt(path: string, field: string): void {
    // A misspelt field of one endpoint is that of all of them.
    const key = path.replace(/\[\d+\]/g, '[]');
    const known = this.#misspelt.get(key);
    if (known === undefined) this.#misspelt.set(key, { path, field, count: 1 });
    else known.count++;
  }

  /** Each with the field that was probably meant. */
  misspeltFields(): readonly { readonly path: string; readonly field: string; readonly count: number }[] {
    return [...this.#misspelt.values()];
  }
}

/**
 * Reads the fields of an untrusted JSON value. Every mismatch is noted with its path; the reader goes on with undefined, so one
 * pass finds all of an object's faults. `null` counts as absent, as in Kubernetes' own decoding.
 */
export class Fields {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #place: Place | undefined;
  readonly #findings: Findings;

  constructor(value: Readonly<Record<string, unknown>>, findings: Findings, place?: Place) {
    this.#value = value;
    this.#findings = findings;
    this.#place = place;
  }

  /** Notes the fields that the API does not have. */
  only(known: KnownFields): this {
    if (known.usual(this.#value)) return this;
    for (const [key, field] of known.misspelt(this.#value)) this.#findings.misspelt(this.pathOf(key), field);
    return this;
  }

  /** The value as it is; null counts as absent. */
  value(name: string): unknown {
    const value = this.#value[name];
    return value === undefined || value === null || !Object.hasOwn(this.#value, name) ? undefined : value;
  }

  has(name: string): boolean {
    return this.value(name) !== undefined;
  }

  pathOf(name: string): string {
    return this.#place === undefined ? name : `${pathTo(this.#place)}.${name}`;
  }

  problem(name: string, expected: string): undefined {
    this.#findings.problems.push(`${this.pathOf(name)} must be ${expected}, not ${describeValue(this.value(name))}`);
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

  /** A list of such texts; here the empty one is a fault. */
  eachOneOf<T extends string>(name: string, values: readonly T[]): readonly T[] {
    return this.#items(name).flatMap((item, i) => {
      const known = values.find((value) => value === item);
      if (known !== undefined) return [known];
      const expected = `one of ${values.join(', ')}`;
      this.#findings.problems.push(`${this.pathOf(name)}[${i}] must be ${expected}, not ${describeValue(item)}`);
      return [];
    });
  }

  /** A number, or a text. */
  integerOrString(name: string, from: number, to: number): number | string | undefined {
    return typeof this.value(name) === 'string' ? this.string(name) : this.integer(name, from, to);
  }

  object(name: string): Fields | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (isMapping(value)) return new Fields(value, this.#findings, { parent: this, name, index: undefined });
    return this.problem(name, 'a mapping');
  }

  list<T>(name: string, read: (item: Fields) => T): readonly T[] {
    const result: T[] = [];
    this.#items(name).forEach((item, index) => {
      if (isMapping(item)) result.push(read(new Fields(item, this.#findings, { parent: this, name, index })));
      else this.#findings.problems.push(`${this.pathOf(name)}[${index}] must be a mapping, not ${describeValue(item)}`);
    });
    return result;
  }

  strings(name: string): readonly string[] {
    const items = this.#items(name);
    // A copy for each endpoint would be a tenth of the time of decoding.
    if (items.every((item) => typeof item === 'string')) return items;
    items.forEach((item, i) => {
      if (typeof item === 'string') return;
      this.#findings.problems.push(`${this.pathOf(name)}[${i}] must be a string, not ${describeValue(item)}`);
    });
    return items.filter((item) => typeof item === 'string');
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
        this.#findings.problems.push(
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
