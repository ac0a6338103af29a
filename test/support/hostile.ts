/** Input that no well-meaning person writes. */
import * as fc from 'fast-check';
import { isArray, isObject, type Json, type JsonObject } from './json.ts';

const KEYS = [
  'apiVersion kind metadata name namespace labels items spec status type clusterIP clusterIPs ipFamilies ipFamilyPolicy ports',
  'port targetPort nodePort protocol selector externalIPs loadBalancer ingress ip ipMode hostname loadBalancerSourceRanges',
  'sessionAffinity sessionAffinityConfig clientIP timeoutSeconds externalTrafficPolicy internalTrafficPolicy endpoints addresses',
  'addressType conditions ready serving terminating hints forZones forNodes nodeName zone subsets notReadyAddresses containers',
  'podIPs podIP podCIDR podCIDRs healthCheckNodePort mode iptables detectLocalMode bridgeInterface __proto__ constructor toString',
].flatMap((line) => line.split(' '));

/** Text that would do harm if it reached a rule unchecked. */
const TEXTS = [
  '',
  'None',
  'Service',
  'List',
  'ServiceList',
  'EndpointSlice',
  'Endpoints',
  'Node',
  'Pod',
  'v1',
  'discovery.k8s.io/v1',
  'IPv4',
  'IPv6',
  'Local',
  'LoadBalancer',
  'a" -j ACCEPT\n-A INPUT -j ACCEPT\n#',
  '-j',
  '--jump',
  '$(reboot)',
  'x\u0000y',
  '\u2028',
  '\ud800',
  '10.0.0.1\n-A INPUT -j DROP',
  '010.0.0.001',
  '::ffff:1.2.3.4',
  '1.2.3.4/33',
  '99999999999999999999',
  '{{ .Values.name }}',
  'A'.repeat(300),
] as const;

const scalar: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, 0, -1, 1.5, 80, 65_535, 65_536, 2 ** 53, 1e308),
  fc.constantFrom<Json>(...TEXTS),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

/** Any JSON, with Kubernetes' own keys and words where they hurt most. */
export const hostileJson: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 6 }),
  ),
})).value;

export interface Mutation {
  /** Which member to descend into, level by level; taken modulo the number of members. */
  readonly path: readonly number[];
  /** Undefined: the member goes away. */
  readonly value: Json | undefined;
}

export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({
    path: fc.array(fc.nat(30), { minLength: 1, maxLength: 7 }),
    value: fc.option(hostileJson, { nil: undefined }),
  }),
  { minLength: 1, maxLength: 8 },
);

/** The value with some of its parts removed or replaced. */
export function mutated(value: Json, changes: readonly Mutation[]): Json {
  return changes.reduce((current, { path, value: by }) => replaceAt(current, path, by) ?? null, value);
}

function replaceAt(value: Json, path: readonly number[], by: Json | undefined): Json | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return by;
  if (isArray(value) && value.length > 0) {
    const i = first % value.length;
    return value.flatMap((item, j) => {
      const changed = i === j ? replaceAt(item, rest, by) : item;
      return changed === undefined ? [] : [changed];
    });
  }
  if (!isObject(value)) return by;
  const keys = Object.keys(value);
  const key = keys[first % Math.max(1, keys.length)];
  return key === undefined ? by : withMember(value, key, replaceAt(value[key] ?? null, rest, by));
}

function withMember(object: JsonObject, key: string, member: Json | undefined): JsonObject {
  return Object.fromEntries(
    Object.entries(object).flatMap(([k, v]) => (k === key ? (member === undefined ? [] : [[k, member]]) : [[k, v]])),
  );
}
