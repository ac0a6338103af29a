import type { Diagnostic } from '../../core/diag/diagnostic.ts';
import type { SourceLocation } from '../../core/diag/source-location.ts';
import { decodeProxyConfig } from '../../core/model/config/decode-proxy-config.ts';
import { decodeSnapshot } from '../../core/model/decode/decode-snapshot.ts';
import { parseIp, type Ip } from '../../core/model/ip.ts';
import type { Pod, Service } from '../../core/model/kubernetes.ts';
import type { Snapshot } from '../../core/model/snapshot.ts';
import { prepareSnapshot } from '../../core/services/api-server/prepare-snapshot.ts';
import { nodeFacts } from '../../core/services/node-facts.ts';
import { fieldOf } from '../../core/util/mapping.ts';
import { readSources } from '../../host/sources/read-sources.ts';
import type { SourceIo } from '../../host/sources/source-io.ts';

/** What a snapshot knows that a dump does not. */
export interface SnapshotFacts {
  readonly services: readonly Service[];
  readonly pods: readonly Pod[];
  /** `namespace/name` of Pods that endpoints name, by address. */
  readonly podNames: ReadonlyMap<string, string>;
  /** The node's addresses, without loopback; none if it is not known which node it is. */
  readonly localIps: readonly Ip[];
  readonly nodeName: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads manifests, or what `chainsmith snapshot` wrote. */
export async function readSnapshotFacts(
  paths: readonly string[],
  node: string | undefined,
  localIps: readonly Ip[],
  io: SourceIo,
): Promise<SnapshotFacts> {
  const read = await readSources(paths, io);
  const facts = factsIn(read, node, localIps);
  return { ...facts, diagnostics: [...read.diagnostics, ...facts.diagnostics] };
}

/** The same of documents that are read. */
export function factsIn(
  read: { readonly documents: readonly unknown[]; readonly locations: readonly SourceLocation[] },
  node: string | undefined,
  localIps: readonly Ip[],
): SnapshotFacts {
  const { snapshot: decoded, diagnostics: found } = decodeSnapshot(read.documents, read.locations);
  const options = { applyDefaults: true, serviceCidrs: [], nodePortRange: { from: 30_000, to: 32_767 } };
  const { snapshot } = prepareSnapshot(decoded, options);
  const aboutNode: Diagnostic[] = [];
  const { config } = decodeProxyConfig(undefined, undefined);
  const facts = nodeFacts(snapshot, config, { name: node, ips: [], localIps, zone: undefined }, aboutNode);
  return {
    services: snapshot.services,
    pods: snapshot.pods,
    podNames: podNames(snapshot, read.documents),
    localIps: (facts?.localIps ?? localIps).filter((ip) => ip.text !== '127.0.0.1' && ip.text !== '::1'),
    nodeName: facts?.name,
    diagnostics: [...found, ...aboutNode.filter(({ code }) => code !== 'node-unknown')],
  };
}

/** `namespace/name` of Pods, by address: those that are there, and those that endpoints name. */
export function podNames({ pods }: Snapshot, documents: readonly unknown[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { address, name } of documents.flatMap(slicesIn).flatMap(endpointNames)) names.set(address, name);
  for (const { podIPs, metadata } of pods) {
    for (const text of podIPs) names.set(parseIp(text)?.text ?? text, `${metadata.namespace}/${metadata.name}`);
  }
  return names;
}

/** Slices as they were read: the model does not keep `targetRef`. */
function slicesIn(document: unknown): readonly unknown[] {
  const items = fieldOf(document, 'items');
  const all: readonly unknown[] = Array.isArray(items) ? items : [document];
  return all.filter((item) => fieldOf(item, 'kind') === 'EndpointSlice');
}

function endpointNames(slice: unknown): readonly { readonly address: string; readonly name: string }[] {
  const endpoints = fieldOf(slice, 'endpoints');
  if (!Array.isArray(endpoints)) return [];
  return endpoints.flatMap((endpoint: unknown) => {
    const target = fieldOf(endpoint, 'targetRef');
    const name = fieldOf(target, 'name');
    const namespace = fieldOf(target, 'namespace') ?? fieldOf(fieldOf(slice, 'metadata'), 'namespace') ?? 'default';
    const addresses = fieldOf(endpoint, 'addresses');
    if (fieldOf(target, 'kind') !== 'Pod' || typeof name !== 'string' || typeof namespace !== 'string') return [];
    const texts: readonly unknown[] = Array.isArray(addresses) ? addresses : [];
    return texts.flatMap((text) => {
      const ip = typeof text === 'string' ? parseIp(text) : undefined;
      return ip === undefined ? [] : [{ address: ip.text, name: `${namespace}/${name}` }];
    });
  });
}
