import type { TemplateSet } from '../../render/template-set.ts';
import type { ProxySettings } from '../../services/proxy-settings.ts';
import type { ServicePortEntry } from '../../services/service-port.ts';
import type { ServiceTable } from '../../services/service-table.ts';
import { appendTo } from '../../util/append.ts';
import { compareStrings } from '../../util/order.ts';
import {
  ROUTE_LOCALNET,
  tableNames,
  type CompiledChain,
  type CompiledRules,
  type RequiredSysctl,
} from '../../ruleset/compiled-rules.ts';
import { builtInChains } from './built-in-chains.ts';
import { LARGE_CLUSTER_ENDPOINTS, type CompileContext, type IptablesFeatures } from './compile-context.ts';
import { lowerServicePort } from './lower-service-port.ts';
import type { LoweredServicePort } from './lowered-service-port.ts';
import { sharedChains } from './shared-chains.ts';

export interface IptablesOptions {
  readonly features: IptablesFeatures;
  /** A user's own templates; the built-in ones for what is missing. */
  readonly templates?: TemplateSet | undefined;
  readonly onChains?: OnChains | undefined;
}

/**
 * Called with the chains of service ports as soon as they are lowered, those of some hundred service ports at a time; all that the rules of a
 * part jump to are in it, but KUBE-MARK-MASQ.
 */
export type OnChains = (chains: readonly CompiledChain[]) => void;

/** Service ports: enough chains that it pays to sort them, and few enough that nobody waits long for the first. */
const PART = 250;

/** Lowers a ServiceTable to the chains that kube-proxy v1.36 programs in iptables mode. */
export function compileIptables(table: ServiceTable, settings: ProxySettings, options: IptablesOptions): CompiledRules {
  const context: CompileContext = {
    settings,
    features: options.features,
    comments: table.endpointCount <= LARGE_CLUSTER_ENDPOINTS,
    templates: options.templates,
  };
  const lowered = lowerInParts(table.servicePorts, context, options.onChains);
  // The kernel prints chains by name.
  const own = [...sharedChains(lowered, context), ...lowered.flatMap((port) => port.chains)];
  own.sort((a, b) => compareStrings(a.name, b.name));
  const builtIn = builtInChains(options.templates);
  return {
    family: table.family,
    chains: tableNames.flatMap((name) => [
      ...builtIn.filter((chain) => chain.table === name),
      ...own.filter((chain) => chain.table === name),
    ]),
    sysctls: requiredSysctls(settings),
  };
}

function lowerInParts(
  ports: readonly ServicePortEntry[],
  context: CompileContext,
  onChains: OnChains = () => {},
): readonly LoweredServicePort[] {
  const lowered: LoweredServicePort[] = [];
  for (let start = 0; start < ports.length; start += PART) {
    const part = ports.slice(start, start + PART).map((port) => lowerServicePort(port, context));
    onChains(part.flatMap(({ chains }) => chains));
    appendTo(lowered, part);
  }
  return lowered;
}

/** As kube-proxy sets them at its start. The setting is IPv4's: IPv6 has no route_localnet. */
function requiredSysctls({ localhostNodePorts }: ProxySettings): readonly RequiredSysctl[] {
  if (!localhostNodePorts) return [];
  const purpose = 'without it the kernel drops what this node sends to nodePorts on 127.0.0.1';
  return [{ key: ROUTE_LOCALNET, value: '1', purpose }];
}
