import { printPath, type FieldPath } from '../../diag/source-location.ts';
import { describeValue, isMapping, type Mapping } from '../../util/mapping.ts';

/** A damaged file can be wrong in each of its lines. */
const MOST_FAULTS = 10;

/** Reads parsed JSON and collects what is wrong with it; what it gives then is a placeholder. */
export class FieldReader {
  readonly #faults: string[] = [];

  get faults(): readonly string[] {
    return this.#faults;
  }

  fault(path: FieldPath, message: string): void {
    if (this.#faults.length < MOST_FAULTS) this.#faults.push(`${printPath(path)} ${message}`);
  }

  mapping(value: unknown, path: FieldPath): Mapping {
    if (isMapping(value)) return value;
    this.fault(path, `must be a mapping, not ${describeValue(value)}`);
    return {};
  }

  /** A field that is not there is an empty list, if it is optional. */
  list(owner: Mapping, name: string, path: FieldPath): readonly unknown[] {
    const value = owner[name];
    if (Array.isArray(value)) return value;
    this.fault([...path, name], `must be a list, not ${describeValue(value)}`);
    return [];
  }

  text(owner: Mapping, name: string, path: FieldPath): string {
    return this.#text(owner[name], [...path, name]);
  }

  optionalText(owner: Mapping, name: string, path: FieldPath): string | undefined {
    return owner[name] === undefined ? undefined : this.text(owner, name, path);
  }

  texts(owner: Mapping, name: string, path: FieldPath): readonly string[] {
    return this.list(owner, name, path).map((value, i) => this.#text(value, [...path, name, i]));
  }

  oneOf<T extends string>(owner: Mapping, name: string, allowed: readonly T[], path: FieldPath): T | undefined {
    const value = owner[name];
    const found = allowed.find((known) => known === value);
    if (found === undefined) {
      this.fault([...path, name], `must be ${allowed.join(' or ')}, not ${describeValue(value)}`);
    }
    return found;
  }

  /** Lines that are remembered as they were found: they may hold what a text must not, a carriage return in a comment too, but they are one line each. */
  lines(owner: Mapping, name: string, path: FieldPath): readonly string[] {
    return this.list(owner, name, path).map((value, i) => {
      if (typeof value === 'string' && !/[\n\0]/.test(value)) return value;
      this.fault([...path, name, i], 'must be a text of one line');
      return '';
    });
  }

  #text(value: unknown, path: FieldPath): string {
    if (typeof value === 'string' && !HIDDEN.test(value)) return value;
    this.fault(
      path,
      typeof value === 'string' ? 'has control characters' : `must be a text, not ${describeValue(value)}`,
    );
    return '';
  }
}

/** No text of a plan has more than one line, or what a terminal obeys. */
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
