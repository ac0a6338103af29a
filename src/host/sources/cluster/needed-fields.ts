// The fields of objects that shape rules: those that core/model/decode reads, in a fixed order. All others stay behind: managedFields,
// uids, annotations (kubectl keeps whole manifests in one) and the labels that mean nothing to kube-proxy.
import { isMapping, type Mapping } from '../../../core/util/mapping.ts';
import {
  HEADLESS_LABEL,
  SERVICE_NAME_LABEL,
  SERVICE_PROXY_NAME_LABEL,
  ZONE_LABEL,
} from '../../../core/services/labels.ts';
import { compareStrings } from '../../../core/util/order.ts';
import type { Resource } from './resources.ts';

type Pick = (value: unknown) => unknown;

const all: Pick = (value) => value;

/** What is no mapping stays as it is, so that decoding can say what is wrong with it. */
function fields(picks: Readonly<Record<string, Pick>>): Pick {
  return (value) => {
    if (!isMapping(value)) return value;
    const kept: Record<string, unknown> = {};
    for (const [name, pick] of Object.entries(picks)) {
      // Absent and null mean the same to the API.
      const field = Object.hasOwn(value, name) ? (value[name] ?? undefined) : undefined;
      const picked = field === undefined ? undefined : pick(field);
      if (picked !== undefined) kept[name] = picked;
    }
    return kept;
  };
}

const each =
  (pick: Pick): Pick =>
  (value) =>
    Array.isArray(value) ? value.map((item) => pick(item)) : value;

/** Keys in order: servers need not print them in any. */
const sorted: Pick = (value) =>
  isMapping(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => compareStrings(a, b))) : value;

const knownLabels = fields({
  [SERVICE_NAME_LABEL]: all,
  [HEADLESS_LABEL]: all,
  [SERVICE_PROXY_NAME_LABEL]: all,
  [ZONE_LABEL]: all,
});

/** Undefined if none of them is there. */
const labels: Pick = (value) => {
  const kept = knownLabels(value);
  return isMapping(kept) && Object.keys(kept).length === 0 ? undefined : kept;
};

const metadata = fields({ name: all, namespace: all, labels });

const service = fields({
  metadata,
  spec: fields({
    type: all,
    clusterIP: all,
    clusterIPs: all,
    ipFamilies: all,
    ipFamilyPolicy: all,
    ports: each(fields({ name: all, protocol: all, port: all, targetPort: all, nodePort: all })),
    selector: sorted,
    externalIPs: all,
    loadBalancerSourceRanges: all,
    allocateLoadBalancerNodePorts: all,
    sessionAffinity: all,
    sessionAffinityConfig: fields({ clientIP: fields({ timeoutSeconds: all }) }),
    externalTrafficPolicy: all,
    internalTrafficPolicy: all,
    trafficDistribution: all,
    healthCheckNodePort: all,
    publishNotReadyAddresses: all,
  }),
  status: fields({ loadBalancer: fields({ ingress: each(fields({ ip: all, hostname: all, ipMode: all })) }) }),
});

const hint = each(fields({ name: all }));

const endpointSlice = fields({
  metadata,
  addressType: all,
  ports: each(fields({ name: all, port: all, protocol: all })),
  endpoints: each(
    fields({
      addresses: all,
      conditions: fields({ ready: all, serving: all, terminating: all }),
      nodeName: all,
      zone: all,
      hints: fields({ forZones: hint, forNodes: hint }),
    }),
  ),
});

const node = fields({
  metadata,
  spec: fields({ podCIDR: all, podCIDRs: all }),
  status: fields({ addresses: each(fields({ type: all, address: all })) }),
});

const PICKS: { readonly [K in Resource['kind']]: Pick } = {
  Service: service,
  EndpointSlice: endpointSlice,
  Node: node,
};

/** An item of a list, with the kind that items of lists do not have, and only what shapes rules. */
export function neededFields({ kind, apiVersion }: Resource, item: unknown): Mapping {
  const picked = PICKS[kind](item);
  return { apiVersion, kind, ...(isMapping(picked) ? picked : {}) };
}
