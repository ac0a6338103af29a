import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import { parseIp } from '../../model/ip.ts';
import type {
  ApiIpFamily,
  Endpoints,
  EndpointsAddress,
  EndpointSlice,
  EndpointsSubset,
  SliceEndpoint,
} from '../../model/kubernetes.ts';
import { objectKey, subjectOf } from '../../model/snapshot.ts';
import { apiFamily } from './service-cluster.ts';
import { madeSlice } from './slice-index.ts';

const SKIP_MIRROR_LABEL = 'endpointslice.kubernetes.io/skip-mirror';

export interface Mirrored {
  readonly slices: readonly EndpointSlice[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The slices that the EndpointSliceMirroring controller makes of an Endpoints object (KEP-0752), one per subset and family. It also
 * mirrors Endpoints of Services with a selector, which a cluster would not, because without slices nothing else tells their
 * endpoints. `mirrors` false: the user takes objects as kube-proxy sees them, and it never sees Endpoints.
 */
export function mirrorEndpoints(endpoints: Endpoints, sliced: ReadonlySet<string>, mirrors: boolean): Mirrored {
  const subject = subjectOf(endpoints);
  const reason = mirrors ? reasonNotToMirror(endpoints, sliced) : '--no-defaults leaves only EndpointSlices';
  if (reason !== undefined) {
    return {
      slices: [],
      diagnostics: [diagnose('endpoints-not-mirrored', { message: `not read: ${reason}`, subject })],
    };
  }
  const slices = endpoints.subsets.flatMap((subset, i) => mirrorSubset(endpoints, subset, i));
  if (slices.length === 0) return { slices, diagnostics: [] };
  const count = slices.reduce((n, slice) => n + slice.endpoints.length, 0);
  const message = `read as EndpointSlice${slices.length === 1 ? '' : 's'} with ${count} endpoint${count === 1 ? '' : 's'}`;
  return { slices, diagnostics: [diagnose('endpoints-mirrored', { message, subject })] };
}

function reasonNotToMirror(endpoints: Endpoints, sliced: ReadonlySet<string>): string | undefined {
  if (sliced.has(objectKey(endpoints))) return 'the input has EndpointSlices for the Service';
  if (endpoints.metadata.labels.get(SKIP_MIRROR_LABEL) === 'true') return `the label ${SKIP_MIRROR_LABEL} is "true"`;
  return undefined;
}

function mirrorSubset(endpoints: Endpoints, subset: EndpointsSubset, place: number): readonly EndpointSlice[] {
  const all = [
    ...subset.addresses.map((a) => mirrorAddress(a, true)),
    ...subset.notReadyAddresses.map((a) => mirrorAddress(a, false)),
  ];
  // A port's name is never left out of a mirrored slice: kube-proxy ignores ports whose name is null, but not those named "".
  const ports = subset.ports.map((p) => ({ name: p.name ?? '', port: p.port, protocol: p.protocol ?? 'TCP' }));
  const families: readonly ApiIpFamily[] = ['IPv4', 'IPv6'];
  return families.flatMap((family) => {
    const ofFamily = all.filter((a) => a.family === family).map((a) => a.endpoint);
    if (ofFamily.length === 0) return [];
    const name = `${endpoints.metadata.name}-mirrored-${family.toLowerCase()}-${place + 1}`;
    return [madeSlice(endpoints.metadata, name, { addressType: family, ports, endpoints: ofFamily })];
  });
}

function mirrorAddress(
  address: EndpointsAddress,
  ready: boolean,
): { readonly family: ApiIpFamily; readonly endpoint: SliceEndpoint } {
  const ip = parseIp(address.ip);
  // What is no address stays in, so that it is reported with the other endpoints that cannot be used.
  const family = ip === undefined ? (address.ip.includes(':') ? 'IPv6' : 'IPv4') : apiFamily(ip.family);
  const endpoint: SliceEndpoint = {
    addresses: [address.ip],
    ready,
    serving: undefined,
    terminating: undefined,
    nodeName: address.nodeName,
    zone: undefined,
    zoneHints: [],
    nodeHints: [],
  };
  return { family, endpoint };
}
