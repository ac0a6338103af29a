import type { Ip, IpFamily } from '../../../model/ip.ts';
import type { KubeSet } from '../../../ruleset/kube-ip-sets.ts';
import {
  realServerKey,
  virtualServerKey,
  type IpvsTable,
  type VirtualServer,
} from '../../../ruleset/virtual-server.ts';
import { sortedBy } from '../../../util/order.ts';
import { familyOf } from '../../ipvs/virtual-server-index.ts';
import type { KubeMembers } from '../../ipvs/kube-members.ts';
import type { FrontendKind } from '../decoded-rules.ts';

/** An address and port of the IPVS mode, or a node port on all addresses of the node, as virtual servers and sets have it. */
export interface IpvsDraft {
  readonly kind: FrontendKind;
  /** Undefined for a virtual server that is found by a mark. */
  readonly protocol: string | undefined;
  /** Undefined for node ports and marks. */
  readonly ip: Ip | undefined;
  readonly port: number | undefined;
  /** None where nothing but a set names it; one for all ports of the address serves it as well. All have the same real servers. */
  readonly servers: readonly VirtualServer[];
  /** `tcp 10.96.0.1:443`, of each address, also where there is no virtual server. */
  readonly keys: readonly string[];
  /** Those that name it; undefined where no sets were given. */
  readonly sets: readonly KubeSet[] | undefined;
}

const BY_ADDRESS: readonly KubeSet[] = [
  'CLUSTER-IP',
  'EXTERNAL-IP',
  'EXTERNAL-IP-LOCAL',
  'LOAD-BALANCER',
  'LOAD-BALANCER-FW',
  'LOAD-BALANCER-LOCAL',
];

const NODE_PORTS: readonly (readonly [string, KubeSet])[] = [
  ['tcp', 'NODE-PORT-TCP'],
  ['tcp', 'NODE-PORT-LOCAL-TCP'],
  ['udp', 'NODE-PORT-UDP'],
  ['udp', 'NODE-PORT-LOCAL-UDP'],
];

const SCTP_NODE_PORTS: readonly KubeSet[] = ['NODE-PORT-SCTP-HASH', 'NODE-PORT-LOCAL-SCTP-HASH'];

/** What makes two virtual servers do the same with packets. */
export function signatureOf(server: VirtualServer): string {
  const servers = server.realServers.map((real) => `${realServerKey(real)} ${real.weight} ${real.forwarding}`).sort();
  return `${stickinessOf(server)} ${servers.join(',')}`;
}

/** How it chooses, whatever there is to choose from. */
export function stickinessOf({ scheduler, schedulerFlags, persistence, onePacket }: VirtualServer): string {
  const flags = schedulerFlags.join(',');
  return `${scheduler} ${flags} ${persistence?.seconds ?? '-'}/${persistence?.prefix ?? '-'} ${onePacket ? 'ops' : ''}`;
}

/** Whether sets say that its external traffic has the policy Local. */
export function isLocalPolicy({ sets }: IpvsDraft): boolean {
  return sets?.some((set) => set.includes('-LOCAL')) === true;
}

/** In the order of kinds, then by address and port. */
export function ipvsDrafts(
  family: IpFamily,
  ipvs: IpvsTable | undefined,
  members: KubeMembers | undefined,
): readonly IpvsDraft[] {
  const named = namedAddresses(members);
  const nodePorts = namedNodePorts(members);
  const drafts: IpvsDraft[] = [];
  const nodePortServers = new Map<string, VirtualServer[]>();
  const allPorts = new Map<string, VirtualServer>();
  for (const server of ipvs?.virtualServers ?? []) {
    if (familyOf(server.address) !== family) continue;
    const key = virtualServerKey(server);
    const { address } = server;
    if (address.kind === 'mark') {
      drafts.push({ ...NOWHERE, kind: 'virtual-server', servers: [server], keys: [key], sets: members && [] });
      continue;
    }
    const { protocol, ip, port } = address;
    if (port === 0) allPorts.set(`${protocol} ${ip.text}`, server);
    const sets = named.get(key)?.sets;
    named.delete(key);
    const nodePort = `${protocol} ${port}`;
    if (sets === undefined && nodePorts.has(nodePort)) {
      const group = `${nodePort} ${signatureOf(server)}`;
      nodePortServers.set(group, [...(nodePortServers.get(group) ?? []), server]);
    } else {
      const kind = sets === undefined ? 'virtual-server' : kindOf(sets);
      drafts.push({ kind, protocol, ip, port, servers: [server], keys: [key], sets: sets ?? (members && []) });
    }
  }
  for (const [key, { sets, protocol, ip, port }] of named) {
    const server = allPorts.get(`${protocol} ${ip.text}`);
    const servers = server === undefined ? [] : [server];
    drafts.push({ kind: kindOf(sets), protocol, ip, port, servers, keys: [key], sets });
  }
  return sortDrafts([...drafts, ...nodePortDrafts(nodePorts, [...nodePortServers.values()])]);
}

const NOWHERE = { protocol: undefined, ip: undefined, port: undefined };

interface Named {
  readonly protocol: string;
  readonly ip: Ip;
  readonly port: number;
  readonly sets: KubeSet[];
}

function namedAddresses(members: KubeMembers | undefined): Map<string, Named> {
  const named = new Map<string, Named>();
  for (const set of members === undefined ? [] : BY_ADDRESS) {
    for (const { key, protocol, ip, port } of members?.frontends(set) ?? []) {
      const known = named.get(key);
      if (known === undefined) named.set(key, { protocol, ip, port, sets: [set] });
      else if (!known.sets.includes(set)) known.sets.push(set);
    }
  }
  return named;
}

/** `tcp 30080`, with the sets that have it. */
function namedNodePorts(members: KubeMembers | undefined): ReadonlyMap<string, readonly KubeSet[]> {
  const found = new Map<string, KubeSet[]>();
  const add = (protocol: string, port: number, set: KubeSet): void => {
    const key = `${protocol} ${port}`;
    const sets = found.get(key);
    if (sets === undefined) found.set(key, [set]);
    else if (!sets.includes(set)) sets.push(set);
  };
  for (const [protocol, set] of NODE_PORTS) {
    for (const port of members?.ports(set) ?? []) add(protocol, port, set);
  }
  for (const set of SCTP_NODE_PORTS) {
    for (const { protocol, port } of members?.frontends(set) ?? []) add(protocol, port, set);
  }
  return found;
}

function nodePortDrafts(
  named: ReadonlyMap<string, readonly KubeSet[]>,
  groups: readonly (readonly VirtualServer[])[],
): readonly IpvsDraft[] {
  const served = new Set<string>();
  const drafts = groups.flatMap((servers): readonly IpvsDraft[] => {
    const [first] = servers;
    if (first?.address.kind !== 'address') return [];
    const { protocol, port } = first.address;
    served.add(`${protocol} ${port}`);
    const sets = named.get(`${protocol} ${port}`) ?? [];
    return [{ kind: 'node-port', protocol, ip: undefined, port, servers, keys: servers.map(virtualServerKey), sets }];
  });
  const left = [...named].filter(([key]) => !served.has(key));
  return [
    ...drafts,
    ...left.map(([key, sets]): IpvsDraft => {
      const [protocol, port] = key.split(' ');
      return { kind: 'node-port', protocol, ip: undefined, port: Number(port), servers: [], keys: [], sets };
    }),
  ];
}

function kindOf(sets: readonly KubeSet[]): FrontendKind {
  if (sets.includes('CLUSTER-IP')) return 'cluster-ip';
  const isExternal = sets.includes('EXTERNAL-IP') || sets.includes('EXTERNAL-IP-LOCAL');
  if (!isExternal) return 'load-balancer-ip';
  return sets.some((set) => set.startsWith('LOAD-BALANCER')) ? 'external' : 'external-ip';
}

const KINDS: readonly FrontendKind[] = [
  'cluster-ip',
  'external-ip',
  'load-balancer-ip',
  'external',
  'node-port',
  'virtual-server',
];

export function sortDrafts(drafts: readonly IpvsDraft[]): readonly IpvsDraft[] {
  return sortedBy(
    drafts,
    ({ kind }) => KINDS.indexOf(kind),
    ({ ip }) => ip?.text ?? '',
    ({ port }) => port ?? 0,
    ({ protocol }) => protocol ?? '',
    ({ keys }) => keys[0] ?? '',
  );
}
