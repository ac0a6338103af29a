import { serviceCommentOf } from '../../kube/service-comment.ts';
import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { firstOf, listed } from '../places.ts';
import { refusedServices } from '../refused-services.ts';
import { jumpOf } from '../rule-facts.ts';

export const noLocalEndpoints: LintRule = {
  code: 'no-local-endpoints',
  severity: 'info',
  title: 'a Service with traffic policy Local has no endpoint on this node',
  needs: 'rules',
  holds: 'A Service with externalTrafficPolicy or internalTrafficPolicy Local has an endpoint on the node.',
  why: 'Packets that come to this node are dropped, so that a load balancer tries another node. It is as it must be where no Pod of the Service runs here. If one does, kube-proxy knows this node by another name than the endpoints do (nodeName against --hostname-override); with a snapshot, node-name-mismatch tells.',
  issues: ['kubernetes/kubernetes#48437', 'weaveworks/weave#3568', 'charmed-kubernetes/bundle#489'],
  fix: 'Nothing, if the load balancer checks healthCheckNodePort; else run a Pod on each node, or use the policy Cluster.',
  check: ({ dumps }) => dumps.flatMap((dump) => [...inFilter(dump), ...inNat(dump)]),
};

function inFilter({ services }: DumpView): readonly Found[] {
  const dropped = refusedServices(
    services,
    ({ reason, verdict }) => verdict === 'drop' && reason === 'no-local-endpoints',
  );
  return dropped.map(({ name, first, more, texts }) => ({
    message: `${name ?? 'a Service'} has no local endpoints: ${listed(texts)} dropped`,
    place: first.table.place(first.chain, first.rule),
    service: name,
    related: firstOf(more).map(({ table, chain, rule }) => table.place(chain, rule)),
  }));
}

/** Until 1.23 KUBE-XLB said so. */
function inNat({ services }: DumpView): readonly Found[] {
  const { nat } = services;
  if (nat === undefined) return [];
  return [...nat.chains.values()].flatMap(({ name, rules }) =>
    !name.startsWith('KUBE-XLB-')
      ? []
      : rules
          .filter(
            ({ rule }) => jumpOf(rule) === 'KUBE-MARK-DROP' && serviceCommentOf(rule)?.topic === 'no-local-endpoints',
          )
          .map((rule) => ({
            message: `${services.label(name)} has no local endpoints: packets from outside are dropped`,
            place: nat.place(name, rule),
            service: services.serviceOf(name),
          })),
  );
}
