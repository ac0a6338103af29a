import { Option } from 'commander';
import { ipvsSchedulers } from '../../core/model/ipvs-schedulers.ts';
import { collectList, collectSwitches, parseBoolean, parseInteger } from './parsers.ts';
import { RepeatableOption } from './repeatable-option.ts';

/** A flag of kube-proxy, and the field of KubeProxyConfiguration that it sets. */
export interface ProxyFlag {
  readonly name: string;
  readonly field: readonly string[];
  readonly takes: 'text' | 'boolean' | 'integer' | 'list' | 'switches';
  readonly placeholder: string;
  readonly description: string;
  readonly choices?: readonly string[];
}

const text = { takes: 'text' } as const;
const boolean = { takes: 'boolean', placeholder: 'bool' } as const;

/** Those that shape rules, under kube-proxy's own names. */
export const proxyFlags: readonly ProxyFlag[] = [
  {
    ...text,
    name: 'proxy-mode',
    field: ['mode'],
    placeholder: 'mode',
    description: 'what kube-proxy makes of Services',
    choices: ['iptables', 'ipvs', 'nftables'],
  },
  {
    ...text,
    name: 'cluster-cidr',
    field: ['clusterCIDR'],
    placeholder: 'cidrs',
    description: 'the range of Pod addresses; two for dual stack: IPV4,IPV6',
  },
  {
    ...text,
    name: 'detect-local-mode',
    field: ['detectLocalMode'],
    placeholder: 'mode',
    description: 'how traffic of local Pods is told from other traffic',
    choices: ['ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix'],
  },
  {
    ...text,
    name: 'pod-bridge-interface',
    field: ['detectLocal', 'bridgeInterface'],
    placeholder: 'name',
    description: 'for BridgeInterface: the bridge that all local Pods are on',
  },
  {
    ...text,
    name: 'pod-interface-name-prefix',
    field: ['detectLocal', 'interfaceNamePrefix'],
    placeholder: 'prefix',
    description: "for InterfaceNamePrefix: how the names of Pods' interfaces begin",
  },
  {
    ...boolean,
    name: 'masquerade-all',
    field: ['iptables', 'masqueradeAll'],
    description: 'masquerade all traffic to clusterIPs',
  },
  {
    name: 'iptables-masquerade-bit',
    field: ['iptables', 'masqueradeBit'],
    takes: 'integer',
    placeholder: 'bit',
    description: 'the bit of the packet mark that asks for masquerading, 0 to 31',
  },
  {
    ...boolean,
    name: 'iptables-localhost-nodeports',
    field: ['iptables', 'localhostNodePorts'],
    description: 'answer nodePorts on 127.0.0.1 too',
  },
  {
    name: 'nodeport-addresses',
    field: ['nodePortAddresses'],
    takes: 'list',
    placeholder: 'cidrs',
    description: 'the local addresses on which nodePorts answer, or primary',
  },
  {
    ...text,
    name: 'bind-address',
    field: ['bindAddress'],
    placeholder: 'ip',
    description: "the node's address of its family",
  },
  {
    ...text,
    name: 'hostname-override',
    field: ['hostnameOverride'],
    placeholder: 'name',
    description: 'the name of the node; --node wins',
  },
  {
    ...boolean,
    name: 'conntrack-tcp-be-liberal',
    field: ['conntrack', 'tcpBeLiberal'],
    description: 'leave out the rule that drops INVALID packets',
  },
  {
    ...text,
    name: 'ipvs-scheduler',
    field: ['ipvs', 'scheduler'],
    placeholder: 'name',
    description: 'for ipvs: how connections are shared out',
    choices: ipvsSchedulers,
  },
  {
    name: 'ipvs-exclude-cidrs',
    field: ['ipvs', 'excludeCIDRs'],
    takes: 'list',
    placeholder: 'cidrs',
    description: "for ipvs: addresses whose virtual servers are somebody else's",
  },
  {
    ...boolean,
    name: 'ipvs-strict-arp',
    field: ['ipvs', 'strictARP'],
    description: 'for ipvs: do not answer ARP for the addresses of Services',
  },
  {
    ...text,
    name: 'ipvs-tcp-timeout',
    field: ['ipvs', 'tcpTimeout'],
    placeholder: 'time',
    description: 'for ipvs: how long idle TCP connections are kept, such as 15m',
  },
  {
    ...text,
    name: 'ipvs-tcpfin-timeout',
    field: ['ipvs', 'tcpFinTimeout'],
    placeholder: 'time',
    description: 'for ipvs: how long TCP connections are kept after a FIN',
  },
  {
    ...text,
    name: 'ipvs-udp-timeout',
    field: ['ipvs', 'udpTimeout'],
    placeholder: 'time',
    description: 'for ipvs: how long idle UDP connections are kept',
  },
  {
    name: 'feature-gates',
    field: ['featureGates'],
    takes: 'switches',
    placeholder: 'gate=bool',
    description: 'only AllowServiceExternalIPs shapes rules: without it externalIPs have none',
  },
];

const PARSER: { readonly [T in ProxyFlag['takes']]: (value: string, before: unknown) => unknown } = {
  text: (value) => value,
  boolean: parseBoolean,
  integer: parseInteger,
  list: collectList,
  switches: collectSwitches,
};

/** As kube-proxy's: `--flag` alone means true, `--flag=false` turns it off. */
export function proxyOption(flag: ProxyFlag): Option {
  const addsUp = flag.takes === 'list' || flag.takes === 'switches';
  const option = new (addsUp ? RepeatableOption : Option)(optionFlags(flag), flag.description);
  return flag.choices === undefined ? option.argParser(PARSER[flag.takes]) : option.choices(flag.choices);
}

function optionFlags({ name, takes, placeholder }: ProxyFlag): string {
  return takes === 'boolean' ? `--${name} [${placeholder}]` : `--${name} <${placeholder}>`;
}

/** The key under which commander stores an option. */
export function attributeOf({ name }: ProxyFlag): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
