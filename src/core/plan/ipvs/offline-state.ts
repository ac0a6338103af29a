import { ipFamilies, ipFromNumber, type Ip } from '../../model/ip.ts';
import type { IpSet } from '../../ruleset/ip-set.ts';
import { kubeSetName } from '../../ruleset/kube-ip-sets.ts';
import type { IpvsTable } from '../../ruleset/virtual-server.ts';
import { isKubeProxySet } from '../cleanup/kube-sets.ts';
import { itemOf, type IpvsPlan } from './ipvs-plan.ts';
import type { IpvsItem } from './ipvs-item.ts';
import type { IpvsState } from './ipvs-state.ts';

/** Dumps in place of a node; undefined for what there is none of. */
export interface IpvsDumps {
  readonly servers: IpvsTable | undefined;
  /** By name. */
  readonly sets: ReadonlyMap<string, IpSet> | undefined;
}

/** What dumps tell of a node: kube-proxy keeps a set of the addresses of kube-ipvs0. */
export function offlineState({ servers, sets }: IpvsDumps): IpvsState {
  const own = [...(sets?.values() ?? [])].filter(({ name }) => isKubeProxySet(name));
  const addresses = ipFamilies.flatMap((family) => addressesOf(sets?.get(kubeSetName('IPVS-IPS', family))));
  return {
    virtualServers: servers?.virtualServers ?? [],
    sets: own.map((set) => ({ ...set, references: undefined })),
    addresses: own.length === 0 ? undefined : addresses,
    timeouts: undefined,
  };
}

function addressesOf(set: IpSet | undefined): readonly Ip[] {
  return (set?.entries ?? []).flatMap(({ parts: [part] }) =>
    part?.kind === 'network' ? [ipFromNumber(part.network.family, part.network.base)] : [],
  );
}

const OF_SERVERS: ReadonlySet<IpvsItem['object']> = new Set(['virtual-server', 'real-server']);
const OF_SETS: ReadonlySet<IpvsItem['object']> = new Set(['set', 'member']);

/** The changes that the dumps can tell of. None holds the link and its addresses. */
export function knownChanges({ changes, notes }: IpvsPlan, { servers, sets }: IpvsDumps): IpvsPlan {
  const isKnown = ({ object }: IpvsItem): boolean =>
    (servers !== undefined && OF_SERVERS.has(object)) || (sets !== undefined && OF_SETS.has(object));
  return { changes: changes.filter((change) => isKnown(itemOf(change))), notes };
}
