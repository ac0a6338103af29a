import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import { groupedBy } from '../grouped.ts';
import { translationsBefore, type Translation } from '../host-ports.ts';
import type { LintRule } from '../lint-rule.ts';
import { firstOf, listed } from '../places.ts';
import { commentOf, destinationAddress, destinationPorts, protocolOf } from '../rule-facts.ts';
import { frontendText, type Frontend } from '../frontend.ts';

export const hostPortSteals: LintRule = {
  code: 'host-port-steals',
  severity: 'error',
  title: 'a port of a Service is taken before KUBE-SERVICES',
  needs: 'rules',
  holds: 'No rule that is asked before KUBE-SERVICES sends away packets for an address and port of a Service.',
  why: 'The host port of a Pod, or a port that Docker publishes, has the number of a node port (or is for every address), and its jump stands first. So the Service never sees these connections. Which jump stands first depends on what was restarted last.',
  issues: [
    'containernetworking/cni#577',
    'containernetworking/plugins#222',
    'containernetworking/plugins#269',
    'kubernetes/kubernetes#66103',
    'kubernetes/kubernetes#72522',
    'aws/amazon-vpc-cni-k8s#499',
  ],
  fix: 'Give the host port another number, outside of the node port range and of the ports of external addresses.',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

function inDump({ services }: DumpView): readonly Found[] {
  const { nat, frontends } = services;
  if (nat === undefined || frontends.length === 0) return [];
  const byPort = groupedBy(frontends, ({ port }) => port);
  const seen = new Set<Translation['rule']>();
  return ['PREROUTING', 'OUTPUT'].flatMap((hook) =>
    translationsBefore(nat, hook).flatMap((translation): readonly Found[] => {
      const victims = seen.has(translation.rule) ? [] : victimsOf(translation, byPort);
      const [first] = victims;
      if (first === undefined) return [];
      const { chain, rule } = translation;
      seen.add(rule);
      const texts = victims.map((victim) => `${frontendText(victim)} of ${services.label(victim.chain)}`);
      return [
        {
          message: `${chain} takes ${listed(texts)} before KUBE-SERVICES is asked${ownerOf(translation)}`,
          place: nat.place(chain, rule),
          service: victims.length === 1 ? services.serviceOf(first.chain) : undefined,
          related: firstOf(victims).map((victim) => nat.place(victim.from, victim.rule)),
        },
      ];
    }),
  );
}

function ownerOf({ rule }: Translation): string {
  const comment = commentOf(rule.rule);
  return comment === '' ? '' : ` (${comment})`;
}

/** A rule for all ports is somebody's transparent proxy, and means to take everything. */
function victimsOf(
  { rule: { rule }, onlyLocal }: Translation,
  byPort: ReadonlyMap<number, readonly Frontend[]>,
): readonly Frontend[] {
  const ports = destinationPorts(rule);
  const protocol = protocolOf(rule);
  if (ports === undefined || protocol === undefined) return [];
  const address = destinationAddress(rule);
  if (rule.destination !== undefined && address === undefined) return [];
  return ports
    .flatMap(({ first, last }) => (first === last ? (byPort.get(first) ?? []) : []))
    .filter((frontend) => frontend.protocol === protocol)
    .filter((frontend) =>
      frontend.address === undefined
        ? address === undefined
        : address === frontend.address || (address === undefined && !onlyLocal),
    );
}
