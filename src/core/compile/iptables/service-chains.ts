import { hostCidrText, savedCidrText, type IpFamily } from '../../model/ip.ts';
import { renderChain } from '../../render/template-set.ts';
import { savedEndpointText, type Endpoint } from '../../services/endpoint.ts';
import type { LocalDetector } from '../../services/proxy-settings.ts';
import type { ServicePortEntry } from '../../services/service-port.ts';
import type { CompiledChain } from '../../ruleset/compiled-rules.ts';
import { endpointChainName, type ServiceChainNames } from '../../ruleset/service-chain-names.ts';
import type { CompileContext } from './compile-context.ts';
import { probabilityText } from './probability.ts';

/** Chain names of endpoints by `address:port`. */
export type EndpointChainNames = ReadonlyMap<string, string>;

function recentMask(family: IpFamily): string {
  return family === 'ipv4' ? '255.255.255.255' : 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';
}

/** Every source counts as a Pod (0.0.0.0/0). `! -s 0.0.0.0/0` can never match, and iptables-nft refuses to load it. */
function coversEverything(detector: LocalDetector): boolean {
  return detector.kind === 'source' && detector.cidr.prefix === 0;
}

/** `-s CIDR`, `-i INTERFACE` or nothing; the empty text stands for the absent part. A match of every source is not printed. */
function detectorView(detector: LocalDetector): { readonly source: string; readonly interface: string } {
  switch (detector.kind) {
    case 'source':
      return { source: coversEverything(detector) ? '' : savedCidrText(detector.cidr), interface: '' };
    case 'interface':
      return { source: '', interface: detector.name };
    case 'none':
      return { source: '', interface: '' };
  }
}

/**
 * KUBE-SVC or KUBE-SVL. The masquerade rule stands in the chain that clusterIP traffic takes, and names the clusterIP, so that it
 * leaves external traffic through the same chain alone.
 */
export function policyChain(
  kind: 'KUBE-SVC' | 'KUBE-SVL',
  port: ServicePortEntry,
  chain: string,
  endpointNames: EndpointChainNames,
  context: CompileContext,
): CompiledChain {
  const { settings, comments, templates } = context;
  const internal = port.internalPolicyLocal === (kind === 'KUBE-SVL');
  const endpoints = kind === 'KUBE-SVC' ? port.clusterEndpoints : port.localEndpoints;
  const local = detectorView(settings.masqueradeAll ? { kind: 'none' } : settings.localDetector);
  const detects = settings.localDetector.kind !== 'none' && !coversEverything(settings.localDetector);
  const masquerade = internal && (settings.masqueradeAll || detects);
  const rules = renderChain(
    `nat/${kind}`,
    {
      chain,
      servicePort: port.name,
      masquerade,
      notFromSource: local.source,
      notFromInterface: local.interface,
      clusterIp: hostCidrText(port.clusterIp),
      protocol: port.protocol.toLowerCase(),
      port: port.port,
      comments,
      affinity: port.affinitySeconds !== undefined,
      affinitySeconds: port.affinitySeconds ?? 0,
      recentMask: recentMask(settings.family),
      endpoints: endpoints.map((endpoint, i) => ({
        endpoint: endpoint.text,
        chain: endpointNames.get(endpoint.text) ?? '',
        probability: i === endpoints.length - 1 ? '' : probabilityText(endpoints.length - i),
      })),
    },
    templates,
  );
  return {
    table: 'nat',
    name: chain,
    policy: '-',
    rules,
    service: port.name,
    purpose: policyPurpose(kind, port, endpoints),
  };
}

function policyPurpose(kind: 'KUBE-SVC' | 'KUBE-SVL', port: ServicePortEntry, endpoints: readonly Endpoint[]): string {
  const n = endpoints.length;
  const which = kind === 'KUBE-SVC' ? '' : ' on this node';
  const share = n === 1 ? `the only endpoint${which}` : `one of ${n} endpoints${which}, each with chance 1/${n}`;
  const affinity =
    port.affinitySeconds === undefined ? '' : `; a client stays with its endpoint for ${port.affinitySeconds} s`;
  return `sends ${port.name} (${port.protocol} ${port.port}) to ${share}${affinity}`;
}

/** KUBE-EXT. `target` is empty where external traffic has no endpoint here; filter/KUBE-EXTERNAL-SERVICES then drops it. */
export function externalChain(
  port: ServicePortEntry,
  names: ServiceChainNames,
  target: string,
  { settings, templates }: CompileContext,
): CompiledChain {
  const local = detectorView(settings.localDetector);
  const view = {
    chain: names.external,
    servicePort: port.name,
    policyLocal: port.externalPolicyLocal,
    podTraffic: settings.localDetector.kind !== 'none',
    podSource: local.source,
    podInterface: local.interface,
    clusterChain: names.cluster,
    target,
  };
  const purpose = port.externalPolicyLocal
    ? `takes traffic from outside to ${port.name}: only endpoints on this node, client addresses kept; Pods and the node itself may use all`
    : `takes traffic from outside to ${port.name}: any endpoint, masqueraded`;
  return {
    table: 'nat',
    name: names.external,
    policy: '-',
    rules: renderChain('nat/KUBE-EXT', view, templates),
    service: port.name,
    purpose,
  };
}

/** KUBE-FW. */
export function firewallChain(
  port: ServicePortEntry,
  names: ServiceChainNames,
  sources: readonly string[],
  { templates }: CompileContext,
): CompiledChain {
  const view = {
    chain: names.firewall,
    servicePort: port.name,
    externalChain: names.external,
    sources: sources.map((address) => ({ address })),
  };
  return {
    table: 'nat',
    name: names.firewall,
    policy: '-',
    rules: renderChain('nat/KUBE-FW', view, templates),
    service: port.name,
    purpose: `lets ${sources.join(', ')} use the load balancer IPs of ${port.name}; everybody else is dropped`,
  };
}

/** KUBE-SEP, one for each endpoint that this node may use. */
export function endpointChains(
  port: ServicePortEntry,
  { settings, comments, templates }: CompileContext,
): { readonly names: EndpointChainNames; readonly chains: readonly CompiledChain[] } {
  const names = new Map<string, string>();
  const mask = recentMask(settings.family);
  const chains = port.reachableEndpoints.map((endpoint): CompiledChain => {
    const chain = endpointChainName(port, endpoint.text);
    names.set(endpoint.text, chain);
    const view = {
      chain,
      servicePort: port.name,
      comments,
      address: hostCidrText(endpoint.ip),
      endpoint: savedEndpointText(endpoint),
      protocol: port.protocol.toLowerCase(),
      affinity: port.affinitySeconds !== undefined,
      recentMask: mask,
    };
    return {
      table: 'nat',
      name: chain,
      policy: '-',
      rules: renderChain('nat/KUBE-SEP', view, templates),
      service: port.name,
      purpose: `sends a connection of ${port.name} to ${endpoint.text}`,
    };
  });
  return { names, chains };
}
