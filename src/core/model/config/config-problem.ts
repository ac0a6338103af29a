import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import { locatePart, printPath, type DocumentLocation, type FieldPath } from '../../diag/source-location.ts';
import { describeValue } from '../../util/mapping.ts';
import { didYouMean } from '../../util/suggestion.ts';

/** What is wrong with a field of the configuration. */
export interface ConfigProblem {
  readonly code: 'config-unknown-field' | 'config-invalid-value' | 'config-without-effect';
  readonly path: FieldPath;
  readonly message: string;
  readonly hint?: string | undefined;
}

// Longer words are no slip of a field name, and the edit distance takes quadratic time.
const SUGGEST_UP_TO = 60;

/**
 * The field that does not exist is the last one of the path. `known` are its would-be neighbours; `elsewhere` are the paths of all
 * fields, for one that stands in the wrong place.
 */
export function unknownField(
  path: FieldPath,
  known: readonly string[],
  elsewhere: readonly FieldPath[],
): ConfigProblem {
  const name = String(path.at(-1)).slice(0, SUGGEST_UP_TO);
  const near = didYouMean(name, known);
  const meant = near === undefined ? fieldElsewhere(name, elsewhere) : [...path.slice(0, -1), near];
  const hint = meant === undefined ? undefined : `did you mean ${printPath(meant)}?`;
  return { code: 'config-unknown-field', path, message: `unknown field ${printPath(path)}`, hint };
}

function fieldElsewhere(name: string, paths: readonly FieldPath[]): FieldPath | undefined {
  const near = didYouMean(
    name,
    paths.map((path) => String(path.at(-1))),
  );
  return paths.find((path) => path.at(-1) === near);
}

/** A field whose value kube-proxy would refuse. */
export function invalidValue(path: FieldPath, problem: string): ConfigProblem {
  return { code: 'config-invalid-value', path, message: `${printPath(path)}: ${problem}` };
}

/** A word that is none of those allowed; case counts. */
export function invalidChoice(path: FieldPath, word: string, choices: readonly string[]): ConfigProblem {
  const near = didYouMean(word.slice(0, SUGGEST_UP_TO), choices);
  const problem = invalidValue(path, `${describeValue(word)} is none of ${choices.join(', ')}`);
  return near === undefined ? problem : { ...problem, hint: `did you mean ${near}?` };
}

/** With the place of the field, or of the nearest one around it that is in the file. */
export function problemDiagnostic(problem: ConfigProblem, file: DocumentLocation | undefined): Diagnostic {
  const { code, path, message, hint } = problem;
  return diagnose(code, { message, hint, location: locatePart(file, path) });
}
