import type { DecodedFrontend } from '../decode/decoded-rules.ts';
import type { IpvsDraft } from '../decode/ipvs/ipvs-drafts.ts';

const KINDS: { readonly [K in DecodedFrontend['kind']]: string } = {
  'cluster-ip': 'cluster IP',
  'external-ip': 'external IP',
  'load-balancer-ip': 'load balancer IP',
  external: 'external IP',
  'node-port': 'node port',
  'virtual-server': 'virtual server',
};

/** `cluster IP tcp 10.96.0.1:443`, `node port 30080/tcp` */
export function draftText({
  kind,
  keys,
  port,
  protocol,
}: Pick<IpvsDraft, 'kind' | 'keys' | 'port' | 'protocol'>): string {
  if (kind === 'node-port') return `node port ${port ?? ''}/${protocol ?? ''}`;
  return `${KINDS[kind]} ${keys[0] ?? ''}`;
}

/** `load balancer IP 198.51.100.7:80` */
export function decodedText({ kind, address, port }: Pick<DecodedFrontend, 'kind' | 'address' | 'port'>): string {
  if (address === undefined) return `${KINDS[kind]} ${port ?? ''}`;
  return `${KINDS[kind]} ${address.includes(':') ? `[${address}]` : address}:${port ?? ''}`;
}
