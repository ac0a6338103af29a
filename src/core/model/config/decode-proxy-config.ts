/**
 * Reads a KubeProxyConfiguration as kube-proxy v1.36 does, but strictly: kube-proxy only logs unknown fields of v1alpha1, and a
 * slip in masqueradeAll then goes unnoticed for years. Flags that override fields belong into the value before it is decoded, since
 * the mode decides which fields count.
 */
import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import { locatePart, type DocumentLocation } from '../../diag/source-location.ts';
import { parseIp } from '../ip.ts';
import type { ProxyConfig } from '../proxy-config.ts';
import { checkFields } from './check-fields.ts';
import { invalidChoice, invalidValue, problemDiagnostic, type ConfigProblem } from './config-problem.ts';
import { configReader, type ConfigReader } from './config-reader.ts';
import { decodeIpvsConfig, DEFAULT_IPVS } from './decode-ipvs-config.ts';
import { decodeCidrs, decodeClusterCidrs, decodeDetectLocal, type Decoded } from './decode-local-detection.ts';
import { describeValue, isMapping } from '../../util/mapping.ts';
import { KUBE_PROXY_FIELDS } from './field-table.ts';

export interface DecodedProxyConfig {
  /** A field that is not valid has its default here; the diagnostics have errors then. */
  readonly config: ProxyConfig;
  readonly diagnostics: readonly Diagnostic[];
}

const API_VERSION = 'kubeproxy.config.k8s.io/v1alpha1';
const KIND = 'KubeProxyConfiguration';
const MODES = ['iptables', 'ipvs', 'nftables'] as const;
const DEFAULT_MASQUERADE_BIT = 14;
// A node's name is a DNS subdomain; anything else could never match.
const NODE_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** `value` is what a YAML or JSON reader made of the file; undefined or null, an empty file, is all defaults. */
export function decodeProxyConfig(value: unknown, location?: DocumentLocation): DecodedProxyConfig {
  const kindProblem = wrongKind(value);
  if (kindProblem !== undefined || !isMapping(value)) {
    const { config } = readConfig(configReader({}));
    if (kindProblem === undefined) return { config, diagnostics: [] };
    return {
      config,
      diagnostics: [diagnose('config-wrong-kind', { message: kindProblem, location: locatePart(location, []) })],
    };
  }
  const { config, problems } = readConfig(configReader(value));
  const all = [...checkFields(value, KUBE_PROXY_FIELDS), ...problems];
  return { config, diagnostics: all.map((problem) => problemDiagnostic(problem, location)) };
}

/** apiVersion and kind may be missing: the default-config of many a test has neither. */
function wrongKind(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isMapping(value)) return `expected a ${KIND}, found ${describeValue(value)}`;
  const { apiVersion = API_VERSION, kind = KIND } = value;
  if (kind !== KIND) return `kind is ${describeValue(kind)}, expected ${KIND}`;
  if (apiVersion !== API_VERSION) return `apiVersion is ${describeValue(apiVersion)}, expected ${API_VERSION}`;
  return undefined;
}

interface ReadConfig {
  readonly config: ProxyConfig;
  readonly problems: readonly ConfigProblem[];
}

function readConfig(read: ConfigReader): ReadConfig {
  const mode = decodeMode(read);
  const clusterCidrs = decodeClusterCidrs(read);
  const detectLocal = decodeDetectLocal(read);
  const nodePorts = decodeNodePortAddresses(read, mode.value);
  const hostname = decodeHostname(read);
  const bindAddress = decodeBindAddress(read);
  const ipvs: Decoded<ProxyConfig['ipvs']> =
    mode.value === 'ipvs' ? decodeIpvsConfig(read) : { value: DEFAULT_IPVS, problems: [] };
  // The ipvs mode masquerades with iptables and reads the same fields; nftables has its own.
  const section = mode.value === 'nftables' ? 'nftables' : 'iptables';
  const bit = read.integer(section, 'masqueradeBit') ?? DEFAULT_MASQUERADE_BIT;
  return {
    config: {
      mode: mode.value,
      clusterCidrs: clusterCidrs.value,
      detectLocal: detectLocal.value,
      masqueradeAll: read.boolean(section, 'masqueradeAll') ?? false,
      masqueradeBit: bit >= 0 && bit <= 31 ? bit : DEFAULT_MASQUERADE_BIT,
      localhostNodePorts: read.boolean('iptables', 'localhostNodePorts') ?? true,
      ...nodePorts.value,
      tcpBeLiberal: read.boolean('conntrack', 'tcpBeLiberal') ?? false,
      allowExternalIps: read.boolean('featureGates', 'AllowServiceExternalIPs') ?? true,
      hostnameOverride: hostname.value,
      bindAddress: bindAddress.value,
      ipvs: ipvs.value,
    },
    problems: [mode, clusterCidrs, detectLocal, nodePorts, hostname, bindAddress, ipvs].flatMap((d) => d.problems),
  };
}

function decodeMode(read: ConfigReader): Decoded<ProxyConfig['mode']> {
  const text = read.string('mode') ?? '';
  const mode = text === '' ? 'iptables' : MODES.find((m) => m === text);
  if (mode !== undefined) return { value: mode, problems: [] };
  return { value: 'iptables', problems: [invalidChoice(['mode'], text, MODES)] };
}

type NodePortFields = Pick<ProxyConfig, 'nodePortAddresses' | 'nodePortPrimary'>;

/** CIDRs, or the single word primary (KEP-3866). The nftables mode has primary by default. */
function decodeNodePortAddresses(read: ConfigReader, mode: ProxyConfig['mode']): Decoded<NodePortFields> {
  const path = 'nodePortAddresses';
  const texts = read.strings(path);
  const unset = { nodePortAddresses: [], nodePortPrimary: mode === 'nftables' };
  if (texts.length === 0) return { value: unset, problems: [] };
  if (texts.includes('primary')) {
    if (texts.length === 1) return { value: { nodePortAddresses: [], nodePortPrimary: true }, problems: [] };
    return { value: unset, problems: [invalidValue([path], '"primary" must be the only entry')] };
  }
  const cidrs = decodeCidrs([path], texts);
  if (cidrs.problems.length > 0) return { value: unset, problems: cidrs.problems };
  return { value: { nodePortAddresses: cidrs.value, nodePortPrimary: false }, problems: [] };
}

/** kube-proxy trims the name and makes it lower case. */
function decodeHostname(read: ConfigReader): Decoded<string | undefined> {
  const given = read.string('hostnameOverride') ?? '';
  if (given === '') return { value: undefined, problems: [] };
  const name = given.trim().toLowerCase();
  if (name.length <= 253 && NODE_NAME.test(name)) return { value: name, problems: [] };
  const problem = `${describeValue(given)} can be no node's name`;
  return { value: undefined, problems: [invalidValue(['hostnameOverride'], problem)] };
}

function decodeBindAddress(read: ConfigReader): Decoded<ProxyConfig['bindAddress']> {
  const text = read.string('bindAddress') ?? '';
  if (text === '') return { value: undefined, problems: [] };
  const ip = parseIp(text);
  if (ip === undefined) {
    return { value: undefined, problems: [invalidValue(['bindAddress'], `${describeValue(text)} is no IP address`)] };
  }
  const unspecified = ip.text === '0.0.0.0' || ip.text === '::';
  return { value: unspecified ? undefined : ip, problems: [] };
}
