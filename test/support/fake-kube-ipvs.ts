// A kernel's IPVS, sets and dummy link in memory, as strict as the real one: what is there already, or not there, is refused by name.
import { itemKey, memberItem } from '../../src/core/plan/ipvs/ipvs-item.ts';
import type { IpvsState, ObservedSet } from '../../src/core/plan/ipvs/ipvs-state.ts';
import type { Draining, IpvsStep, ServerChange } from '../../src/core/plan/ipvs/ipvs-steps.ts';
import type { IpSet, IpSetEntry } from '../../src/core/ruleset/ip-set.ts';
import { realServerKey, virtualServerKey, type VirtualServer } from '../../src/core/ruleset/virtual-server.ts';
import { HostError } from '../../src/host/host-error.ts';
import type { ExecutorName, KubeIpvs, OpenConnections } from '../../src/host/ipvs/kube-ipvs.ts';

export const EMPTY_STATE: IpvsState = {
  virtualServers: [],
  sets: [],
  addresses: undefined,
  timeouts: { tcp: 900, tcpFin: 120, udp: 300 },
};

export class FakeKubeIpvs implements KubeIpvs {
  readonly name: ExecutorName = 'netlink';
  state: IpvsState;
  /** By `tcp 10.96.0.1:80 10.244.0.7:8080`. */
  readonly open: Map<string, OpenConnections> = new Map();
  /** What was done, in order. */
  readonly done: IpvsStep[] = [];
  /** Called after each step. */
  onStep: ((state: IpvsState, step: IpvsStep) => void) | undefined;

  constructor(state: IpvsState = EMPTY_STATE) {
    this.state = state;
  }

  close(): void {}

  async hasLink(): Promise<boolean> {
    return this.state.addresses !== undefined;
  }

  async observe(): Promise<IpvsState> {
    return this.state;
  }

  async connections(of: readonly Draining[]): Promise<readonly (OpenConnections | undefined)[]> {
    return of.map(({ address, ip, port }) => {
      const key = `${virtualServerKey({ address })} ${realServerKey({ ip, port })}`;
      return this.open.get(key) ?? { active: 0, inactive: 0 };
    });
  }

  async run(steps: readonly IpvsStep[]): Promise<void> {
    for (const step of steps) {
      this.state = stateAfter(this.state, step);
      this.done.push(step);
      this.onStep?.(this.state, step);
    }
  }
}

export function stateAfter(state: IpvsState, step: IpvsStep): IpvsState {
  switch (step.kind) {
    case 'set-timeouts':
      return { ...state, timeouts: step.timeouts };
    case 'create-sets': {
      const there = new Set(state.sets.map(({ name }) => name));
      demand(!step.sets.some(({ name }) => there.has(name)), 'a set exists');
      return { ...state, sets: [...state.sets, ...step.sets.map((set) => ({ ...set, references: 0 }))] };
    }
    case 'replace-set':
      return withSet(state, step.set.name, (set) => ({ ...step.set, references: set.references }));
    case 'add-members':
      return withSet(state, step.set.name, (set) => ({ ...set, entries: joined(set, step.entries) }));
    case 'delete-members':
      return withSet(state, step.set.name, (set) => ({ ...set, entries: without(set, step.entries) }));
    case 'destroy-sets': {
      const gone = new Set(step.names);
      const going = state.sets.filter(({ name }) => gone.has(name));
      demand(going.length === gone.size && going.every(({ references }) => references === 0), 'a set is in use');
      return { ...state, sets: state.sets.filter(({ name }) => !gone.has(name)) };
    }
    case 'create-link':
      demand(state.addresses === undefined, 'the link exists');
      return { ...state, addresses: [] };
    case 'delete-link':
      demand(state.addresses !== undefined, 'there is no link');
      return { ...state, addresses: undefined };
    case 'add-addresses': {
      const there = state.addresses;
      demand(there !== undefined, 'there is no link');
      demand(!step.addresses.some((ip) => there?.some(({ text }) => text === ip.text) === true), 'an address exists');
      return { ...state, addresses: [...(there ?? []), ...step.addresses] };
    }
    case 'delete-addresses': {
      const gone = new Set(step.addresses.map(({ text }) => text));
      demand(
        [...gone].every((text) => state.addresses?.some((ip) => ip.text === text) === true),
        'no such address',
      );
      return { ...state, addresses: state.addresses?.filter(({ text }) => !gone.has(text)) };
    }
    case 'change-servers':
      return { ...state, virtualServers: step.changes.reduce(serversAfter, state.virtualServers) };
  }
}

function serversAfter(servers: readonly VirtualServer[], change: ServerChange): readonly VirtualServer[] {
  const key = virtualServerKey(change);
  const there = servers.find((server) => virtualServerKey(server) === key);
  if (change.kind === 'add-server') {
    demand(there === undefined, `the virtual server ${key} exists`);
    return [...servers, { address: change.address, ...change.settings, realServers: [] }];
  }
  demand(there !== undefined, `there is no virtual server ${key}`);
  if (there === undefined) return servers;
  const put = (server: VirtualServer): readonly VirtualServer[] => servers.map((one) => (one === there ? server : one));
  switch (change.kind) {
    case 'delete-server':
      return servers.filter((one) => one !== there);
    case 'edit-server':
      return put({ ...there, ...change.settings });
    case 'add-real-server':
    case 'edit-real-server':
    case 'delete-real-server': {
      const real = realServerKey(change.realServer);
      const isThere = there.realServers.some((one) => realServerKey(one) === real);
      demand(isThere === (change.kind !== 'add-real-server'), `${change.kind} ${real} of ${key}`);
      const others = there.realServers.filter((one) => realServerKey(one) !== real);
      const realServers = change.kind === 'delete-real-server' ? others : [...others, change.realServer];
      return put({ ...there, realServers });
    }
  }
}

function withSet(state: IpvsState, name: string, change: (set: ObservedSet) => ObservedSet): IpvsState {
  demand(
    state.sets.some((set) => set.name === name),
    `there is no set ${name}`,
  );
  return { ...state, sets: state.sets.map((set) => (set.name === name ? change(set) : set)) };
}

function textOf(set: IpSet, entry: IpSetEntry): string {
  return itemKey(memberItem(set, entry));
}

function joined(set: IpSet, entries: readonly IpSetEntry[]): readonly IpSetEntry[] {
  return [...without(set, entries), ...entries];
}

function without(set: IpSet, entries: readonly IpSetEntry[]): readonly IpSetEntry[] {
  const gone = new Set(entries.map((entry) => textOf(set, entry)));
  return set.entries.filter((entry) => !gone.has(textOf(set, entry)));
}

function demand(isGood: boolean, message: string): void {
  if (!isGood) throw new HostError(message);
}
