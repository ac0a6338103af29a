import { codes } from '../../core/diag/codes.ts';
import { didYouMean } from '../../core/util/suggestion.ts';

/** What to do about a code that does not exist. */
export function unknownCodeAdvice(text: string, known: readonly string[] = Object.keys(codes)): string {
  const near = didYouMean(text, known);
  return `${near === undefined ? '' : `Did you mean ${near}? `}"chainsmith explain" lists them all.`;
}
