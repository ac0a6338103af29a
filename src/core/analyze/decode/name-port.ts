import { endpointChainName, servicePortSuffix } from '../../ruleset/service-chain-names.ts';
import { parseServiceComment, serviceCommentOf, type ServiceComment } from '../kube/service-comment.ts';
import type { DecodedServicePort } from './decoded-rules.ts';
import { destinationKey, protocolName, type PortDraft } from './drafts.ts';
import type { Terrain } from './walk-chain.ts';

type NameFields = Pick<
  DecodedServicePort,
  'name' | 'namespace' | 'serviceName' | 'portName' | 'namedBy' | 'hashAgrees' | 'protocol'
>;

export interface PortName extends NameFields {
  /** As it was hashed for the names of chains; undefined where there is no name. */
  readonly hashed: string | undefined;
}

/** Services that nearly every cluster has; kubeadm, GKE, EKS and k3s name their ports so. */
const WELL_KNOWN: readonly string[] = [
  'default/kubernetes:https',
  'default/kubernetes',
  'kube-system/kube-dns:dns',
  'kube-system/kube-dns:dns-tcp',
  'kube-system/kube-dns:metrics',
  'kube-system/metrics-server:https',
  'kube-system/metrics-server',
];

const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const;

/** Names by the hash that they would have. */
export type Candidates = ReadonlyMap<string, { readonly written: string; readonly protocol: string }>;

/** @param names `namespace/name:port`; both spellings of unnamed ports are tried */
export function candidates(names: Iterable<string>): Candidates {
  const found = new Map<string, { readonly written: string; readonly protocol: string }>();
  const all = new Set([...WELL_KNOWN, ...names]);
  for (const name of all) {
    const spellings = name.includes(':') ? [name] : [name, `${name}:`];
    for (const written of spellings) {
      for (const protocol of PROTOCOLS) {
        const suffix = servicePortSuffix({ name: written, protocol });
        if (!found.has(suffix)) found.set(suffix, { written, protocol });
      }
    }
  }
  return found;
}

/** Hashes have 16 letters of base32; other names that begin with KUBE-SVC- are somebody else's. */
const HASH = /^[A-Z2-7]{16}$/;
const ENDPOINT_CHAIN = /^KUBE-SEP-[A-Z2-7]{16}$/;

export function namePort(
  port: PortDraft,
  chains: readonly string[],
  terrain: Terrain,
  known: () => Candidates,
): PortName {
  const protocol = protocolName(port.protocol);
  const suffix = port.suffix !== undefined && HASH.test(port.suffix) ? port.suffix : undefined;
  const comments =
    port.names.size > 0 ? [...port.names.values()].map(({ comment }) => comment) : inChains(chains, terrain);
  const protocols = protocol === undefined ? PROTOCOLS : [protocol];
  for (const comment of comments) {
    const of = protocols.find((p) => suffix === servicePortSuffix({ name: comment.written, protocol: p }));
    if (suffix !== undefined && of !== undefined) return named(comment, 'comment', true, of);
  }
  const [first] = comments;
  if (first !== undefined) return named(first, 'comment', suffix === undefined ? undefined : false, protocol);
  const candidate = suffix === undefined ? undefined : known().get(suffix);
  const comment = candidate === undefined ? undefined : parseServiceComment(candidate.written);
  if (candidate !== undefined && comment !== undefined) return named(comment, 'hash', true, candidate.protocol);
  return unnamed(port, protocol, chains);
}

function inChains(chains: readonly string[], { nat }: Terrain): readonly ServiceComment[] {
  for (const chain of chains) {
    for (const { at } of nat.steps(chain) ?? []) {
      const comment = serviceCommentOf(at.rule);
      if (comment !== undefined) return [comment];
    }
  }
  return [];
}

function named(
  { written, namespace, serviceName, portName }: ServiceComment,
  namedBy: 'comment' | 'hash',
  hashAgrees: boolean | undefined,
  protocol: string | undefined,
): PortName {
  const name = portName === '' ? `${namespace}/${serviceName}` : `${namespace}/${serviceName}:${portName}`;
  return { name, namespace, serviceName, portName, namedBy, hashAgrees, protocol, hashed: written };
}

function unnamed(port: PortDraft, protocol: string | undefined, chains: readonly string[]): PortName {
  const parts = { namespace: undefined, serviceName: undefined, portName: undefined, hashAgrees: undefined };
  const [first] = port.frontends.values();
  const more = { ...parts, protocol, hashed: undefined };
  if (first === undefined) {
    const [name = port.key.replace(/^chain /, '')] = chains;
    return { name, namedBy: 'chain', ...more };
  }
  const { address, port: number, isNodePort } = first.destination;
  const host = isNodePort ? 'node' : (address ?? 'any');
  const name = `${host.includes(':') ? `[${host}]` : host}:${number ?? '*'}/${protocol ?? 'any'}`;
  return { name: name === '' ? destinationKey(first.destination) : name, namedBy: 'address', ...more };
}

/** Whether the name of an endpoint's chain has the hash of name, protocol and endpoint. Undefined where one is not known. */
export function endpointHashAgrees(
  chain: string | undefined,
  text: string | undefined,
  { hashed, protocol }: PortName,
): boolean | undefined {
  if (chain === undefined || text === undefined || hashed === undefined || protocol === undefined) return undefined;
  if (!ENDPOINT_CHAIN.test(chain)) return undefined;
  return endpointChainName({ name: hashed, protocol }, text) === chain;
}
