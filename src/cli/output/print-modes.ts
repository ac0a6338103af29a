import type { ModeDifference, ModeFate, ModeTopic } from '../../core/analyze/modes/mode-difference.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import { countOf } from '../../core/plan/summary/summary.ts';
import type { Paint } from './colors.ts';
import { plainText } from './plain-text.ts';
import { familyName } from './plan-counts.ts';
import { frontendText, packetText } from './verify-words.ts';

/** The two modes of one snapshot, for one family. */
export interface FamilyModes {
  readonly family: IpFamily;
  readonly differences: readonly ModeDifference[];
}

export interface PrintModesOptions {
  readonly verbose: boolean;
  readonly paint: Paint;
}

/** What is different, in a few words. */
const modeTopics: { readonly [T in ModeTopic]: string } = {
  'no-local-endpoints':
    'a policy Local and no endpoint on this node: iptables drops; ipvs falls back to all endpoints, if it is reachable from outside',
  'no-endpoints': 'no endpoints: ipvs refuses by itself, wherever a packet comes from, and needs no rule',
  'localhost-node-ports': 'nodePorts at loopback: ipvs has none',
  'node-port-addresses': 'nodePorts at further addresses of the node: ipvs answers only at those that it knows',
  'source-ranges': 'source ranges without endpoints: ipvs holds to them all the same',
  'invalid-packets': 'packets that conntrack finds INVALID: iptables drops them in FORWARD',
  'other-ports-of-cluster-ip': 'a port that is none of a Service: ipvs has the address on the node and refuses it',
  'other-ports-of-external-ip': 'another port of an external address: ipvs has the address on the node and refuses it',
  'local-policy-inside':
    'externalTrafficPolicy Local for Pods and the node: iptables gives them all endpoints and masquerades the node, ipvs treats them as everybody',
  'masquerade-of-node': 'nothing tells local Pods: ipvs masquerades what the node itself sends',
  'port-of-node-port': 'its port is the number of a nodePort too, and ipvs masquerades by that number',
  'hairpin-of-other-node':
    'an endpoint of another node that is given what it has sent itself: ipvs masquerades that for endpoints of this node only',
  'first-packet': 'rules that a first packet meets: in iptables the more, the more Services; in ipvs always as many',
};

const SHOWN_ENDPOINTS = 3;

export function printModes(families: readonly FamilyModes[], options: PrintModesOptions): string {
  return families.map((one) => `${familyLines(one, options).join('\n')}\n`).join('\n');
}

function familyLines({ family, differences }: FamilyModes, { paint, verbose }: PrintModesOptions): readonly string[] {
  const count = differences.length;
  const head = `${familyName(family)}: ${count === 0 ? 'the two modes do the same' : `the two modes differ in ${count} ${count === 1 ? 'way' : 'ways'}`}`;
  let before = '';
  return [
    paint.strong(head),
    ...differences.flatMap((difference) => {
      const title = titleOf(difference);
      const isNew = title !== before;
      before = title;
      return ['', ...(isNew ? [paint.strong(title)] : []), ...differenceLines(difference, { paint, verbose })];
    }),
  ];
}

function titleOf({ service, protocol }: ModeDifference): string {
  return service === undefined ? 'packets of no Service' : plainText(`${service} (${protocol ?? ''})`);
}

function differenceLines(
  { topic, frontend, packet, iptables, ipvs }: ModeDifference,
  { paint, verbose }: PrintModesOptions,
): readonly string[] {
  const field = (name: string, text: string): string => `    ${paint.faint(name.padEnd(9))} ${text}`;
  const what = `${frontend === undefined ? '' : `${frontendText(frontend)}: `}${modeTopics[topic]}`;
  return [
    `  ${what}`,
    field('packet', packetText(packet)),
    field('iptables', fateText(iptables, verbose)),
    field('ipvs', fateText(ipvs, verbose)),
  ];
}

function fateText(fate: ModeFate, verbose: boolean): string {
  switch (fate.kind) {
    case 'endpoints': {
      const shown = verbose ? fate.endpoints : fate.endpoints.slice(0, SHOWN_ENDPOINTS);
      const rest = fate.endpoints.length - shown.length;
      const itself = fate.toItself === undefined ? '' : `, but on the way to ${fate.toItself.join(', ')}`;
      const how = fate.masquerade ? 'masqueraded' : `not masqueraded${itself}`;
      return plainText(`${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}; ${how}`);
    }
    case 'reject':
      return 'REJECT (port unreachable)';
    case 'refused':
      return 'IPVS refuses it (port unreachable): a virtual server without real servers';
    case 'asked':
      return `up to ${countOf(fate.rules, 'rule')}`;
    case 'drop':
      return 'DROP';
    case 'untouched':
      return 'nothing is done with it';
  }
}

/** What `-o json` prints; docs/verify.md describes it. */
export function modesData(families: readonly FamilyModes[]): object {
  return {
    families: families.map(({ family, differences }) => ({
      family,
      differences: differences.map(({ packet, ...rest }) => ({ ...rest, text: modeTopics[rest.topic], packet })),
    })),
  };
}
