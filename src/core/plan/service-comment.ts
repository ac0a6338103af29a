import { readServiceComment, type ServiceComment } from '../ruleset/service-comment.ts';
import { commentOf } from './rule-lines.ts';

/** The service port that a rule, as text, speaks of. */
export function serviceComment(line: string): ServiceComment | undefined {
  const comment = commentOf(line);
  return comment === undefined ? undefined : readServiceComment(comment);
}
