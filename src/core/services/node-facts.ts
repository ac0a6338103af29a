import { diagnose, type Diagnostic } from '../diag/diagnostic.ts';
import { parseCidr, parseIp, type Cidr, type Ip, type IpFamily } from '../model/ip.ts';
import type { Node } from '../model/kubernetes.ts';
import type { ProxyConfig } from '../model/proxy-config.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { ZONE_LABEL } from './labels.ts';

/** What the user says of the node; each overrides what the Node object says. */
export interface NodeOptions {
  readonly name: string | undefined;
  readonly ips: readonly Ip[];
  /** Further addresses on the node's interfaces. */
  readonly localIps: readonly Ip[];
  readonly zone: string | undefined;
}

/** The node the rules are for. */
export interface NodeFacts {
  readonly name: string | undefined;
  readonly zone: string | undefined;
  /** The node's own IP, at most one per family. */
  readonly ips: readonly Ip[];
  /** Every known address on the node's interfaces, loopback included. */
  readonly localIps: readonly Ip[];
  readonly podCidrs: readonly Cidr[];
}

const LOOPBACK: readonly Ip[] = [
  { family: 'ipv4', text: '127.0.0.1' },
  { family: 'ipv6', text: '::1' },
];

/** Undefined if the input has several Nodes and none is chosen: then no rules can be right. */
export function nodeFacts(
  snapshot: Snapshot,
  config: ProxyConfig,
  options: NodeOptions,
  diagnostics: Diagnostic[],
): NodeFacts | undefined {
  const chosen = options.name ?? config.hostnameOverride;
  const node = chooseNode(snapshot.nodes, chosen, diagnostics);
  if (node === 'ambiguous') return undefined;
  const addresses = (node?.addresses ?? []).flatMap(({ type, address }) => {
    const ip = parseIp(address);
    return ip === undefined ? [] : [{ type, ip }];
  });
  const internal = addresses.filter((a) => a.type === 'InternalIP').map((a) => a.ip);
  const external = addresses.filter((a) => a.type === 'ExternalIP').map((a) => a.ip);
  const bind = config.bindAddress === undefined ? [] : [config.bindAddress];
  // The first of each family counts; kube-proxy prefers internal addresses (GetNodeHostIPs), and a bindAddress to both.
  const candidates = [...options.ips, ...bind, ...internal, ...external];
  const ips = (['ipv4', 'ipv6'] as const satisfies readonly IpFamily[]).flatMap(
    (family) => candidates.find((ip) => ip.family === family) ?? [],
  );
  const zone = options.zone ?? node?.metadata.labels.get(ZONE_LABEL);
  return {
    name: chosen ?? node?.metadata.name,
    zone: zone === '' ? undefined : zone,
    ips,
    localIps: uniqueIps([...LOOPBACK, ...ips, ...options.ips, ...internal, ...options.localIps]),
    podCidrs: (node?.podCIDRs ?? []).flatMap((text) => parseCidr(text) ?? []),
  };
}

function chooseNode(
  nodes: readonly Node[],
  chosen: string | undefined,
  diagnostics: Diagnostic[],
): Node | undefined | 'ambiguous' {
  const names = nodes.map((n) => n.metadata.name);
  if (chosen !== undefined) {
    const node = nodes.find((n) => n.metadata.name === chosen);
    if (node === undefined && nodes.length > 0) {
      const message = `no Node in the input is named ${JSON.stringify(chosen)}; there are ${listed(names)}`;
      diagnostics.push(diagnose('node-not-found', { message }));
    }
    return node;
  }
  if (nodes.length > 1) {
    const message = `the input has ${nodes.length} Nodes: ${listed(names)}`;
    diagnostics.push(diagnose('node-ambiguous', { message, hint: `choose one: --node ${names[0] ?? ''}` }));
    return 'ambiguous';
  }
  if (nodes.length === 0) {
    diagnostics.push(
      diagnose('node-unknown', {
        message: 'no node is named, so no endpoint counts as local',
        hint: 'give --node NAME',
      }),
    );
  }
  return nodes[0];
}

const LISTED = 5;

function listed(names: readonly string[]): string {
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : '';
  return `${names.slice(0, LISTED).join(', ')}${more}`;
}

function uniqueIps(ips: readonly Ip[]): readonly Ip[] {
  return [...new Map(ips.map((ip) => [ip.text, ip])).values()];
}
