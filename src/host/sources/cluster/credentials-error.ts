import { fieldOf } from '../../../core/util/mapping.ts';
import { describeErrno } from '../errno.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { ClusterError } from './cluster-error.ts';

const LONGEST = 300;

/** What making the credentials of a user ended in: mostly the last words of a credential plugin. */
export function credentialsError({ user, origin, context }: ClusterAccess, cause: unknown): ClusterError {
  const { code, text } = describeErrno(cause);
  const plugin = fieldOf(user.exec, 'command');
  const options = context === undefined ? '' : ` --context ${context}`;
  if (typeof plugin !== 'string') {
    const advice = `Check the user ${user.name} of ${origin}: kubectl get nodes${options}`;
    return new ClusterError('credentials', `no credentials for ${user.name}: ${cut(text)}`, { advice, cause });
  }
  if (code === 'ENOENT') {
    const hint = fieldOf(user.exec, 'installHint');
    const advice = typeof hint === 'string' ? cut(hint) : `Install it, or put it into PATH; ${origin} asks for it`;
    return new ClusterError('credentials', `the credential plugin ${plugin} is not there`, { advice, cause });
  }
  const advice = `Log in as for kubectl, then try again: kubectl get nodes${options}`;
  return new ClusterError('credentials', `the credential plugin ${plugin} failed: ${cut(text)}`, { advice, cause });
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
