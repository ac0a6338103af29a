import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import type { Ip } from '../../model/ip.ts';
import type { IpvsConfig } from '../../model/proxy-config.ts';
import type { TemplateSet } from '../../render/template-set.ts';
import { tableNames, type CompiledRules } from '../../ruleset/compiled-rules.ts';
import type { ProxySettings } from '../../services/proxy-settings.ts';
import type { ServiceTable } from '../../services/service-table.ts';
import { boundAddresses } from './bound-addresses.ts';
import { ipvsBuiltInChains } from './built-in-chains.ts';
import { ipvsChains } from './ipvs-chains.ts';
import type { IpvsContext } from './ipvs-context.ts';
import { ipvsSysctls } from './ipvs-sysctls.ts';
import { kubeSets } from './kube-sets.ts';
import { lowerVirtualServers } from './lower-virtual-servers.ts';
import { nodeAddresses, nodePortIps } from './node-addresses.ts';
import { resolveClashes } from './resolve-clashes.ts';
import { setMembers } from './set-members.ts';

export interface IpvsInput {
  readonly table: ServiceTable;
  readonly settings: ProxySettings;
  /** Every known address on the node's interfaces, of this family. */
  readonly localAddresses: readonly Ip[];
}

export interface IpvsOptions {
  readonly config: IpvsConfig;
  /** MASQUERADE has --random-fully (iptables 1.6.2, Linux 3.13). */
  readonly randomFully: boolean;
  /** A user's own templates of chains; the built-in ones for what is missing. */
  readonly templates?: TemplateSet | undefined;
}

/**
 * Lowers a ServiceTable to what kube-proxy v1.36 programs in ipvs mode: a virtual server for each address of each service port, the sets
 * that tell the iptables rules which of them to masquerade or to guard, and the addresses of kube-ipvs0.
 */
export function compileIpvs(
  { table, settings, localAddresses }: IpvsInput,
  { config, randomFully, templates }: IpvsOptions,
  diagnostics: Diagnostic[],
): CompiledRules {
  const { family, servicePorts } = table;
  const own = nodeAddresses(localAddresses);
  const context: IpvsContext = { settings, config, nodePortIps: nodePortIps(settings, own) };
  const ports = servicePorts.map((port) => ({ port, servers: lowerVirtualServers(port, context) }));
  const addresses = boundAddresses(servicePorts, own);
  const members = servicePorts.flatMap((port) => setMembers(port, context));
  const sets = kubeSets(family, members, addresses);
  const chains = ipvsChains({ settings, servicePorts, sets, randomFully, templates });
  const builtIn = ipvsBuiltInChains(templates);
  checkNodePorts(table, context, diagnostics);
  return {
    family,
    chains: tableNames.flatMap((name) => [...builtIn, ...chains].filter((chain) => chain.table === name)),
    sysctls: ipvsSysctls(config),
    ipvs: {
      virtualServers: resolveClashes(ports, diagnostics),
      sets,
      addresses,
      timeouts: config.timeouts,
      excludeCidrs: config.excludeCidrs.filter((cidr) => cidr.family === family),
    },
  };
}

/** Where nodePortAddresses match nothing, `proxySettings` has said so. */
function checkNodePorts({ family, servicePorts }: ServiceTable, context: IpvsContext, diagnostics: Diagnostic[]): void {
  const { settings, nodePortIps: ips } = context;
  const wanted = servicePorts.some((port) => port.nodePort !== 0);
  if (!wanted || ips.length > 0 || settings.nodePortAddresses.kind !== 'all-local') return;
  const name = family === 'ipv4' ? 'IPv4' : 'IPv6';
  const message = `no ${name} address of the node is known, so no nodePort has a virtual server for ${name}`;
  diagnostics.push(diagnose('node-addresses-unknown', { message, hint: 'give --node-ip or --local-ip' }));
}
