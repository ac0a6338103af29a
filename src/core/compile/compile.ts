import { hasErrors, sortDiagnostics, type Diagnostic } from '../diag/diagnostic.ts';
import type { DocumentLocation } from '../diag/source-location.ts';
import type { IpFamily } from '../model/ip.ts';
import type { TemplateSet } from '../render/template-set.ts';
import type { CompiledChain, CompiledRules } from '../ruleset/compiled-rules.ts';
import { checkCustomRules } from './custom-rules/check-custom-rules.ts';
import { compileIptables } from './iptables/compile-iptables.ts';
import { LoweredParts } from './iptables/lowered-parts.ts';
import { compileIpvs } from './ipvs/compile-ipvs.ts';
import { meaningOf, readMeaning, type CompiledMode, type Meaning, type PreparedObjects } from './read-meaning.ts';
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
  /** Proxy modes that the caller can do something with; a configuration of another one is an error. Default: `compiledModes`. */
  readonly modes?: readonly CompiledMode[];
  /** What to do where the ipvs mode is configured and `modes` does not have it; told together with --proxy-mode iptables. */
  readonly ipvsHint?: string | undefined;
  /** Where each document came from, for messages; parallel to the documents. */
  readonly locations?: readonly (DocumentLocation | undefined)[];
}

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
  return compileMeaning(readMeaning(documents, options), options.templates);
}

/** Chains of the iptables mode, before all are compiled; not called with a user's own templates, which are judged as a whole. */
export type OnCompiledChains = (family: IpFamily, chains: readonly CompiledChain[]) => void;

export interface CompiledMeaning extends CompileResult {
  readonly meaning: Meaning;
}

/** `compile` from its middle on: the rules of some hundred service ports are there before the table has the next ones. */
export function compilePrepared(
  prepared: PreparedObjects,
  templates: TemplateSet | undefined,
  onChains: OnCompiledChains,
): CompiledMeaning {
  const { mode, options } = prepared;
  if (mode !== 'iptables' || templates !== undefined) {
    const meaning = meaningOf(prepared);
    return { ...compileMeaning(meaning, templates), meaning };
  }
  const parts = new Map<IpFamily, LoweredParts>();
  const meaning = meaningOf(prepared, (family, settings, ports, atMost) => {
    let lowered = parts.get(family);
    if (lowered === undefined) {
      lowered = new LoweredParts(settings, options.features, atMost);
      parts.set(family, lowered);
    }
    onChains(family, lowered.add(ports));
  });
  return { ...compileMeaning(meaning, undefined, parts), meaning };
}

/** The second half of `compile`, for those who need the first for something else as well. */
export function compileMeaning(
  meaning: Meaning,
  templates: TemplateSet | undefined,
  parts: ReadonlyMap<IpFamily, LoweredParts> = new Map(),
): CompileResult {
  const diagnostics = [...meaning.diagnostics];
  const rules = lowerAll(meaning, templates, diagnostics, parts);
  const faults =
    templates === undefined || rules.length === 0
      ? []
      : checkCustomRules(rules, templates, () => lowerAll(meaning, undefined, [], new Map()));
  appendTo(diagnostics, faults);
  return { rules: hasErrors(faults) ? [] : rules, diagnostics: sortDiagnostics(diagnostics) };
}

function lowerAll(
  { families, mode, options: { features }, ipvs }: Meaning,
  templates: TemplateSet | undefined,
  diagnostics: Diagnostic[],
  parts: ReadonlyMap<IpFamily, LoweredParts>,
): readonly CompiledRules[] {
  return families.map((family) =>
    mode === 'ipvs'
      ? compileIpvs(family, { config: ipvs, randomFully: features.randomFully, templates }, diagnostics)
      : compileIptables(family.table, family.settings, { features, templates, parts: parts.get(family.family) }),
  );
}
