import type { IpFamily } from '../../model/ip.ts';
import { ipRangeMatch } from '../../ruleset/ip-range.ts';
import type { NumberRange } from '../../ruleset/rule-values.ts';
import { BROADCAST, LOCAL, OTHER, UNICAST, WITH_PORTS } from './place.ts';
import { exactPort, type RuleProgram } from './rule-program.ts';
import { rangesOf, type AddressRange, type Network } from './source-ranges.ts';

export const LAST_PORT = 65_535;

/** What an address may be of which nothing is known. */
export const FREE_TYPES: number = UNICAST | LOCAL | BROADCAST | OTHER;

/** Collects where rules and facts cut. */
export class DestinationCuts {
  readonly #family: IpFamily;
  readonly #networks = new Map<string, { readonly ranges: readonly AddressRange[]; readonly types: number }>();
  readonly #numbers = new Set<number>(WITH_PORTS);
  readonly #single = new Map<number, Set<number>>();
  readonly #starts = new Map<number, Set<number>>();

  constructor(family: IpFamily) {
    this.#family = family;
    for (const protocol of WITH_PORTS) {
      this.#single.set(protocol, new Set());
      this.#starts.set(protocol, new Set([0]));
    }
  }

  addRanges(ranges: readonly AddressRange[], types: number): void {
    const key = ranges.map(({ first, last }) => `${first}-${last}`).join();
    this.#networks.set(`${key} ${types}`, { ranges, types });
  }

  addPort(protocol: number, port: number): void {
    this.#single.get(protocol)?.add(port);
  }

  addRule({ destination, changing, read }: RuleProgram): void {
    if (destination.network !== undefined) this.#addNetwork(destination.network);
    for (const { number } of destination.protocols) this.#numbers.add(number);
    const exact = exactPort(destination);
    if (exact !== undefined) this.addPort(exact.protocol, exact.port);
    else for (const { ranges } of destination.ports) this.#addPorts(ranges);
    for (const match of changing) {
      if (match.kind === 'multiport') this.#addPorts(match.ports);
      const range = match.kind === 'opaque' ? ipRangeMatch(match, this.#family)?.destination : undefined;
      if (range !== undefined) this.addRanges([range], ~0);
      if (match.kind !== 'conntrack') continue;
      if (match.protocol !== undefined) this.#numbers.add(match.protocol.number);
      for (const side of [match.originalDestination, match.replySource])
        if (side !== undefined) this.#addNetwork(side.network);
      for (const ports of [match.originalDestinationPorts, match.replySourcePorts])
        if (ports !== undefined) this.#addPorts([ports]);
    }
    if (read.rule.protocol !== undefined) this.#numbers.add(read.rule.protocol.number);
  }

  #addNetwork(network: Network): void {
    const key = `${network.base}/${network.mask}`;
    if (this.#networks.has(key)) return;
    this.#networks.set(key, { ranges: rangesOf(network, this.#family) ?? [], types: ~0 });
  }

  #addPorts(ranges: readonly NumberRange[]): void {
    for (const { first, last } of ranges) {
      for (const starts of this.#starts.values()) {
        starts.add(first);
        if (last < LAST_PORT) starts.add(last + 1);
      }
    }
  }

  /** Every protocol that is named, and one that stands for all others. */
  protocols(): readonly number[] {
    let other = 253;
    while (this.#numbers.has(other)) other -= 1;
    return [...this.#numbers, ...(other < 0 ? [] : [other])];
  }

  singlePorts(protocol: number): Set<number> {
    return this.#single.get(protocol) ?? new Set();
  }

  portStarts(protocol: number): readonly number[] {
    return [...(this.#starts.get(protocol) ?? [0])].sort((a, b) => a - b);
  }

  /** From the lowest address to the highest; pieces with the same signature are in the same networks. */
  *pieces(): Generator<AddressRange & { readonly signature: string; readonly types: number }> {
    const end = 1n << (this.#family === 'ipv4' ? 32n : 128n);
    const events = new Map<bigint, number[]>([[0n, []]]);
    const at = (address: bigint): number[] => {
      const known = events.get(address) ?? [];
      events.set(address, known);
      return known;
    };
    const networks = [...this.#networks.values()];
    for (const [i, { ranges }] of networks.entries()) {
      for (const { first, last } of ranges) {
        at(first).push(i);
        if (last + 1n < end) at(last + 1n).push(~i);
      }
    }
    const starts = [...events.keys()].sort((a, b) => (a < b ? -1 : 1));
    const active = new Set<number>();
    for (const [i, first] of starts.entries()) {
      // Adjoining ranges of one network: it ends and begins at the same address.
      const here = (events.get(first) ?? []).sort((a, b) => a - b);
      for (const event of here) if (event < 0) active.delete(~event);
      for (const event of here) if (event >= 0) active.add(event);
      const sorted = [...active].sort((a, b) => a - b);
      const types = sorted.reduce((all, network) => all & (networks[network]?.types ?? ~0), ~0);
      const free = types === ~0 ? FREE_TYPES : types;
      yield { first, last: (starts[i + 1] ?? end) - 1n, signature: sorted.join(), types: free };
    }
  }
}
