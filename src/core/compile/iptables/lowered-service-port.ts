import type {
  HealthChecksView,
  NodePortsChainView,
  ProxyFirewallView,
  RefusedExternalsView,
  RefusedServicesView,
  ServicesChainView,
} from '../../render/shapes/dispatch-chains.ts';
import type { CompiledChain } from '../../ruleset/compiled-rules.ts';

/** What one service port adds: entries in the shared chains, and chains of its own. */
export interface LoweredServicePort {
  /** nat/KUBE-SERVICES */
  readonly frontends: ServicesChainView['frontends'];
  /** nat/KUBE-NODEPORTS */
  readonly nodePorts: NodePortsChainView['nodePorts'];
  /** filter/KUBE-SERVICES */
  readonly refusedServices: RefusedServicesView['frontends'];
  /** filter/KUBE-EXTERNAL-SERVICES */
  readonly refusedExternals: RefusedExternalsView['frontends'];
  /** filter/KUBE-PROXY-FIREWALL */
  readonly firewalled: ProxyFirewallView['frontends'];
  /** filter/KUBE-NODEPORTS */
  readonly healthChecks: HealthChecksView['healthChecks'];
  readonly chains: readonly CompiledChain[];
}
