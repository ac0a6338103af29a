import type { Shape, ViewOf } from './shape.ts';
import {
  healthChecksShape,
  nodePortsChainShape,
  proxyFirewallShape,
  refusedExternalsShape,
  refusedServicesShape,
  servicesChainShape,
} from './shapes/dispatch-chains.ts';
import { constantShape, firewallShape, forwardShape, markMasqShape, postroutingShape } from './shapes/fixed-chains.ts';
import {
  ipvsFilterShape,
  ipvsFirewallShape,
  ipvsForwardShape,
  ipvsHealthCheckShape,
  ipvsLoadBalancerShape,
  ipvsNodePortShape,
  ipvsOutFilterShape,
  ipvsPostroutingShape,
  ipvsServicesShape,
  ipvsSourceRangesShape,
} from './shapes/ipvs-chains.ts';
import {
  endpointChainShape,
  externalChainShape,
  firewallChainShape,
  policyChainShape,
} from './shapes/service-chains.ts';

/**
 * Every template of a chain with the shape of its view: TABLE/CHAIN as its file under templates/iptables is named, and with the folder
 * before it where the ipvs mode has another one of that name.
 */
export interface ChainShapes {
  readonly 'mangle/KUBE-PROXY-CANARY': typeof constantShape;
  readonly 'filter/INPUT': typeof constantShape;
  readonly 'filter/FORWARD': typeof constantShape;
  readonly 'filter/OUTPUT': typeof constantShape;
  readonly 'filter/KUBE-EXTERNAL-SERVICES': typeof refusedExternalsShape;
  readonly 'filter/KUBE-FIREWALL': typeof firewallShape;
  readonly 'filter/KUBE-FORWARD': typeof forwardShape;
  readonly 'filter/KUBE-NODEPORTS': typeof healthChecksShape;
  readonly 'filter/KUBE-PROXY-CANARY': typeof constantShape;
  readonly 'filter/KUBE-PROXY-FIREWALL': typeof proxyFirewallShape;
  readonly 'filter/KUBE-SERVICES': typeof refusedServicesShape;
  readonly 'nat/PREROUTING': typeof constantShape;
  readonly 'nat/OUTPUT': typeof constantShape;
  readonly 'nat/POSTROUTING': typeof constantShape;
  readonly 'nat/KUBE-EXT': typeof externalChainShape;
  readonly 'nat/KUBE-FW': typeof firewallChainShape;
  readonly 'nat/KUBE-MARK-MASQ': typeof markMasqShape;
  readonly 'nat/KUBE-NODEPORTS': typeof nodePortsChainShape;
  readonly 'nat/KUBE-POSTROUTING': typeof postroutingShape;
  readonly 'nat/KUBE-PROXY-CANARY': typeof constantShape;
  readonly 'nat/KUBE-SEP': typeof endpointChainShape;
  readonly 'nat/KUBE-SERVICES': typeof servicesChainShape;
  readonly 'nat/KUBE-SVC': typeof policyChainShape;
  readonly 'nat/KUBE-SVL': typeof policyChainShape;
  readonly 'iptables-ipvs/filter/INPUT': typeof constantShape;
  readonly 'iptables-ipvs/filter/FORWARD': typeof constantShape;
  readonly 'iptables-ipvs/filter/OUTPUT': typeof constantShape;
  readonly 'iptables-ipvs/filter/KUBE-FORWARD': typeof ipvsForwardShape;
  readonly 'iptables-ipvs/filter/KUBE-IPVS-FILTER': typeof ipvsFilterShape;
  readonly 'iptables-ipvs/filter/KUBE-IPVS-OUT-FILTER': typeof ipvsOutFilterShape;
  readonly 'iptables-ipvs/filter/KUBE-NODE-PORT': typeof ipvsHealthCheckShape;
  readonly 'iptables-ipvs/filter/KUBE-PROXY-FIREWALL': typeof ipvsFirewallShape;
  readonly 'iptables-ipvs/filter/KUBE-SOURCE-RANGES-FIREWALL': typeof ipvsSourceRangesShape;
  readonly 'iptables-ipvs/nat/KUBE-LOAD-BALANCER': typeof ipvsLoadBalancerShape;
  readonly 'iptables-ipvs/nat/KUBE-NODE-PORT': typeof ipvsNodePortShape;
  readonly 'iptables-ipvs/nat/KUBE-POSTROUTING': typeof ipvsPostroutingShape;
  readonly 'iptables-ipvs/nat/KUBE-SERVICES': typeof ipvsServicesShape;
}

export type TemplateName = keyof ChainShapes;

/** The view that a template is given. */
export type ViewFor<N extends TemplateName> = ViewOf<ChainShapes[N]>;

export const chainShapes: ChainShapes & { readonly [N in TemplateName]: Shape } = {
  'mangle/KUBE-PROXY-CANARY': constantShape,
  'filter/INPUT': constantShape,
  'filter/FORWARD': constantShape,
  'filter/OUTPUT': constantShape,
  'filter/KUBE-EXTERNAL-SERVICES': refusedExternalsShape,
  'filter/KUBE-FIREWALL': firewallShape,
  'filter/KUBE-FORWARD': forwardShape,
  'filter/KUBE-NODEPORTS': healthChecksShape,
  'filter/KUBE-PROXY-CANARY': constantShape,
  'filter/KUBE-PROXY-FIREWALL': proxyFirewallShape,
  'filter/KUBE-SERVICES': refusedServicesShape,
  'nat/PREROUTING': constantShape,
  'nat/OUTPUT': constantShape,
  'nat/POSTROUTING': constantShape,
  'nat/KUBE-EXT': externalChainShape,
  'nat/KUBE-FW': firewallChainShape,
  'nat/KUBE-MARK-MASQ': markMasqShape,
  'nat/KUBE-NODEPORTS': nodePortsChainShape,
  'nat/KUBE-POSTROUTING': postroutingShape,
  'nat/KUBE-PROXY-CANARY': constantShape,
  'nat/KUBE-SEP': endpointChainShape,
  'nat/KUBE-SERVICES': servicesChainShape,
  'nat/KUBE-SVC': policyChainShape,
  'nat/KUBE-SVL': policyChainShape,
  'iptables-ipvs/filter/INPUT': constantShape,
  'iptables-ipvs/filter/FORWARD': constantShape,
  'iptables-ipvs/filter/OUTPUT': constantShape,
  'iptables-ipvs/filter/KUBE-FORWARD': ipvsForwardShape,
  'iptables-ipvs/filter/KUBE-IPVS-FILTER': ipvsFilterShape,
  'iptables-ipvs/filter/KUBE-IPVS-OUT-FILTER': ipvsOutFilterShape,
  'iptables-ipvs/filter/KUBE-NODE-PORT': ipvsHealthCheckShape,
  'iptables-ipvs/filter/KUBE-PROXY-FIREWALL': ipvsFirewallShape,
  'iptables-ipvs/filter/KUBE-SOURCE-RANGES-FIREWALL': ipvsSourceRangesShape,
  'iptables-ipvs/nat/KUBE-LOAD-BALANCER': ipvsLoadBalancerShape,
  'iptables-ipvs/nat/KUBE-NODE-PORT': ipvsNodePortShape,
  'iptables-ipvs/nat/KUBE-POSTROUTING': ipvsPostroutingShape,
  'iptables-ipvs/nat/KUBE-SERVICES': ipvsServicesShape,
};

export function isTemplateName(text: string): text is TemplateName {
  return Object.hasOwn(chainShapes, text);
}
