import { diagnose, hasErrors, sortDiagnostics, type Diagnostic } from '../diag/diagnostic.ts';
import type { DocumentLocation } from '../diag/source-location.ts';
import { decodeProxyConfig } from '../model/config/decode-proxy-config.ts';
import { decodeSnapshot } from '../model/decode/decode-snapshot.ts';
import { ipFamilies, type IpFamily } from '../model/ip.ts';
import type { ProxyConfig } from '../model/proxy-config.ts';
import type { TemplateSet } from '../render/template-set.ts';
import { prepareSnapshot } from '../services/api-server/prepare-snapshot.ts';
import { locateDiagnostics } from '../services/locate-diagnostics.ts';
import { nodeFacts, type NodeFacts } from '../services/node-facts.ts';
import { proxySettings } from '../services/proxy-settings.ts';
import { buildServiceTable } from '../services/service-table.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { CompiledRules } from '../ruleset/compiled-rules.ts';
import type { DiagnosticCode } from '../diag/codes.ts';
import { checkCustomRules } from './custom-rules/check-custom-rules.ts';
import { compileIptables } from './iptables/compile-iptables.ts';
import { compileIpvs } from './ipvs/compile-ipvs.ts';
import { readOptions, type CheckedOptions } from './read-options.ts';
import { appendTo } from '../util/append.ts';

/** How to compile; everything has kube-proxy's default. */
export interface CompileOptions {
  /** A KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1) as read from YAML or JSON. */
  readonly config?: unknown;
  /** Where `config` came from, for messages. */
  readonly configLocation?: DocumentLocation | undefined;
  /** The node the rules are for. Needed when the input has several Nodes. */
  readonly node?: string | undefined;
  /** The node's own IPs, at most one per family; else those of the Node object. */
  readonly nodeIps?: readonly string[];
  /** Further addresses on the node's interfaces. */
  readonly localIps?: readonly string[];
  /** The node's zone; else the label of the Node object. */
  readonly zone?: string | undefined;
  /** False: take objects as they are, without what the API server and the controllers would do. */
  readonly applyDefaults?: boolean;
  /** Ranges that clusterIPs must be in and are chosen from, at most one per family. */
  readonly serviceCidrs?: readonly string[];
  /** `FROM-TO`; 30000-32767. */
  readonly nodePortRange?: string | undefined;
  /** kube-proxy's nfacct objects exist in the kernel. Default false. */
  readonly nfacct?: boolean;
  /** MASQUERADE has --random-fully. Default true. */
  readonly randomFully?: boolean;
  /** Default: both. */
  readonly families?: readonly IpFamily[];
  /** A user's own templates (compileTemplates). */
  readonly templates?: TemplateSet | undefined;
  /** Proxy modes that the caller can do something with; a configuration of another one is an error. Default: those of `compiledModes`. */
  readonly modes?: readonly CompiledMode[];
  /** Where each document came from, for messages; parallel to the documents. */
  readonly locations?: readonly (DocumentLocation | undefined)[];
}

export type CompiledMode = Exclude<ProxyConfig['mode'], 'nftables'>;

export const compiledModes: readonly CompiledMode[] = ['iptables', 'ipvs'];

export interface CompileResult {
  /** One per family. Empty if the options or the configuration are wrong: then no rules could be right. */
  readonly rules: readonly CompiledRules[];
  /** Sorted, errors first. An error means that something of the input is left out or would be refused by the API server. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Compiles Kubernetes objects to the rules of one node: what kube-proxy v1.36 programs in iptables mode, or in ipvs mode, where the
 * configuration says so; then the result has virtual servers, sets and addresses as well. Pure and total: the same
 * documents, in whatever order, give the same rules, and no document makes it throw.
 *
 * @param documents parsed YAML or JSON: Services, EndpointSlices, Endpoints, Nodes, Pods and Lists of them; others are passed over
 */
export function compile(documents: readonly unknown[], options: CompileOptions = {}): CompileResult {
  const decoded = decodeProxyConfig(options.config, options.configLocation);
  const checked = readOptions(options);
  const diagnostics = [...decoded.diagnostics, ...checked.diagnostics];
  const modes: readonly string[] = options.modes ?? compiledModes;
  if (!modes.includes(decoded.config.mode)) diagnostics.push(modeNotCompiled(decoded.config.mode));
  if (hasErrors(diagnostics)) return { rules: [], diagnostics: sortDiagnostics(diagnostics) };

  const { snapshot, diagnostics: found } = decodeSnapshot(documents, options.locations ?? []);
  appendTo(diagnostics, found);
  const prepared = prepareSnapshot(snapshot, checked.apiServer);
  appendTo(diagnostics, prepared.diagnostics);
  if (prepared.snapshot.services.length === 0) diagnostics.push(noServices(snapshot));
  const node = nodeFacts(prepared.snapshot, decoded.config, checked.node, diagnostics);
  if (node === undefined) return { rules: [], diagnostics: sortDiagnostics(diagnostics) };
  const rulesBy = (templates: TemplateSet | undefined, into: Diagnostic[]): readonly CompiledRules[] =>
    (options.families ?? ipFamilies).map((family) =>
      compileFamily(family, prepared.snapshot, decoded.config, node, { ...checked, templates }, into),
    );
  const { templates } = options;
  const rules = rulesBy(templates, diagnostics);
  const faults = templates === undefined ? [] : checkCustomRules(rules, templates, () => rulesBy(undefined, []));
  appendTo(diagnostics, faults);
  return { rules: hasErrors(faults) ? [] : rules, diagnostics: sortDiagnostics(diagnostics) };
}

function compileFamily(
  family: IpFamily,
  snapshot: Snapshot,
  config: ProxyConfig,
  node: NodeFacts,
  options: CheckedOptions & { readonly templates: TemplateSet | undefined },
  diagnostics: Diagnostic[],
): CompiledRules {
  const found: Diagnostic[] = [];
  const settings = proxySettings(config, node, family, found);
  const { table, diagnostics: tableFound } = buildServiceTable(snapshot, {
    family,
    nodeName: settings.nodeName,
    zone: settings.zone,
    applyDefaults: options.apiServer.applyDefaults,
    allowExternalIps: config.allowExternalIps,
  });
  if (settings.localDetector.kind === 'none' && !settings.masqueradeAll && table.servicePorts.length > 0) {
    found.push(noLocalDetector(family, config));
  }
  // What only concerns nodePorts is no news in a family without any; and IPVS never answers on loopback.
  const hasNodePorts = table.servicePorts.some((port) => port.nodePort !== 0);
  const told = found.filter(
    (d) =>
      d.code === 'no-local-detector' || (hasNodePorts && !(config.mode === 'ipvs' && d.code === LOOPBACK_PORTS_OFF)),
  );
  appendTo(diagnostics, [...told, ...locateDiagnostics(tableFound, snapshot)]);
  const { features, templates } = options;
  if (config.mode !== 'ipvs') return compileIptables(table, settings, { features, templates });
  const ofIpvs: Diagnostic[] = [];
  const rules = compileIpvs(
    table,
    settings,
    { config: config.ipvs, randomFully: features.randomFully, templates },
    ofIpvs,
  );
  appendTo(diagnostics, locateDiagnostics(ofIpvs, snapshot));
  return rules;
}

const LOOPBACK_PORTS_OFF: DiagnosticCode = 'localhost-node-ports-off';

function noServices(read: Snapshot): Diagnostic {
  const what = read.services.length === 0 ? 'there is no Service in the input' : 'every Service is left out';
  return diagnose('no-services', { message: `${what}; only the fixed chains are compiled` });
}

function noLocalDetector(family: IpFamily, config: ProxyConfig): Diagnostic {
  const name = family === 'ipv4' ? 'IPv4' : 'IPv6';
  const outcome =
    config.mode === 'ipvs'
      ? `only traffic that the node sends from a ${name} clusterIP is masqueraded`
      : `traffic to ${name} clusterIPs is never masqueraded`;
  const message = `nothing tells local ${name} Pods from other sources, so ${outcome}`;
  const byNode = config.detectLocal.mode === 'NodeCIDR';
  const hint = byNode ? `the Node has no ${name} podCIDR; kube-proxy waits for one` : 'give --cluster-cidr';
  return diagnose('no-local-detector', { message, hint });
}

function modeNotCompiled(mode: string): Diagnostic {
  return diagnose('config-mode-not-compiled', {
    message:
      mode === 'nftables'
        ? 'the proxy mode nftables cannot be compiled yet'
        : `only compile takes the proxy mode ${mode} yet`,
    hint: 'give --proxy-mode iptables to see the rules of that mode',
  });
}
