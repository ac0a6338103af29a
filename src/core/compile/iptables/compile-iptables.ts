import type { TemplateSet } from '../../render/template-set.ts';
import type { ProxySettings } from '../../services/proxy-settings.ts';
import type { ServiceTable } from '../../services/service-table.ts';
import { appendTo } from '../../util/append.ts';
import { groupBy } from '../../util/group-by.ts';
import { sortedBy } from '../../util/order.ts';
import {
  ROUTE_LOCALNET,
  tableNames,
  type CompiledChain,
  type CompiledRules,
  type RequiredSysctl,
} from '../../ruleset/compiled-rules.ts';
import { builtInChains } from './built-in-chains.ts';
import { hasComments, type CompileContext, type IptablesFeatures } from './compile-context.ts';
import { lowerServicePort } from './lower-service-port.ts';
import type { LoweredParts, LoweredTable } from './lowered-parts.ts';
import { sharedChains } from './shared-chains.ts';

export interface IptablesOptions {
  readonly features: IptablesFeatures;
  /** A user's own templates; the built-in ones for what is missing. */
  readonly templates?: TemplateSet | undefined;
  /** Service ports of this very table that were lowered before. */
  readonly parts?: LoweredParts | undefined;
}

/** Lowers a ServiceTable to the chains that kube-proxy v1.36 programs in iptables mode. */
export function compileIptables(table: ServiceTable, settings: ProxySettings, options: IptablesOptions): CompiledRules {
  const context: CompileContext = {
    settings,
    features: options.features,
    comments: hasComments(table.endpointCount),
    templates: options.templates,
  };
  const lowered = options.parts?.all(table) ?? lowerTable(table, context);
  const own = groupBy([...sharedChains(lowered.ports, context), ...lowered.chains], (chain) => chain.table);
  const builtIn = builtInChains(options.templates);
  const chains: CompiledChain[] = [];
  for (const name of tableNames) {
    appendTo(
      chains,
      builtIn.filter((chain) => chain.table === name),
    );
    // The kernel prints chains by name.
    appendTo(
      chains,
      sortedBy(own.get(name) ?? [], (chain) => chain.name),
    );
  }
  return { family: table.family, chains, sysctls: requiredSysctls(settings) };
}

function lowerTable({ servicePorts }: ServiceTable, context: CompileContext): LoweredTable {
  const ports = servicePorts.map((port) => lowerServicePort(port, context));
  return { ports, chains: ports.flatMap(({ chains }) => chains) };
}

/** As kube-proxy sets them at its start. The setting is IPv4's: IPv6 has no route_localnet. */
function requiredSysctls({ localhostNodePorts }: ProxySettings): readonly RequiredSysctl[] {
  if (!localhostNodePorts) return [];
  const purpose = 'without it the kernel drops what this node sends to nodePorts on 127.0.0.1';
  return [{ key: ROUTE_LOCALNET, value: '1', purpose }];
}
