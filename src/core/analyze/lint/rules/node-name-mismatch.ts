import type { ServicePortEntry } from '../../../services/service-port.ts';
import type { Found } from '../finding.ts';
import type { LintSnapshot } from '../lint-input.ts';
import type { LintRule } from '../lint-rule.ts';
import { listed } from '../places.ts';
import { slicesByService } from '../slices-by-service.ts';

export const nodeNameMismatch: LintRule = {
  code: 'node-name-mismatch',
  severity: 'error',
  title: 'the endpoints know this node by another name',
  needs: 'snapshot',
  holds: 'Endpoints on this node have its name as nodeName, letter by letter.',
  why: 'With traffic policy Local kube-proxy serves the endpoints whose nodeName is its own name: --hostname-override, or the name of the host. If that is another (a full name and a short one, or another case), none is local, and packets from outside are dropped although a Pod runs here.',
  issues: ['charmed-kubernetes/bundle#489', 'weaveworks/weave#3568', 'kubernetes/kubernetes#48437'],
  fix: 'Start kube-proxy with --hostname-override set to the name of the Node (kubectl get nodes).',
  check: ({ snapshot }) => (snapshot === undefined ? [] : inSnapshot(snapshot)),
};

function inSnapshot({ snapshot: objects, nodeName, tables }: LintSnapshot): readonly Found[] {
  if (nodeName === undefined) return [];
  const isNode = objects.nodes.length === 0 || objects.nodes.some(({ metadata }) => metadata.name === nodeName);
  const slices = slicesByService(objects);
  const told = new Set<string>();
  return tables.flatMap(({ servicePorts }) =>
    servicePorts.filter(isWithoutLocal).flatMap((entry): readonly Found[] => {
      const endpoints = (slices.get(`${entry.namespace}/${entry.serviceName}`) ?? []).flatMap(
        (slice) => slice.endpoints,
      );
      const names = [...new Set(endpoints.flatMap((endpoint) => endpoint.nodeName ?? []))].sort();
      if (names.length === 0 || names.includes(nodeName) || told.has(entry.name)) return [];
      if (isNode && !names.some((name) => isAlike(name, nodeName))) return [];
      told.add(entry.name);
      const reason = isNode ? '' : ', which is no Node of the cluster';
      return [
        {
          message: `${entry.name} has no local endpoints: their nodeName values are ${listed(names, 5)}, this node is ${nodeName}${reason}`,
          service: entry.name,
        },
      ];
    }),
  );
}

function isWithoutLocal(entry: ServicePortEntry): boolean {
  const isLocal = entry.externalPolicyLocal || entry.internalPolicyLocal;
  return isLocal && entry.hasEndpoints && entry.localEndpoints.length === 0;
}

/** The same host, by its short name or in another case. */
function isAlike(a: string, b: string): boolean {
  const [shortA = '', shortB = ''] = [a, b].map((name) => name.toLowerCase().split('.')[0]);
  return shortA === shortB;
}
