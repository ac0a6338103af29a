/** A folder of golden/compile, read. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import type { CompileOptions } from '../../src/core/compile/compile.ts';
import type { DocumentLocation } from '../../src/core/diag/source-location.ts';
import { isMapping, type Mapping } from '../../src/core/util/mapping.ts';
import { parseText } from '../../src/host/sources/parse-text.ts';
import { readFlows, type Flow, type FlowNode } from './golden-flows.ts';

export interface GoldenCase {
  /** `area/case` */
  readonly name: string;
  readonly folder: string;
  readonly documents: readonly unknown[];
  readonly locations: readonly DocumentLocation[];
  readonly options: CompileOptions;
  readonly flows: readonly Flow[];
  /** Where flows of the node itself come from; read from the same files, without the compiler. */
  readonly node: FlowNode;
}

/**
 * The keys of case.yaml and the options of `compile` that they are. Written out again here, and not taken from the command line, so that
 * `chainsmith test` and these tests judge the same files independently.
 */
const OPTIONS: Readonly<Record<string, (value: unknown) => CompileOptions>> = {
  node: (node) => ({ node: String(node) }),
  'node-ip': (ips) => ({ nodeIps: texts(ips) }),
  'local-ip': (ips) => ({ localIps: texts(ips) }),
  zone: (zone) => ({ zone: String(zone) }),
  'no-defaults': (isSo) => ({ applyDefaults: isSo !== true }),
  'service-cidr': (cidrs) => ({ serviceCidrs: texts(cidrs) }),
  'service-node-port-range': (range) => ({ nodePortRange: String(range) }),
  nfacct: (nfacct) => ({ nfacct: nfacct === true }),
  'no-random-fully': (isSo) => ({ randomFully: isSo !== true }),
  family: (family) => ({ families: family === 'ipv6' ? ['ipv6'] : ['ipv4'] }),
};

/** The others are flags of kube-proxy: where each stands in its configuration. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  'cluster-cidr': ['clusterCIDR'],
  'proxy-mode': ['mode'],
  'detect-local-mode': ['detectLocalMode'],
  'pod-bridge-interface': ['detectLocal', 'bridgeInterface'],
  'pod-interface-name-prefix': ['detectLocal', 'interfaceNamePrefix'],
  'hostname-override': ['hostnameOverride'],
  'nodeport-addresses': ['nodePortAddresses'],
  'masquerade-all': ['iptables', 'masqueradeAll'],
  'iptables-masquerade-bit': ['iptables', 'masqueradeBit'],
  'iptables-localhost-nodeports': ['iptables', 'localhostNodePorts'],
  'conntrack-tcp-be-liberal': ['conntrack', 'tcpBeLiberal'],
  'feature-gates': ['featureGates'],
};

export const DEFAULT_OPTIONS = 'defaults.yaml';

/** `area/case` of every folder two levels below `root`, sorted. */
export function findCases(root: string): readonly string[] {
  return foldersIn(root).flatMap((area) => foldersIn(join(root, area)).map((name) => `${area}/${name}`));
}

export function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

export function readCase(root: string, name: string): GoldenCase {
  const folder = join(root, name);
  const { documents, locations, diagnostics } = parseText(
    readFileSync(join(folder, 'input.yaml'), 'utf8'),
    'input.yaml',
  );
  if (diagnostics.length > 0) throw new Error(`${folder}/input.yaml: ${diagnostics.map((d) => d.message).join('; ')}`);
  // The case's own keys replace the default ones.
  const given = { ...readMapping(join(root, DEFAULT_OPTIONS)), ...readMapping(join(folder, 'case.yaml')) };
  const options: CompileOptions = { ...optionsOf(given, join(folder, 'config.yaml')), locations };
  const flowsFile = join(folder, 'flows.yaml');
  return {
    name,
    folder,
    documents,
    locations,
    options,
    flows: readFlowsFile(flowsFile),
    node: nodeOf(documents, options),
  };
}

function readFlowsFile(file: string): readonly Flow[] {
  if (!existsSync(file)) return [];
  try {
    return readFlows(load(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Error(`${file}: ${String(cause)}`, { cause });
  }
}

function readMapping(file: string): Mapping {
  if (!existsSync(file)) return {};
  const own = load(readFileSync(file, 'utf8'));
  if (!isMapping(own)) throw new Error(`${file} must hold a mapping`);
  for (const key of Object.keys(own)) {
    if (!(key in OPTIONS) && !(key in FLAGS)) throw new Error(`${file}: unknown option ${key}`);
  }
  return own;
}

/** `key: null` takes a default option away. */
function optionsOf(given: Mapping, configFile: string): CompileOptions {
  const config = existsSync(configFile) ? parseText(readFileSync(configFile, 'utf8'), 'config.yaml') : undefined;
  const document: Record<string, unknown> = { ...config?.documents.find(isMapping) };
  const chosen: CompileOptions[] = [];
  for (const [key, value] of Object.entries(given)) {
    if (value === null) continue;
    const [outer = '', inner] = FLAGS[key] ?? [];
    if (outer === '') chosen.push(OPTIONS[key]?.(value) ?? {});
    else if (inner === undefined) document[outer] = value;
    else {
      const before = document[outer];
      document[outer] = { ...(isMapping(before) ? before : {}), [inner]: value };
    }
  }
  const plain: CompileOptions = Object.fromEntries(chosen.flatMap((one) => Object.entries(one)));
  return { ...plain, configLocation: config?.locations[0], config: document };
}

function texts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw new Error(`${String(value)} is no list`);
  return value.map(String);
}

function nodeOf(documents: readonly unknown[], options: CompileOptions): FlowNode {
  const nodes = documents.filter((d) => isMapping(d) && d['kind'] === 'Node').filter(isMapping);
  const own = nodes.length === 1 ? nodes[0] : nodes.find((n) => field(n, 'metadata', 'name') === options.node);
  const listed = field(own, 'status', 'addresses');
  const addresses = (Array.isArray(listed) ? listed : [])
    .filter((a: unknown) => field(a, 'type') === 'InternalIP')
    .flatMap((a: unknown) => {
      const text = field(a, 'address');
      return typeof text === 'string' ? [text] : [];
    });
  const nodeIps = [...(options.nodeIps ?? []), ...addresses];
  return { nodeIps, localAddresses: [...nodeIps, ...(options.localIps ?? [])] };
}

function field(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => (isMapping(at) ? at[name] : undefined), value);
}
