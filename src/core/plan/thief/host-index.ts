import type { IpNetwork } from '../../ruleset/rule-values.ts';
import type { Rule } from '../../ruleset/rule.ts';
import type { Frontend } from './frontend.ts';
import { canBeLocal } from './match-frontend.ts';

interface Placed {
  readonly base: bigint;
  readonly place: number;
  readonly frontend: Frontend;
}

/** Finds the frontends in a range of addresses without a look at the others: those of one host, sorted by it. */
export class HostIndex {
  readonly #all: readonly Frontend[];
  #hosts: readonly Placed[] | undefined;
  /** On any address of the node. */
  #anywhere: readonly Placed[] = [];
  /** A user's template may serve whole networks. */
  #wide: readonly Placed[] = [];

  constructor(frontends: readonly Frontend[]) {
    this.#all = frontends;
  }

  /** All that a rule for these destinations can match, and perhaps more; in the order in which they were given. */
  candidates({ destination, ...rule }: Rule, local: boolean): readonly Frontend[] {
    const network = destination?.negated === false ? destination.network : undefined;
    if (network === undefined || !isPrefix(network)) return this.#all;
    const hosts = (this.#hosts ??= this.#sort());
    const last = network.base | (allBits(network) ^ network.mask);
    const found = [...this.#wide];
    if (canBeLocal({ ...rule, destination }, network, local)) found.push(...this.#anywhere);
    for (let i = firstFrom(hosts, network.base); i < hosts.length; i++) {
      const host = hosts[i];
      if (host === undefined || host.base > last) break;
      found.push(host);
    }
    return found.sort((a, b) => a.place - b.place).map(({ frontend }) => frontend);
  }

  #sort(): readonly Placed[] {
    const placed = this.#all.map((frontend, place) => ({ base: frontend.host?.base ?? 0n, place, frontend }));
    this.#anywhere = placed.filter(({ frontend }) => frontend.host === undefined);
    this.#wide = placed.filter(({ frontend: { host } }) => host !== undefined && host.mask !== allBits(host));
    const hosts = placed.filter(({ frontend: { host } }) => host !== undefined && host.mask === allBits(host));
    return hosts.sort((a, b) => (a.base < b.base ? -1 : a.base > b.base ? 1 : a.place - b.place));
  }
}

function allBits({ family }: IpNetwork): bigint {
  return (1n << (family === 'ipv4' ? 32n : 128n)) - 1n;
}

/** Masks with holes, such as `255.0.255.0`, are no range. */
function isPrefix(network: IpNetwork): boolean {
  const rest = allBits(network) ^ network.mask;
  return (rest & (rest + 1n)) === 0n;
}

/** The first place whose address is not below `base`. */
function firstFrom(hosts: readonly Placed[], base: bigint): number {
  let [low, high] = [0, hosts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((hosts[middle]?.base ?? base) < base) low = middle + 1;
    else high = middle;
  }
  return low;
}
