import type { Rule } from '../../ruleset/rule.ts';
import { readServiceComment, type ServiceComment } from '../../ruleset/service-comment.ts';

/** All comments of a rule. */
export function commentOf({ matches }: Rule): string | undefined {
  const texts = matches.flatMap((match) => (match.kind === 'comment' ? [match.text] : []));
  return texts.length === 0 ? undefined : texts.join('; ');
}

/** The first comment of a rule that names a service port. */
export function serviceComment({ matches }: Rule): ServiceComment | undefined {
  for (const match of matches) {
    const found = match.kind === 'comment' ? readServiceComment(match.text) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
