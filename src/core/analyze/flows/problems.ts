import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import { locatePart, printPath, type DocumentLocation, type FieldPath } from '../../diag/source-location.ts';
import { describeValue, type Mapping } from '../../util/mapping.ts';
import { didYouMean } from '../../util/suggestion.ts';

/** Longer words are no slip of a key, and the edit distance takes quadratic time. */
const SUGGEST_UP_TO = 60;

/** Collects what is wrong with a document, each at its place. */
export class Problems {
  readonly #location: DocumentLocation | undefined;
  readonly #found: Diagnostic[] = [];

  constructor(location: DocumentLocation | undefined) {
    this.#location = location;
  }

  get found(): readonly Diagnostic[] {
    return this.#found;
  }

  invalid(path: FieldPath, message: string, hint?: string): void {
    this.#found.push(diagnose('test-invalid-value', { message, hint, location: locatePart(this.#location, path) }));
  }

  /** `what` is what the value should have been. */
  wrong(path: FieldPath, value: unknown, what: string, hint?: string): void {
    this.invalid(path, `${nameOf(path)} must be ${what}, not ${describeValue(value)}`, hint);
  }

  /** Each key that is not known, with the one that was probably meant. */
  unknownKeys(mapping: Mapping, known: readonly string[], path: FieldPath, where: string): void {
    for (const key of Object.keys(mapping)) {
      if (known.includes(key)) continue;
      const near = didYouMean(key.slice(0, SUGGEST_UP_TO), known);
      const hint = near === undefined ? `${where} has ${known.join(', ')}` : `did you mean ${near}?`;
      const message = `unknown key ${describeValue(key)}`;
      this.#found.push(
        diagnose('test-unknown-key', { message, hint, location: locatePart(this.#location, [...path, key]) }),
      );
    }
  }
}

/** `port`; `reaches[0]` for an item of a list. */
function nameOf(path: FieldPath): string {
  return printPath(path.slice(typeof path.at(-1) === 'number' ? -2 : -1));
}
