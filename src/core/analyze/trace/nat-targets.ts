import { ipFromNumber, ipToNumber, parseIp, type IpFamily } from '../../model/ip.ts';
import type { RulesetRule } from '../../ruleset/ruleset.ts';
import type { NatRange, NumberRange } from '../../ruleset/rule-values.ts';
import type { MasqueradeTarget, NatTarget, OpaqueTarget } from '../../ruleset/target.ts';
import { parseNetwork } from '../../ruleset/ip-network.ts';
import { addressFromNumber, type Address, type KnownAddress } from './address.ts';
import type { Scene } from './answer.ts';
import type { Translation } from './course.ts';

/** So many choices are told one by one. */
const MOST_CHOICES = 64;

/** Everything that a target of NAT may make of a packet; undefined if that is too much to follow. The kernel chooses by a hash. */
export function translations(
  target: NatTarget | MasqueradeTarget,
  scene: Scene,
  rule: RulesetRule,
): readonly Translation[] | undefined {
  if ('to' in target) {
    const { kind } = target;
    const addresses = addressChoices(target.to, side(target, scene));
    const ports = portChoices(target, scene);
    if (addresses === undefined || ports === undefined || addresses.length * ports.length > MOST_CHOICES)
      return undefined;
    return addresses.flatMap((address) => ports.map((port): Translation => ({ kind, address, port, rule })));
  }
  const { kind } = target;
  const { family } = scene.course.header;
  if (target.kind === 'masquerade')
    return [{ kind, address: interfaceAddress(scene, scene.outInterface), port: undefined, rule }];
  // nf_nat_redirect.c: what the node sends goes to loopback, the rest to the address of the interface.
  const address = scene.hook === 'OUTPUT' ? loopback(family) : interfaceAddress(scene, scene.inInterface);
  const ports = rangeChoices(target.ports, scene.course.header.destinationPort);
  return ports?.map((port): Translation => ({ kind, address, port, rule }));
}

/**
 * `-j NETMAP --to NETWORK` as the translation that it is for one packet: the bits of the mask are the network's, the others stay
 * (netmap_tg4, netmap_tg6 in xt_NETMAP.c). Undefined for other targets, and where it cannot be read or the address is not known.
 */
export function netmap({ name, words }: OpaqueTarget, { hook, course: { header } }: Scene): NatTarget | undefined {
  if (name !== 'NETMAP' || words.length !== 2 || words[0] !== '--to') return undefined;
  const network = parseNetwork(words[1] ?? '');
  const isDestination = hook === 'PREROUTING' || hook === 'OUTPUT';
  const address = isDestination ? header.destination : header.source;
  if (network === undefined || address === 'own' || network.family !== header.family) return undefined;
  const { text } = addressFromNumber(header.family, network.base | (address.value & ~network.mask));
  return {
    kind: isDestination ? 'dnat' : 'snat',
    to: { addresses: { family: header.family, first: text, last: text }, ports: undefined, basePort: undefined },
    random: false,
    randomFully: false,
    persistent: false,
  };
}

function side(target: NatTarget, { course: { header } }: Scene): Address {
  return target.kind === 'dnat' ? header.destination : header.source;
}

function addressChoices({ addresses }: NatRange, stays: Address): readonly Address[] | undefined {
  if (addresses === undefined) return [stays];
  const [first, last] = [parseIp(addresses.first), parseIp(addresses.last)];
  if (first === undefined || last === undefined) return undefined;
  const [from, to] = [ipToNumber(first), ipToNumber(last)];
  if (to < from || to - from >= BigInt(MOST_CHOICES)) return undefined;
  return Array.from({ length: Number(to - from) + 1 }, (_, i) => addressFromNumber(first.family, from + BigInt(i)));
}

/**
 * The ports after a translation. A source keeps its own unless another connection has it, which is not known; where it does not, it is any
 * out of thousands, and no later rule is likely to ask: then it is told as unknown (undefined).
 */
function portChoices(target: NatTarget, { course: { header } }: Scene): readonly (number | undefined)[] | undefined {
  const { ports, basePort } = target.to;
  if (target.kind === 'snat') {
    const { sourcePort } = header;
    const keeps =
      ports === undefined || (sourcePort !== undefined && sourcePort >= ports.first && sourcePort <= ports.last);
    return [
      keeps && !target.random && !target.randomFully
        ? sourcePort
        : ports?.first === ports?.last
          ? ports?.first
          : undefined,
    ];
  }
  if (ports === undefined || basePort === undefined) return rangeChoices(ports, header.destinationPort);
  // nf_nat_core.c, NF_NAT_RANGE_PROTO_OFFSET; the difference has 16 bits.
  const offset = ((header.destinationPort ?? 0) - basePort) & 0xffff;
  return [ports.first + (offset % (ports.last - ports.first + 1))];
}

/** A port that is in the range already stays. */
function rangeChoices(
  ports: NumberRange | undefined,
  port: number | undefined,
): readonly (number | undefined)[] | undefined {
  if (ports === undefined || port === undefined || (port >= ports.first && port <= ports.last)) return [port];
  const count = ports.last - ports.first + 1;
  return count > MOST_CHOICES ? undefined : Array.from({ length: count }, (_, i) => ports.first + i);
}

/** Which of its addresses a node takes is the routing table's business, unless it has but one. */
function interfaceAddress({ assumptions, course }: Scene, name: string | undefined): Address {
  const { family } = course.header;
  const known = assumptions.interfaceAddress?.(name, family);
  if (known !== undefined) return known;
  const own = (assumptions.localAddresses ?? []).filter((address) => address.family === family);
  return own.length === 1 ? (own[0] ?? 'own') : 'own';
}

function loopback(family: IpFamily): KnownAddress {
  const value = family === 'ipv4' ? 0x7f000001n : 1n;
  return { family, value, text: ipFromNumber(family, value).text };
}
