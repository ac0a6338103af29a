import type { Diagnostic } from '../../diag/diagnostic.ts';
import { parseCidr, type Cidr } from '../ip.ts';
import type { DetectLocal, ProxyConfig } from '../proxy-config.ts';
import { invalidChoice, invalidValue } from './check-fields.ts';
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
  readonly diagnostics: readonly Diagnostic[];
}

/** How local Pods are told from others (KEP-2450). An empty mode is ClusterCIDR. */
export function decodeDetectLocal(read: ConfigReader): Decoded<DetectLocal> {
  const text = read.string('detectLocalMode') ?? '';
  const mode = text === '' ? 'ClusterCIDR' : MODES.find((m) => m === text);
  if (mode === 'BridgeInterface') {
    const name = read.string('detectLocal', 'bridgeInterface') ?? '';
    const diagnostics = checkInterface('detectLocal.bridgeInterface', name, INTERFACE_NAME_MAX, mode);
    return { value: diagnostics.length > 0 ? FALLBACK : { mode, interface: name }, diagnostics };
  }
  if (mode === 'InterfaceNamePrefix') {
    const prefix = read.string('detectLocal', 'interfaceNamePrefix') ?? '';
    // iptables marks a prefix by a "+", which takes one of the characters.
    const diagnostics = checkInterface('detectLocal.interfaceNamePrefix', prefix, INTERFACE_NAME_MAX - 1, mode);
    return { value: diagnostics.length > 0 ? FALLBACK : { mode, prefix }, diagnostics };
  }
  return mode === undefined
    ? { value: FALLBACK, diagnostics: [invalidChoice('detectLocalMode', text, MODES)] }
    : { value: { mode }, diagnostics: [] };
}

function checkInterface(path: string, name: string, longest: number, mode: string): readonly Diagnostic[] {
  if (name === '') return [invalidValue(path, `must be given, since detectLocalMode is ${mode}`)];
  if (name.length > longest) return [invalidValue(path, `${describeValue(name)} is longer than ${longest} characters`)];
  if (INTERFACE_NAME.test(name)) return [];
  return [invalidValue(path, `${describeValue(name)} has characters other than letters, digits and "_.@-"`)];
}

/** One CIDR, or two of different families, with a comma and no blank between them. */
export function decodeClusterCidrs(read: ConfigReader): Decoded<ProxyConfig['clusterCidrs']> {
  const text = read.string('clusterCIDR') ?? '';
  if (text === '') return { value: [], diagnostics: [] };
  const { value, diagnostics } = decodeCidrs('clusterCIDR', text.split(','));
  if (diagnostics.length > 0) return { value: [], diagnostics };
  const problem =
    value.length > 2
      ? `has ${value.length} CIDRs; one, or one per family, is allowed`
      : value.length === 2 && value[0]?.family === value[1]?.family
        ? `two CIDRs must be of different families, but both are ${value[0]?.family === 'ipv4' ? 'IPv4' : 'IPv6'}`
        : undefined;
  return problem === undefined
    ? { value, diagnostics }
    : { value: [], diagnostics: [invalidValue('clusterCIDR', problem)] };
}

/** Reads a list of CIDRs, and reports those that are none. */
export function decodeCidrs(path: string, texts: readonly string[]): Decoded<readonly Cidr[]> {
  const value: Cidr[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const text of texts) {
    const cidr = parseCidr(text);
    if (cidr === undefined)
      diagnostics.push(invalidValue(path, `${describeValue(text)} is no CIDR such as 10.0.0.0/8`));
    else value.push(cidr);
  }
  return { value, diagnostics };
}
