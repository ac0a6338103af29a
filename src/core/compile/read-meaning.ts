import { diagnose, hasErrors, type Diagnostic } from '../diag/diagnostic.ts';
import { decodeProxyConfig } from '../model/config/decode-proxy-config.ts';
import { decodeSnapshot } from '../model/decode/decode-snapshot.ts';
import { ipFamilies, type Ip, type IpFamily } from '../model/ip.ts';
import type { IpvsConfig, ProxyConfig } from '../model/proxy-config.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { prepareSnapshot } from '../services/api-server/prepare-snapshot.ts';
import { locateDiagnostics } from '../services/locate-diagnostics.ts';
import { nodeFacts, type NodeFacts } from '../services/node-facts.ts';
import { proxySettings, type ProxySettings } from '../services/proxy-settings.ts';
import { buildServiceTable, type OnServicePorts, type ServiceTable } from '../services/service-table.ts';
import { appendTo } from '../util/append.ts';
import type { CompileOptions } from './compile.ts';
import { readOptions, type CheckedOptions } from './read-options.ts';

/** Proxy modes that rules are compiled for. */
export type CompiledMode = Exclude<ProxyConfig['mode'], 'nftables'>;

export const compiledModes: readonly CompiledMode[] = ['iptables', 'ipvs'];

/** What one family's rules must do on the node, before any rule is written: what rules are compiled from, and proved against. */
export interface FamilyMeaning {
  readonly family: IpFamily;
  readonly table: ServiceTable;
  readonly settings: ProxySettings;
  /** Every known address on the node's interfaces, of this family. */
  readonly localAddresses: readonly Ip[];
}

export interface Meaning {
  /** One per family. Empty if the options or the configuration are wrong. */
  readonly families: readonly FamilyMeaning[];
  readonly mode: CompiledMode;
  /** What only the ipvs mode reads of the configuration. */
  readonly ipvs: IpvsConfig;
  readonly options: CheckedOptions;
  /** Not sorted. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Kubernetes objects as the API server and kube-proxy would have them, before they are put together to a ServiceTable. */
export interface PreparedObjects extends Omit<Meaning, 'families'> {
  /** Undefined if the options or the configuration are wrong. */
  readonly cluster: Cluster | undefined;
}

interface Cluster {
  readonly snapshot: Snapshot;
  readonly config: ProxyConfig;
  readonly node: NodeFacts;
  readonly families: readonly IpFamily[];
}

/** Service ports of a family while its table is being built; see OnServicePorts. */
export type OnFamilyPorts = (family: IpFamily, settings: ProxySettings, ...part: Parameters<OnServicePorts>) => void;

/** Reads Kubernetes objects as the API server and kube-proxy would, as far as the ServiceTable. Pure and total. */
export function readMeaning(documents: readonly unknown[], options: CompileOptions = {}): Meaning {
  return meaningOf(prepareObjects(documents, options));
}

/** The first half of it. */
export function prepareObjects(documents: readonly unknown[], options: CompileOptions = {}): PreparedObjects {
  const decoded = decodeProxyConfig(options.config, options.configLocation);
  const checked = readOptions(options);
  const diagnostics = [...decoded.diagnostics, ...checked.diagnostics];
  const mode = (options.modes ?? compiledModes).find((known) => known === decoded.config.mode);
  const common = { mode: mode ?? 'iptables', ipvs: decoded.config.ipvs, options: checked, diagnostics };
  if (mode === undefined) diagnostics.push(modeNotCompiled(decoded.config.mode, options.ipvsHint));
  if (hasErrors(diagnostics)) return { ...common, cluster: undefined };

  const { snapshot, diagnostics: found } = decodeSnapshot(documents, options.locations ?? []);
  appendTo(diagnostics, found);
  const prepared = prepareSnapshot(snapshot, checked.apiServer);
  appendTo(diagnostics, prepared.diagnostics);
  if (prepared.snapshot.services.length === 0) diagnostics.push(noServices(snapshot));
  const node = nodeFacts(prepared.snapshot, decoded.config, checked.node, diagnostics);
  if (node === undefined) return { ...common, cluster: undefined };
  const families = options.families ?? ipFamilies;
  return { ...common, cluster: { snapshot: prepared.snapshot, config: decoded.config, node, families } };
}

/** The second half. */
export function meaningOf({ cluster, ...common }: PreparedObjects, onFamilyPorts: OnFamilyPorts = () => {}): Meaning {
  if (cluster === undefined) return { ...common, families: [] };
  const diagnostics = [...common.diagnostics];
  const families = cluster.families.map((family) =>
    familyMeaning(family, cluster, common.options, diagnostics, onFamilyPorts),
  );
  return { ...common, families, diagnostics };
}

function familyMeaning(
  family: IpFamily,
  { snapshot, config, node }: Cluster,
  { apiServer }: CheckedOptions,
  diagnostics: Diagnostic[],
  onFamilyPorts: OnFamilyPorts,
): FamilyMeaning {
  const found: Diagnostic[] = [];
  const settings = proxySettings(config, node, family, found);
  const { table, diagnostics: tableFound } = buildServiceTable(
    snapshot,
    {
      family,
      nodeName: settings.nodeName,
      zone: settings.zone,
      applyDefaults: apiServer.applyDefaults,
      allowExternalIps: config.allowExternalIps,
    },
    (...part) => onFamilyPorts(family, settings, ...part),
  );
  if (settings.localDetector.kind === 'none' && !settings.masqueradeAll && table.servicePorts.length > 0) {
    found.push(noLocalDetector(family, config));
  }
  const hasNodePorts = table.servicePorts.some((port) => port.nodePort !== 0);
  const told = found.filter((d) => d.code === 'no-local-detector' || (hasNodePorts && concerns(d, config)));
  appendTo(diagnostics, [...told, ...locateDiagnostics(tableFound, snapshot)]);
  return { family, table, settings, localAddresses: node.localIps.filter((ip) => ip.family === family) };
}

/** What only concerns nodePorts is no news in a family without any; and in the ipvs mode they never answer on loopback. */
function concerns({ code }: Diagnostic, { mode }: ProxyConfig): boolean {
  return mode !== 'ipvs' || code !== 'localhost-node-ports-off';
}

function noServices(read: Snapshot): Diagnostic {
  const what = read.services.length === 0 ? 'there is no Service in the input' : 'every Service is left out';
  return diagnose('no-services', { message: `${what}; only the fixed chains are compiled` });
}

function noLocalDetector(family: IpFamily, config: ProxyConfig): Diagnostic {
  const name = family === 'ipv4' ? 'IPv4' : 'IPv6';
  const outcome =
    config.mode === 'ipvs'
      ? `of the traffic to ${name} clusterIPs only what comes from a clusterIP, as the node's own does, is masqueraded`
      : `traffic to ${name} clusterIPs is never masqueraded`;
  const message = `nothing tells local ${name} Pods from other sources, so ${outcome}`;
  const byNode = config.detectLocal.mode === 'NodeCIDR';
  const hint = byNode ? `the Node has no ${name} podCIDR; kube-proxy waits for one` : 'give --cluster-cidr';
  return diagnose('no-local-detector', { message, hint });
}

function modeNotCompiled(mode: string, ipvsHint: string | undefined): Diagnostic {
  const hint = 'give --proxy-mode iptables to see the rules of that mode';
  if (mode === 'nftables')
    return diagnose('config-mode-not-compiled', { message: 'the proxy mode nftables cannot be compiled yet', hint });
  return diagnose('config-mode-not-compiled', {
    message: `rules alone do not show what the proxy mode ${mode} does`,
    hint: ipvsHint === undefined ? hint : `${ipvsHint}; or ${hint}`,
  });
}
