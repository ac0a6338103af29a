import { assertNever } from '../../util/assert.ts';
import { byKind, type FrontendRule } from './frontend-rule.ts';

/** What a service port gains and loses in the chains that list all service ports. */
export interface FrontendChanges {
  readonly added: readonly FrontendRule[];
  readonly removed: readonly FrontendRule[];
}

/** Each address once. */
export function frontendDetails({ added, removed }: FrontendChanges): readonly string[] {
  const addresses = new Set(byKind([...added, ...removed]).map(({ role, address }) => `${groupOf(role)} ${address}`));
  return [...addresses].flatMap((key) => {
    const isHere = ({ role, address }: FrontendRule): boolean => `${groupOf(role)} ${address}` === key;
    return detailsOf(added.filter(isHere), removed.filter(isHere));
  });
}

/** To serve and to refuse are two states of one address. */
function groupOf(role: FrontendRule['role']): string {
  return role === 'refuses' ? 'serves' : role;
}

function detailsOf(added: readonly FrontendRule[], removed: readonly FrontendRule[]): readonly string[] {
  const first = added[0] ?? removed[0];
  if (first === undefined) return [];
  switch (first.role) {
    case 'guards':
      return [`source ranges ${onOff(added, removed)} for ${first.address}`];
    case 'checks':
      return [`${first.kind} ${first.address} ${addedRemoved(added, removed)}`];
    case 'serves':
    case 'refuses':
      return [servedDetail(added, removed)];
    default:
      return assertNever(first.role, 'role');
  }
}

function onOff(added: readonly FrontendRule[], removed: readonly FrontendRule[]): string {
  if (added.length > 0 && removed.length > 0) return 'changed';
  return added.length > 0 ? 'on' : 'off';
}

function addedRemoved(added: readonly FrontendRule[], removed: readonly FrontendRule[]): string {
  if (added.length > 0 && removed.length > 0) return 'changed';
  return added.length > 0 ? 'added' : 'removed';
}

function servedDetail(added: readonly FrontendRule[], removed: readonly FrontendRule[]): string {
  const [serves, refuses] = [find(added, 'serves'), find(added, 'refuses')];
  const [served, refused] = [find(removed, 'serves'), find(removed, 'refuses')];
  const name = nameOf(serves ?? served ?? refuses ?? refused);
  if (refuses !== undefined) {
    const before = refused === undefined || refused.target === refuses.target ? '' : `, was ${refused.target}`;
    const start = refuses.why === 'no endpoints' ? 'no endpoints any more' : refuses.why;
    return `${start === '' ? 'closed' : start}: ${name} refused (${refuses.target}${before})`;
  }
  if (refused !== undefined) {
    return serves === undefined && served !== undefined
      ? `${name} removed`
      : `${name} no longer refused (was ${refused.target})`;
  }
  if (serves !== undefined && served !== undefined) {
    if (serves.target === served.target) return `${name}: rules changed`;
    const policy = `${policyOf(served)} -> ${policyOf(serves)}`;
    return serves.kind === 'clusterIP' && policyOf(serves) !== policyOf(served)
      ? `internalTrafficPolicy ${policy} (${name})`
      : `${name} leads to ${serves.target}, was ${served.target}`;
  }
  return `${name} ${serves === undefined ? 'removed' : 'added'}`;
}

/** A clusterIP leads to KUBE-SVL with the policy Local. */
function policyOf({ target }: FrontendRule): string {
  return target.startsWith('KUBE-SVL-') ? 'Local' : 'Cluster';
}

function find(rules: readonly FrontendRule[], role: FrontendRule['role']): FrontendRule | undefined {
  return rules.find((rule) => rule.role === role);
}

function nameOf(rule: FrontendRule | undefined): string {
  return rule === undefined ? 'address' : [rule.kind, rule.address].filter((word) => word !== '').join(' ');
}
