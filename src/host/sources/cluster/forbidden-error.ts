import type { ClusterAccess } from './cluster-access.ts';
import { ClusterError } from './cluster-error.ts';
import type { Resource } from './resources.ts';

export interface Refusal {
  readonly resource: Resource;
  /** The API server's words; "" if it has none. */
  readonly said: string;
}

/** Carries what was refused, so that several refusals can be told as one. */
export class ForbiddenError extends ClusterError {
  readonly refusals: readonly Refusal[];

  constructor(refusals: readonly Refusal[], message: string, advice: string) {
    super('forbidden', message, { advice });
    this.refusals = refusals;
  }
}

/** What RBAC refuses, and the rules that allow it, ready to be put into a ClusterRole. */
export function forbiddenError(access: ClusterAccess, refusals: readonly Refusal[]): ForbiddenError {
  const names = refusals.map(({ resource }) => qualified(resource)).join(', ');
  const message = `the cluster ${access.name} does not let ${whoIn(refusals)} list ${names}`;
  const said = refusals.flatMap(({ said }) => (said === '' ? [] : [`It says: ${said}`]));
  const anonymous = said.some((text) => text.includes('system:anonymous'));
  const context = access.context === undefined ? '' : ` --context ${access.context}`;
  const checks = refusals.map(
    ({ resource }) =>
      `  kubectl auth can-i list ${qualified(resource)}${resource.namespaced ? ' --all-namespaces' : ''}${context}`,
  );
  const advice = [
    ...said,
    ...(anonymous ? [`No credentials were sent: ${access.origin} has none for this cluster`] : []),
    `To check:`,
    ...checks,
    `The rule${refusals.length === 1 ? '' : 's'} that a ClusterRole of this user needs:`,
    ...refusals.map(({ resource }) => ruleOf(resource)),
  ];
  return new ForbiddenError(refusals, message, advice.join('\n'));
}

function whoIn(refusals: readonly Refusal[]): string {
  const user = refusals.map(({ said }) => /User "([^"]+)"/.exec(said)?.[1]).find((name) => name !== undefined);
  return user === undefined ? 'this user' : `the user ${user}`;
}

/** As kubectl takes it: the group tells resources of one name apart. */
function qualified({ plural, apiGroup }: Resource): string {
  return apiGroup === '' ? plural : `${plural}.${apiGroup}`;
}

function ruleOf({ plural, apiGroup }: Resource): string {
  return `  - apiGroups: [${JSON.stringify(apiGroup)}]\n    resources: ["${plural}"]\n    verbs: ["list"]`;
}
