import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { destinationAddress, destinationPort, protocolOf } from '../rule-facts.ts';
import { frontendKey, frontendText } from '../frontend.ts';
import { guardedAddresses } from '../source-ranges.ts';

export const sourceRangesNotEnforced: LintRule = {
  code: 'source-ranges-not-enforced',
  severity: 'error',
  title: 'nothing drops what the source ranges keep out',
  needs: 'rules',
  holds: 'For each load balancer IP with source ranges KUBE-PROXY-FIREWALL has a DROP.',
  why: 'KUBE-FW in nat only leaves packets from other sources untranslated; they are dropped in filter. Without that rule they go on to the load balancer IP itself: where a node has that address, whatever listens there answers.',
  issues: ['kubernetes/kubernetes#109575'],
  fix: 'Make kube-proxy write all rules again: restart it.',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

function inDump(dump: DumpView): readonly Found[] {
  const { services } = dump;
  const { nat } = services;
  const filter = dump.table('filter');
  if (nat === undefined || filter?.isWhole !== true) return [];
  const dropped = new Set<string>();
  for (const { rule } of filter.rules('KUBE-PROXY-FIREWALL')) {
    const [address, port, protocol] = [destinationAddress(rule), destinationPort(rule), protocolOf(rule)];
    if (rule.target.kind !== 'drop' || port === undefined || protocol === undefined) continue;
    dropped.add(frontendKey({ address, port, protocol }));
  }
  return guardedAddresses(services)
    .filter(({ marksForDropping }) => !marksForDropping)
    .flatMap(({ chain, frontends }) =>
      frontends
        .filter((frontend) => !dropped.has(frontendKey(frontend)))
        .map((frontend) => ({
          message: `${services.label(chain)}: KUBE-PROXY-FIREWALL does not drop what ${chain} keeps out of ${frontendText(frontend)}`,
          place: nat.place(frontend.from, frontend.rule),
          service: services.serviceOf(chain),
          related: filter.has('KUBE-PROXY-FIREWALL') ? [filter.place('KUBE-PROXY-FIREWALL')] : [],
        })),
    );
}
