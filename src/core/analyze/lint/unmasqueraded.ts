import type { RulesetRule } from '../../ruleset/ruleset.ts';
import { destinationAddress, destinationPort, jumpOf, protocolOf } from './rule-facts.ts';
import { frontendKey, type Frontend } from './frontend.ts';
import type { ServiceIndex } from './service-index.ts';

/** How many clusterIPs with endpoints there are, and those of them that no rule masquerades. */
export interface Unmasqueraded {
  readonly all: number;
  readonly without: readonly Frontend[];
}

export function unmasqueraded(services: ServiceIndex): Unmasqueraded {
  const { nat } = services;
  if (nat === undefined) return { all: 0, without: [] };
  const serving = services.frontends.filter(
    ({ kind, chain }) => kind === 'cluster-ip' && services.endpointsOf(chain).length > 0,
  );
  // Until 1.21 the rule stood in KUBE-SERVICES, before the jump.
  const before = new Set(nat.rules('KUBE-SERVICES').flatMap((rule) => (marks(rule) ? keyOf(rule) : [])));
  const without = serving.filter(
    (frontend) => !before.has(frontendKey(frontend)) && !nat.rules(frontend.chain).some(marks),
  );
  return { all: serving.length, without };
}

function marks({ rule }: RulesetRule): boolean {
  return jumpOf(rule) === 'KUBE-MARK-MASQ' || rule.target.kind === 'mark';
}

function keyOf({ rule }: RulesetRule): readonly string[] {
  const [address, port, protocol] = [destinationAddress(rule), destinationPort(rule), protocolOf(rule)];
  return port === undefined || protocol === undefined ? [] : [frontendKey({ address, port, protocol })];
}
