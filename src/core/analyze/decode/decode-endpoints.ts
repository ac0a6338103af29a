import type { DecodedEndpoint } from './decoded-rules.ts';
import { protocolName, type PortDraft } from './drafts.ts';
import type { ChosenEndpoint, Choice } from './endpoint-choice.ts';
import { endpointRule, type EndpointRules } from './endpoint-chain.ts';
import { endpointHashAgrees, type PortName } from './name-port.ts';
import type { ChainWalker } from './walk-chain.ts';
import { recoverEndpoint } from './recover-endpoint.ts';
import { ascending } from './unique.ts';

export interface EndpointContext {
  readonly cluster: Choice | undefined;
  readonly local: Choice | undefined;
  readonly name: PortName;
  readonly walker: ChainWalker;
  /** Some policy Local is at work: what is not chosen there is not on this node. */
  readonly isLocalKnown: boolean;
}

/** Endpoints of both policies, each once. */
export function decodeEndpoints(draft: PortDraft, context: EndpointContext): readonly DecodedEndpoint[] {
  const { cluster, local, walker } = context;
  const rules = merged([...(cluster?.endpoints.values() ?? [])], [...(local?.endpoints.values() ?? [])]);
  if (rules.length === 0) rules.push(...directEndpoints(draft, walker));
  return rules.map((endpoint) => {
    const inCluster = cluster?.endpoints.get(endpoint.key);
    const inLocal = local?.endpoints.get(endpoint.key);
    return decodeEndpoint(endpoint, inCluster, inLocal, context);
  });
}

/** In the order of both lists, where they agree: each of the second only stands before the next that is in both. */
function merged(first: readonly ChosenEndpoint[], second: readonly ChosenEndpoint[]): EndpointRules[] {
  if (second.length === 0) return first.map(({ endpoint }) => endpoint);
  const known = new Set(first.map(({ endpoint }) => endpoint.key));
  const before = new Map<string, EndpointRules[]>();
  let waiting: EndpointRules[] = [];
  for (const { endpoint } of second) {
    if (known.has(endpoint.key)) {
      before.set(endpoint.key, waiting);
      waiting = [];
    } else waiting.push(endpoint);
  }
  return [...first.flatMap(({ endpoint }) => [...(before.get(endpoint.key) ?? []), endpoint]), ...waiting];
}

/** Of rules that send to an endpoint at once, in the chain that lists all Services. */
function directEndpoints({ frontends }: PortDraft, walker: ChainWalker): readonly EndpointRules[] {
  const found = [...frontends.values()].flatMap(({ balance }) =>
    balance.flatMap(({ step }) => {
      const { target } = step.at.rule;
      const isJump = target.kind === 'jump' || target.kind === 'goto';
      return (isJump ? walker.endpoint(target.chain) : endpointRule(step)) ?? [];
    }),
  );
  return [...new Map(found.map((endpoint) => [endpoint.key, endpoint])).values()];
}

function decodeEndpoint(
  endpoint: EndpointRules,
  inCluster: ChosenEndpoint | undefined,
  inLocal: ChosenEndpoint | undefined,
  { name, isLocalKnown }: EndpointContext,
): DecodedEndpoint {
  const { chain, hairpin, remembers } = endpoint;
  const { text, address, port, knownBy } = placeOf(endpoint, inCluster?.comment ?? inLocal?.comment, name);
  const lines = [...endpoint.lines, ...(inCluster?.lines ?? []), ...(inLocal?.lines ?? [])];
  return {
    text: text ?? '?',
    address,
    port,
    knownBy,
    chain,
    hashAgrees: knownBy === 'hash' ? true : endpointHashAgrees(chain, text, name),
    cluster: inCluster?.share,
    local: inLocal?.share,
    otherProtocol: otherProtocol(endpoint, name),
    weight: undefined,
    isLocal: isLocalKnown ? inLocal !== undefined : undefined,
    hairpin,
    remembers,
    lines: ascending(lines),
  };
}

function otherProtocol({ protocol }: EndpointRules, { protocol: own }: PortName): string | undefined {
  const text = protocolName(protocol);
  return text === undefined || own === undefined || text === own ? undefined : text;
}

type Place = Pick<DecodedEndpoint, 'address' | 'port' | 'knownBy'> & { readonly text: string | undefined };

function placeOf(endpoint: EndpointRules, comment: string | undefined, name: PortName): Place {
  const { text, address, port } = endpoint;
  if (text !== undefined) return { text, address, port, knownBy: 'dnat' };
  const [, v6, v4, number] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(comment ?? '') ?? [];
  if (number !== undefined) return { text: comment, address: v6 ?? v4, port: Number(number), knownBy: 'comment' };
  const found = recoverEndpoint(endpoint, name);
  if (found !== undefined) return { ...found, knownBy: 'hash' };
  return { text: undefined, address: endpoint.hairpinAddress, port: undefined, knownBy: undefined };
}
