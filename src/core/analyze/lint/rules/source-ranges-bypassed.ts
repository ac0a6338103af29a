import type { Found } from '../finding.ts';
import { groupedBy } from '../grouped.ts';
import { decodedText } from '../ipvs-words.ts';
import type { IpvsView } from '../ipvs-view.ts';
import type { LintRule } from '../lint-rule.ts';
import { portSuffix } from '../port-chain.ts';
import { listed } from '../places.ts';
import { frontendText } from '../frontend.ts';
import type { ServiceIndex } from '../service-index.ts';
import { guardedAddresses } from '../source-ranges.ts';

export const sourceRangesBypassed: LintRule = {
  code: 'source-ranges-bypassed',
  severity: 'warning',
  title: 'source ranges hold for the load balancer IP only',
  needs: 'rules',
  holds: 'A Service with loadBalancerSourceRanges has no node port and no external IP.',
  why: 'kube-proxy asks for the source ranges at the load balancer IP, by design. Whoever reaches a node can use the node port, and whoever reaches the external IP that, from everywhere.',
  issues: [
    'kubernetes/kubernetes#33586',
    'kubernetes/kubernetes#119656',
    'kubernetes/kubernetes#88698',
    'kubernetes/kubernetes#62638',
    'cilium/cilium#17440',
  ],
  fix: 'Set allocateLoadBalancerNodePorts: false in the Service if the load balancer needs no node port, or keep clients off the nodes with a firewall or a NetworkPolicy.',
  check: ({ dumps, ipvs }) => [...dumps.flatMap(({ services }) => inServices(services)), ...ipvs.flatMap(inIpvs)],
};

/** Of what has the same real servers as the load balancer IP. */
function inIpvs({ servicePorts, setPlace, sets, ipvs }: IpvsView): readonly Found[] {
  if (sets === undefined || ipvs === undefined) return [];
  return servicePorts.flatMap(({ frontends, sourceRanges }): readonly Found[] => {
    const guarded = frontends.find(({ kind }) => kind === 'load-balancer-ip');
    const ways = frontends.filter(({ kind }) => kind === 'node-port' || kind === 'external-ip');
    if (sourceRanges === undefined || guarded === undefined || ways.length === 0) return [];
    const texts = [...new Set(ways.map(decodedText))];
    const message = `${decodedText(guarded)} is for ${listed(sourceRanges.cidrs)} only, and ${listed(texts)} for all`;
    return [{ message, place: setPlace }];
  });
}

function inServices(services: ServiceIndex): readonly Found[] {
  const { nat } = services;
  if (nat === undefined) return [];
  const open = groupedBy(
    services.frontends.filter(({ kind }) => kind === 'node-port' || kind === 'external-ip'),
    ({ chain }) => portSuffix(chain),
  );
  return guardedAddresses(services).flatMap(({ chain, ranges, frontends }): readonly Found[] => {
    const ways = open.get(portSuffix(chain)) ?? [];
    const [first] = ways;
    const [guarded] = frontends;
    if (first === undefined || guarded === undefined) return [];
    const texts = [...new Set(ways.map(frontendText))];
    return [
      {
        message: `${services.label(chain)}: ${frontendText(guarded)} is for ${listed([...new Set(ranges)])} only, and ${listed(texts)} for all`,
        place: nat.place(first.from, first.rule),
        service: services.serviceOf(chain),
        related: [nat.place(guarded.from, guarded.rule), nat.place(chain)],
      },
    ];
  });
}
