import type { FieldPath } from '../../diag/source-location.ts';
import { parseCidr, type Cidr } from '../ip.ts';
import type { DetectLocal, ProxyConfig } from '../proxy-config.ts';
import { invalidChoice, invalidValue, type ConfigProblem } from './config-problem.ts';
import type { ConfigReader } from './config-reader.ts';
import { describeValue } from '../../util/mapping.ts';

const MODES = ['ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix'] as const;

// What is printed after -i must not be able to end the argument; the kernel allows more, nobody uses it.
const INTERFACE_NAME = /^[A-Za-z0-9_.@-]+$/;
/** IFNAMSIZ is 16 with the final NUL. */
const INTERFACE_NAME_MAX = 15;

const FALLBACK: DetectLocal = { mode: 'ClusterCIDR' };

export interface Decoded<T> {
  readonly value: T;
  readonly problems: readonly ConfigProblem[];
}

const BRIDGE = ['detectLocal', 'bridgeInterface'] as const;
const PREFIX = ['detectLocal', 'interfaceNamePrefix'] as const;

/** How local Pods are told from others (KEP-2450). An empty mode is ClusterCIDR. */
export function decodeDetectLocal(read: ConfigReader): Decoded<DetectLocal> {
  const text = read.string('detectLocalMode') ?? '';
  const mode = text === '' ? 'ClusterCIDR' : MODES.find((m) => m === text);
  if (mode === undefined) {
    return { value: FALLBACK, problems: [invalidChoice(['detectLocalMode'], text, MODES)] };
  }
  const unused = [
    ...withoutEffect(read, BRIDGE, mode, 'BridgeInterface'),
    ...withoutEffect(read, PREFIX, mode, 'InterfaceNamePrefix'),
  ];
  if (mode === 'BridgeInterface') {
    const name = read.string(...BRIDGE) ?? '';
    const problems = checkInterface(BRIDGE, name, INTERFACE_NAME_MAX, mode);
    return { value: problems.length > 0 ? FALLBACK : { mode, interface: name }, problems: [...problems, ...unused] };
  }
  if (mode === 'InterfaceNamePrefix') {
    const prefix = read.string(...PREFIX) ?? '';
    // iptables marks a prefix by a "+", which takes one of the characters.
    const problems = checkInterface(PREFIX, prefix, INTERFACE_NAME_MAX - 1, mode);
    return { value: problems.length > 0 ? FALLBACK : { mode, prefix }, problems: [...problems, ...unused] };
  }
  return { value: { mode }, problems: unused };
}

/** kube-proxy ignores the field of another mode silently. */
function withoutEffect(read: ConfigReader, path: readonly string[], mode: string, needed: string): ConfigProblem[] {
  if (mode === needed || (read.string(...path) ?? '') === '') return [];
  const message = `${path.join('.')} has no effect, since detectLocalMode is ${mode}`;
  return [{ code: 'config-without-effect', path, message, hint: `give --detect-local-mode ${needed} as well` }];
}

function checkInterface(path: FieldPath, name: string, longest: number, mode: string): readonly ConfigProblem[] {
  if (name === '') return [invalidValue(path, `must be given, since detectLocalMode is ${mode}`)];
  if (name.length > longest) return [invalidValue(path, `${describeValue(name)} is longer than ${longest} characters`)];
  if (INTERFACE_NAME.test(name)) return [];
  return [invalidValue(path, `${describeValue(name)} has characters other than letters, digits and "_.@-"`)];
}

/** One CIDR, or two of different families, with a comma and no blank between them. */
export function decodeClusterCidrs(read: ConfigReader): Decoded<ProxyConfig['clusterCidrs']> {
  const text = read.string('clusterCIDR') ?? '';
  if (text === '') return { value: [], problems: [] };
  const { value, problems } = decodeCidrs(['clusterCIDR'], text.split(','));
  if (problems.length > 0) return { value: [], problems };
  const problem =
    value.length > 2
      ? `has ${value.length} CIDRs; one, or one per family, is allowed`
      : value.length === 2 && value[0]?.family === value[1]?.family
        ? `two CIDRs must be of different families, but both are ${value[0]?.family === 'ipv4' ? 'IPv4' : 'IPv6'}`
        : undefined;
  return problem === undefined
    ? { value, problems }
    : { value: [], problems: [invalidValue(['clusterCIDR'], problem)] };
}

/** Reads a list of CIDRs, and reports those that are none. */
export function decodeCidrs(path: FieldPath, texts: readonly string[]): Decoded<readonly Cidr[]> {
  const value: Cidr[] = [];
  const problems: ConfigProblem[] = [];
  for (const text of texts) {
    const cidr = parseCidr(text);
    if (cidr === undefined) problems.push(invalidValue(path, `${describeValue(text)} is no CIDR such as 10.0.0.0/8`));
    else value.push(cidr);
  }
  return { value, problems };
}
