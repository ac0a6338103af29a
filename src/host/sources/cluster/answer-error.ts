import { fieldOf } from '../../../core/util/mapping.ts';
import type { ApiAnswer } from './api-connection.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { ClusterError } from './cluster-error.ts';
import { forbiddenError } from './forbidden-error.ts';
import type { Resource } from './resources.ts';

const LONGEST = 200;

/** An answer that is not the list that was asked for. */
export function answerError(access: ClusterAccess, resource: Resource, answer: ApiAnswer): ClusterError {
  const { status } = answer;
  const said = messageOf(answer.body);
  const words = said === undefined ? '' : `: ${said}`;
  const head = `the cluster ${access.name} at ${access.server}`;
  if (status === 403) return forbiddenError(access, [{ resource, said: said ?? '' }]);
  if (status === 401) {
    const context = access.context === undefined ? '' : ` --context ${access.context}`;
    const advice = `The token or certificate of ${access.origin} has expired or is not of this cluster.\nLog in again, then check: kubectl get nodes${context}`;
    return new ClusterError('unauthorized', `${head} does not accept these credentials${words}`, { advice });
  }
  if (status === 404) {
    const advice =
      resource.apiGroup === ''
        ? `Is it an API server? ${access.origin} names it`
        : `${resource.kind} ${resource.apiVersion} is there since Kubernetes 1.21; is it an API server?`;
    return new ClusterError('bad-answer', `${head} has no ${resource.path}${words}`, { advice });
  }
  const advice =
    status >= 500 || status === 429
      ? 'It is not well, or busy; try again later'
      : `Is it an API server, and the scheme right (https:// or http://)? ${access.origin} names it`;
  return new ClusterError('bad-answer', `${head} answers ${resource.plural} with status ${status}${words}`, { advice });
}

/** An answer with status 200 that is no list of the API. */
export function notAList(access: ClusterAccess, { plural }: Resource, what: string): ClusterError {
  const message = `the cluster ${access.name} at ${access.server} answers ${plural} with ${what}`;
  const advice = `Is it an API server, or a proxy or login page in front of one? ${access.origin} names it`;
  return new ClusterError('bad-answer', message, { advice });
}

/** The API's own words (kind: Status), or the beginning of what somebody else says. */
function messageOf(body: string): string | undefined {
  const text = statusMessage(body) ?? body.trim();
  if (text === '') return undefined;
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function statusMessage(body: string): string | undefined {
  try {
    const message = fieldOf(JSON.parse(body), 'message');
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
