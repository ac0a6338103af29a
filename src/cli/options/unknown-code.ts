import { codes } from '../../core/diag/codes.ts';
import { didYouMean } from '../../core/util/suggestion.ts';

/** What to do about a code that does not exist. */
export function unknownCodeAdvice(text: string): string {
  const near = didYouMean(text, Object.keys(codes));
  return `${near === undefined ? '' : `Did you mean ${near}? `}"chainsmith explain" lists them all.`;
}
