import type { IpFamily } from '../../model/ip.ts';
import type { IpvsTimeouts } from '../../model/proxy-config.ts';
import { virtualServerKey, type Persistence } from '../../ruleset/virtual-server.ts';
import type { IpvsItem, IpvsObject, RealServerSettings } from '../ipvs/ipvs-item.ts';
import { itemOf, type IpvsChange, type IpvsPlan } from '../ipvs/ipvs-plan.ts';
import { summarizeIpvs, type IpvsSummaryItem } from '../ipvs/summarize-ipvs.ts';

/** The part of a plan document that is about IPVS; docs/ipvs.md has each field. */
export interface IpvsPlanData {
  readonly summary: readonly IpvsSummaryItem[];
  readonly changes: readonly IpvsChangeData[];
  readonly notes: readonly string[];
}

export interface IpvsChangeData {
  readonly kind: 'add' | 'remove' | 'change';
  readonly object: IpvsObject;
  /** Of a member. */
  readonly set?: string;
  /** Of a real server: `tcp 10.96.0.1:80`. */
  readonly server?: string;
  readonly name: string;
  readonly service?: string;
  readonly reason: string;
  /** Left out where the item has nothing but its name. */
  readonly previous?: IpvsValueData;
  readonly next?: IpvsValueData;
}

export interface IpvsValueData {
  readonly type?: string;
  readonly family?: IpFamily;
  readonly header?: readonly string[];
  readonly scheduler?: string;
  readonly flags?: readonly string[];
  readonly persistence?: { readonly seconds: number; readonly prefix?: number };
  readonly persistenceEngine?: string;
  readonly onePacket?: true;
  readonly forwarding?: RealServerSettings['forwarding'];
  readonly weight?: number;
  readonly tunnel?: readonly string[];
  readonly tcp?: number;
  readonly tcpFin?: number;
  readonly udp?: number;
}

export function ipvsPlanData(plan: IpvsPlan): IpvsPlanData {
  return { summary: summarizeIpvs(plan), changes: plan.changes.map(changeDataOf), notes: plan.notes };
}

function changeDataOf(change: IpvsChange): IpvsChangeData {
  const { previous, next, service, reason } = change;
  const item = itemOf(change);
  const [before, after] = [valueData(previous), valueData(next)];
  return {
    kind: previous === undefined ? 'add' : next === undefined ? 'remove' : 'change',
    object: item.object,
    ...(item.object === 'member' ? { set: item.set } : {}),
    ...(item.object === 'real-server' ? { server: virtualServerKey({ address: item.server }) } : {}),
    name: item.name,
    ...(service === undefined ? {} : { service }),
    reason,
    ...(before === undefined ? {} : { previous: before }),
    ...(after === undefined ? {} : { next: after }),
  };
}

function valueData(item: IpvsItem | undefined): IpvsValueData | undefined {
  switch (item?.object) {
    case undefined:
    case 'link':
    case 'address':
    case 'member':
      return undefined;
    case 'timeouts':
      return timeoutsData(item.value);
    case 'set':
      return { type: item.value.type, family: item.value.family, header: item.value.header };
    case 'virtual-server': {
      const { scheduler, schedulerFlags: flags, persistence, persistenceEngine, onePacket } = item.value;
      return {
        scheduler,
        flags,
        ...(persistence === undefined ? {} : { persistence: persistenceData(persistence) }),
        ...(persistenceEngine === undefined ? {} : { persistenceEngine }),
        ...(onePacket ? { onePacket } : {}),
      };
    }
    case 'real-server': {
      const { forwarding, weight, tunnel } = item.value;
      return { forwarding, weight, ...(tunnel.length === 0 ? {} : { tunnel }) };
    }
  }
}

function timeoutsData({ tcp, tcpFin, udp }: IpvsTimeouts): IpvsValueData {
  return { tcp, tcpFin, udp };
}

function persistenceData({ seconds, prefix }: Persistence): NonNullable<IpvsValueData['persistence']> {
  return prefix === undefined ? { seconds } : { seconds, prefix };
}
