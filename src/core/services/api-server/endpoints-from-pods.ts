/**
 * The endpoints that the EndpointSlice controller makes of Pods, for Services whose endpoints the input does not hold. Two things
 * differ from the controller: a Pod whose Node is not in the input is used all the same (offline input seldom holds all Nodes),
 * and slices are not split at 100 endpoints.
 */
import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import { parseIp } from '../../model/ip.ts';
import type { ApiIpFamily, EndpointSlice, Pod, Service, SliceEndpoint, SlicePort } from '../../model/kubernetes.ts';
import { objectKey, subjectOf } from '../../model/snapshot.ts';
import { sortedBy } from '../../util/order.ts';
import { HEADLESS_LABEL, SERVICE_PROXY_NAME_LABEL } from '../labels.ts';
import { selectedPods, type PodIndex } from './pod-index.ts';
import { podPorts } from './pod-ports.ts';
import { apiFamily, hasClusterIPs, hasSelector } from './service-cluster.ts';
import { madeSlice } from './slice-index.ts';
import { hintsFor } from './topology-hints.ts';

export interface PodEndpoints {
  readonly slices: readonly EndpointSlice[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Whether the Service's endpoints are Pods' and shape rules on this node. */
export function wantsPods(service: Service): boolean {
  const { labels } = service.metadata;
  const watched = !labels.has(SERVICE_PROXY_NAME_LABEL) && !labels.has(HEADLESS_LABEL);
  return hasSelector(service) && hasClusterIPs(service) && watched;
}

/** Call it for Services that `wantsPods` and that have neither EndpointSlices nor Endpoints. */
export function endpointsFromPods(service: Service, index: PodIndex): PodEndpoints {
  const selected = selectedPods(service, index);
  const subject = subjectOf(service);
  if (selected.length === 0) {
    const message = 'has a selector, but the input has no EndpointSlice, Endpoints or matching Pod for it';
    return { slices: [], diagnostics: [diagnose('endpoints-missing', { message, subject })] };
  }
  const live = selected.filter((pod) => pod.phase !== 'Succeeded' && pod.phase !== 'Failed');
  const resolved = live.map((pod) => ({ pod, ...podPorts(service, pod) }));
  const missing = live.flatMap((pod) => missingAddresses(pod, service));
  const groups = groupByPorts(resolved);
  const slices = service.ipFamilies.flatMap((family) =>
    groups.flatMap(({ pods, ports }, i) => {
      const endpoints = pods.flatMap((pod) => podEndpoint(pod, service, family, index));
      if (endpoints.length === 0) return [];
      const name = `${service.metadata.name}-pods-${family.toLowerCase()}-${i + 1}`;
      return [madeSlice(service.metadata, name, { addressType: family, ports, endpoints })];
    }),
  );
  const count = slices.reduce((n, slice) => n + slice.endpoints.length, 0);
  const message = `made ${count} endpoint${count === 1 ? '' : 's'} of ${selected.length} Pod${selected.length === 1 ? '' : 's'}`;
  return {
    slices,
    diagnostics: [
      diagnose('endpoints-from-pods', { message, subject }),
      ...missing,
      ...resolved.flatMap((r) => r.diagnostics),
    ],
  };
}

interface PortGroup {
  readonly ports: readonly SlicePort[];
  readonly pods: readonly Pod[];
}

/** A slice has one list of ports for all of its endpoints; a Pod without any of the ports is in no slice. */
function groupByPorts(resolved: readonly { readonly pod: Pod; readonly ports: readonly SlicePort[] }[]): PortGroup[] {
  const groups = new Map<string, { ports: readonly SlicePort[]; pods: Pod[] }>();
  for (const { pod, ports } of resolved) {
    if (ports.length === 0) continue;
    const key = ports.map((p) => `${p.name ?? ''}=${p.port ?? ''}/${p.protocol ?? ''}`).join(' ');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ports, pods: [pod] });
    else group.pods.push(pod);
  }
  return sortedBy(groups, ([key]) => key).map(([, group]) => group);
}

function addressesOf(pod: Pod, family: ApiIpFamily): readonly string[] {
  return pod.podIPs.flatMap((text) => {
    const ip = parseIp(text);
    return ip !== undefined && apiFamily(ip.family) === family ? [ip.text] : [];
  });
}

function missingAddresses(pod: Pod, service: Service): readonly Diagnostic[] {
  const families = service.ipFamilies.filter((family) => addressesOf(pod, family).length === 0);
  if (families.length === 0) return [];
  const message = `has no ${families.join(' or ')} address in status.podIPs, so it is no endpoint of Service ${objectKey(service)}`;
  return [diagnose('pod-without-address', { message, subject: subjectOf(pod) })];
}

function podEndpoint(pod: Pod, service: Service, family: ApiIpFamily, index: PodIndex): readonly SliceEndpoint[] {
  const addresses = addressesOf(pod, family);
  if (addresses.length === 0) return [];
  const { nodeName } = pod;
  const zone = nodeName === undefined ? undefined : index.zoneOf.get(nodeName);
  const ready = service.publishNotReadyAddresses || (pod.ready && !pod.terminating);
  return [
    {
      addresses,
      ready,
      serving: pod.ready,
      terminating: pod.terminating,
      nodeName,
      zone,
      ...hintsFor(service.trafficDistribution, { ready, zone, nodeName }),
    },
  ];
}
