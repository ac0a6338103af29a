// How a plan is carried out: in an order in which no packet of a Service that stays goes astray.
//
//   prepare   sets that rules will name; nothing asks them yet, so they are no change by themselves
//   before    members, addresses, virtual servers, new real servers: then the rules can be loaded
//   retire    what takes no new connections: no members that let them in, weight 0
//   (drain)   until their connections have ended
//   after     real servers, virtual servers, addresses, sets, the link
//
// A nodePort's member and a clusterIP's address tell whose a virtual server is: they come before it, and go after it.
import type { Ip } from '../../model/ip.ts';
import type { IpvsTimeouts } from '../../model/proxy-config.ts';
import type { IpSet, IpSetEntry } from '../../ruleset/ip-set.ts';
import { virtualServerKey, type RealServer, type VirtualAddress } from '../../ruleset/virtual-server.ts';
import type { RealServerItem, ServerSettings } from './ipvs-item.ts';
import { itemOf, type IpvsPlan } from './ipvs-plan.ts';
import type { IpvsState } from './ipvs-state.ts';
import { setSteps, type SetSteps } from './set-steps.ts';

export type IpvsStep =
  | { readonly kind: 'set-timeouts'; readonly timeouts: IpvsTimeouts }
  /** With their members. */
  | { readonly kind: 'create-sets'; readonly sets: readonly IpSet[] }
  | { readonly kind: 'replace-set'; readonly set: IpSet }
  | {
      readonly kind: 'add-members' | 'delete-members';
      readonly set: Pick<IpSet, 'name' | 'type' | 'family'>;
      readonly entries: readonly IpSetEntry[];
    }
  | { readonly kind: 'destroy-sets'; readonly names: readonly string[] }
  | { readonly kind: 'create-link' | 'delete-link' }
  | { readonly kind: 'add-addresses' | 'delete-addresses'; readonly addresses: readonly Ip[] }
  | { readonly kind: 'change-servers'; readonly changes: readonly ServerChange[] };

export type ServerChange =
  | {
      readonly kind: 'add-server' | 'edit-server';
      readonly address: VirtualAddress;
      readonly settings: ServerSettings;
    }
  | { readonly kind: 'delete-server'; readonly address: VirtualAddress }
  | {
      readonly kind: 'add-real-server' | 'edit-real-server' | 'delete-real-server';
      readonly address: VirtualAddress;
      readonly realServer: RealServer;
    };

/** A real server that is to end its connections before it goes. */
export interface Draining {
  readonly address: VirtualAddress;
  readonly ip: Ip;
  readonly port: number;
}

export interface IpvsSteps {
  readonly prepare: readonly IpvsStep[];
  readonly before: readonly IpvsStep[];
  readonly retire: readonly IpvsStep[];
  readonly drain: readonly Draining[];
  readonly after: readonly IpvsStep[];
}

/** @param drains false: what goes goes at once */
export function ipvsSteps(plan: IpvsPlan, state: IpvsState, drains: boolean): IpvsSteps {
  const sets = setSteps(plan, state);
  const going = goingServers(plan, drains);
  return {
    prepare: sets.create,
    before: [
      ...timeoutSteps(plan),
      ...sets.early,
      ...(comes(plan, 'link') ? [{ kind: 'create-link' } as const] : []),
      ...addressSteps(plan, 'add-addresses'),
      ...serverSteps(comingServers(plan)),
      ...sets.gates,
    ],
    retire: [...sets.closing, ...serverSteps(going.retire)],
    drain: going.drain,
    after: [...serverSteps(going.remove), ...lastSteps(plan, sets)],
  };
}

function lastSteps(plan: IpvsPlan, sets: SetSteps): readonly IpvsStep[] {
  const link: readonly IpvsStep[] = goes(plan, 'link')
    ? [{ kind: 'delete-link' }]
    : addressSteps(plan, 'delete-addresses');
  return [...link, ...sets.late, ...sets.destroy];
}

function comes({ changes }: IpvsPlan, object: 'link'): boolean {
  return changes.some(({ previous, next }) => previous === undefined && next?.object === object);
}

function goes({ changes }: IpvsPlan, object: 'link'): boolean {
  return changes.some(({ previous, next }) => next === undefined && previous?.object === object);
}

function timeoutSteps({ changes }: IpvsPlan): readonly IpvsStep[] {
  return changes.flatMap(({ next }) =>
    next?.object === 'timeouts' ? [{ kind: 'set-timeouts', timeouts: next.value } as const] : [],
  );
}

function addressSteps({ changes }: IpvsPlan, kind: 'add-addresses' | 'delete-addresses'): readonly IpvsStep[] {
  const addresses = changes.flatMap(({ previous, next }) => {
    const item = kind === 'add-addresses' ? next : next === undefined ? previous : undefined;
    return item?.object === 'address' ? [item.ip] : [];
  });
  return addresses.length === 0 ? [] : [{ kind, addresses }];
}

function serverSteps(changes: readonly ServerChange[]): readonly IpvsStep[] {
  return changes.length === 0 ? [] : [{ kind: 'change-servers', changes }];
}

function realServerOf({ ip, port, value }: RealServerItem): RealServer {
  return { ip, port, ...value };
}

/** In the plan's order: a virtual server, then its real servers. */
function comingServers({ changes }: IpvsPlan): readonly ServerChange[] {
  return changes.flatMap(({ previous, next }): readonly ServerChange[] => {
    if (next?.object === 'virtual-server') {
      const kind = previous === undefined ? 'add-server' : 'edit-server';
      return [{ kind, address: next.address, settings: next.value }];
    }
    if (next?.object !== 'real-server') return [];
    const kind = previous === undefined ? 'add-real-server' : 'edit-real-server';
    return [{ kind, address: next.server, realServer: realServerOf(next) }];
  });
}

interface GoingServers {
  readonly retire: readonly ServerChange[];
  readonly drain: readonly Draining[];
  readonly remove: readonly ServerChange[];
}

/** UDP and SCTP have no end of a connection to wait for, as far as IPVS knows, so these go at once. A virtual server goes with what it has. */
function goingServers({ changes }: IpvsPlan, drains: boolean): GoingServers {
  const going = changes.filter(({ next }) => next === undefined).map(itemOf);
  const whole = new Set(going.flatMap((item) => (item.object === 'virtual-server' ? [item.name] : [])));
  const retire: ServerChange[] = [];
  const drain: Draining[] = [];
  const remove: ServerChange[] = [];
  for (const item of going) {
    if (item.object === 'virtual-server') remove.push({ kind: 'delete-server', address: item.address });
    if (item.object !== 'real-server') continue;
    const { server: address, ip, port } = item;
    const realServer = realServerOf(item);
    if (drains && address.kind === 'address' && address.protocol === 'tcp') {
      if (realServer.weight > 0) {
        retire.push({ kind: 'edit-real-server', address, realServer: { ...realServer, weight: 0 } });
      }
      drain.push({ address, ip, port });
    }
    if (!whole.has(virtualServerKey({ address }))) remove.push({ kind: 'delete-real-server', address, realServer });
  }
  return { retire, drain, remove };
}
