import { codes } from '../../core/diag/codes.ts';
import { didYouMean } from '../../core/util/suggestion.ts';

/** For a code that does not exist. */
export function unknownCodeText(text: string): string {
  const near = didYouMean(text, Object.keys(codes));
  const suggestion = near === undefined ? '' : ` Did you mean ${near}?`;
  return `There is no such code.${suggestion} "chainsmith explain" lists them all.`;
}
