// Small rule sets in which anything may happen, and packets for them: for trying a model of netfilter against netfilter. All chance
// comes from one seed.
import type { Family } from '../../../scripts/lab/addresses.ts';
import { ADDRESSES, guards, pingOf, PORTS, REJECTIONS } from './trace-net.ts';
import type { RawPacket } from './raw-packet.ts';

/** A source of chance (mulberry32); the same seed gives the same numbers. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to below `n`. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  chance(p: number): boolean {
    return this.next() < p;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}

/** Who sends: the client, through the router; or the router itself. */
export type Origin = 'client' | 'router';

export interface RandomRules {
  readonly family: Family;
  readonly origin: Origin;
  /** For iptables-restore. */
  readonly text: string;
}

export const SET = 'trace-set';

interface Place {
  readonly table: string;
  readonly hook: string;
}

const PLACES: Readonly<Record<Origin, readonly Place[]>> = {
  client: [
    ['raw', 'PREROUTING'],
    ['mangle', 'PREROUTING'],
    ['nat', 'PREROUTING'],
    ['mangle', 'INPUT'],
    ['filter', 'INPUT'],
    ['nat', 'INPUT'],
    ['mangle', 'FORWARD'],
    ['filter', 'FORWARD'],
    ['mangle', 'POSTROUTING'],
    ['nat', 'POSTROUTING'],
  ].map(([table = '', hook = '']) => ({ table, hook })),
  router: [
    ['raw', 'OUTPUT'],
    ['mangle', 'OUTPUT'],
    ['nat', 'OUTPUT'],
    ['filter', 'OUTPUT'],
    ['mangle', 'POSTROUTING'],
    ['nat', 'POSTROUTING'],
    ['raw', 'PREROUTING'],
    ['mangle', 'PREROUTING'],
    ['mangle', 'INPUT'],
    ['filter', 'INPUT'],
    ['nat', 'INPUT'],
  ].map(([table = '', hook = '']) => ({ table, hook })),
};

const MARKS = ['0x1', '0x2', '0x3', '0x4000', '0xffffffff', '0x80000000'];

/** @param random whether rules may match by chance, and not only always or never */
export function randomRules(dice: Dice, family: Family, origin: Origin, random: boolean): RandomRules {
  const byTable = new Map<string, string[]>();
  const places = PLACES[origin].filter(({ table }) => dice.chance(table === 'nat' || table === 'filter' ? 0.9 : 0.45));
  for (const place of places) {
    const lines = byTable.get(place.table) ?? [];
    byTable.set(place.table, lines);
    lines.push(...new RuleMaker(dice, family, origin, place, random).chains());
  }
  const text = [...byTable]
    .map(([table, lines]) =>
      [
        `*${table}`,
        ...lines.filter((l) => l.startsWith(':')),
        ...lines.filter((l) => !l.startsWith(':')),
        'COMMIT',
      ].join('\n'),
    )
    .join('\n');
  return { family, origin, text: `${text}\n` };
}

/** Makes the rules of one built-in chain, and of chains of its own below it. */
class RuleMaker {
  readonly #dice: Dice;
  readonly #family: Family;
  readonly #origin: Origin;
  readonly #place: Place;
  readonly #random: boolean;

  constructor(dice: Dice, family: Family, origin: Origin, place: Place, random: boolean) {
    this.#dice = dice;
    this.#family = family;
    this.#origin = origin;
    this.#place = place;
    this.#random = random;
  }

  chains(): readonly string[] {
    const { table, hook } = this.#place;
    const dice = this.#dice;
    const own = Array.from({ length: dice.below(4) }, (_, i) => `${hook.slice(0, 4)}-${i}`);
    const policy = table === 'filter' && dice.chance(0.15) ? 'DROP' : 'ACCEPT';
    const lines = [`:${hook} ${policy} [0:0]`, ...own.map((name) => `:${name} - [0:0]`)];
    if (table !== 'nat') lines.push(...guards(this.#family, hook));
    for (const [i, chain] of [hook, ...own].entries()) {
      // Only to later chains, so that there are no loops.
      const below = own.slice(i);
      const count = 1 + dice.below(5);
      for (let n = 0; n < count; n++) lines.push(this.#rule(chain, chain === hook, below));
    }
    return lines;
  }

  #rule(chain: string, isBase: boolean, below: readonly string[]): string {
    const { target, needs } = this.#target(below);
    const protocol =
      needs ?? (this.#dice.chance(0.5) ? this.#dice.pick(['tcp', 'tcp', 'udp', pingOf(this.#family).protocol]) : '');
    const parts = [
      `-A ${chain}`,
      this.#head(isBase),
      protocol === '' ? '' : `-p ${protocol}`,
      ...this.#matches(protocol),
      target,
    ];
    return parts.filter((part) => part !== '').join(' ');
  }

  #not(): string {
    return this.#dice.chance(0.3) ? '! ' : '';
  }

  #head(isBase: boolean): string {
    const dice = this.#dice;
    const { client, server, router, virtual, spare, clientNet, serverNet, virtualNet } = ADDRESSES[this.#family];
    const sources = this.#origin === 'client' ? [...client, clientNet, serverNet] : [...router, ...server, serverNet];
    const destinations = [...server, ...virtual, ...router, ...spare, serverNet, virtualNet];
    const { hook } = this.#place;
    const mayIn = !isBase || hook === 'PREROUTING' || hook === 'INPUT' || hook === 'FORWARD';
    const mayOut = !isBase || hook === 'POSTROUTING' || hook === 'OUTPUT' || hook === 'FORWARD';
    const devices = ['eth0', 'eth1', 'lo', 'eth+', 'e+'];
    return [
      dice.chance(0.25) ? `${this.#not()}-s ${dice.pick(sources)}` : '',
      dice.chance(0.35) ? `${this.#not()}-d ${dice.pick(destinations)}` : '',
      mayIn && dice.chance(0.12) ? `${this.#not()}-i ${dice.pick(devices)}` : '',
      mayOut && dice.chance(0.12) ? `${this.#not()}-o ${dice.pick(devices)}` : '',
      this.#family === 'ipv4' && dice.chance(0.04) ? '! -f' : '',
    ]
      .filter((part) => part !== '')
      .join(' ');
  }

  #matches(protocol: string): readonly string[] {
    const dice = this.#dice;
    const count = dice.pick([0, 0, 1, 1, 1, 2, 3]);
    const matches = Array.from({ length: count }, () => this.#match(protocol));
    // iptables-restore 1.8.9 refuses some that are there twice.
    const name = (match: string): string => match.split(' ')[1] ?? '';
    return matches.filter((match, i) => matches.findIndex((other) => name(other) === name(match)) === i);
  }

  #match(protocol: string): string {
    const dice = this.#dice;
    const ports = protocol === 'tcp' || protocol === 'udp';
    const kinds: (() => string)[] = [
      () => `-m mark ${this.#not()}--mark ${this.#mark()}`,
      () => `-m connmark ${this.#not()}--mark ${this.#mark()}`,
      () => this.#conntrack(),
      () => this.#conntrack(),
      () => this.#addrtype(),
      () => this.#statistic(),
      () => `-m comment --comment "${dice.pick(['a b', 'ns/web:http', "it's"])}"`,
      () => `-m set ${this.#not()}--match-set ${SET} ${dice.pick(['src,dst', 'dst,dst', 'dst,src', 'src,src'])}`,
    ];
    if (ports) kinds.push(...Array.from({ length: 4 }, () => () => this.#ports(protocol)));
    if (protocol === 'tcp')
      kinds.push(
        () => `-m tcp ${this.#not()}${dice.pick(['--syn', '--tcp-flags ACK ACK', '--tcp-flags FIN,URG NONE'])}`,
      );
    if (protocol === pingOf(this.#family).protocol)
      kinds.push(
        () => this.#icmp(),
        () => this.#icmp(),
      );
    return dice.pick(kinds)();
  }

  #icmp(): string {
    const { match } = pingOf(this.#family);
    const types = this.#family === 'ipv4' ? ['8', '0', '8/0', '8/1:5', 'any'] : ['128', '129', '128/0', '128/1:5'];
    const option = this.#family === 'ipv4' ? '--icmp-type' : '--icmpv6-type';
    return `-m ${match} ${this.#not()}${option} ${this.#dice.pick(types)}`;
  }

  #mark(): string {
    const dice = this.#dice;
    return dice.chance(0.5) ? dice.pick(['0x0', ...MARKS]) : `${dice.pick(['0x0', ...MARKS])}/${dice.pick(MARKS)}`;
  }

  #ports(protocol: string): string {
    const dice = this.#dice;
    const port = (): string => String(dice.pick(PORTS));
    const range = (): string => dice.pick([port(), '0:80', '80:9000', '1024:', ':1023', '20000:40000']);
    const wide = (): string => dice.pick([port(), '1:80', '80:9000', '1024:65535', '20000:40000']);
    if (dice.chance(0.6)) {
      // iptables-nft-save 1.8.9 prints `! --dport 0:80` as `! --dport 81:80`.
      const not = this.#not();
      const side = dice.pick(['--dport', '--dport', '--sport']);
      return `-m ${protocol} ${not}${side} ${not === '' ? range() : dice.pick([port(), '80:9000', '20000:40000'])}`;
    }
    const list = [...new Set(Array.from({ length: 1 + dice.below(3) }, wide))].join(',');
    return `-m multiport ${this.#not()}${dice.pick(['--dports', '--sports', '--ports'])} ${list}`;
  }

  #conntrack(): string {
    const dice = this.#dice;
    const { client, router, server, virtual, clientNet, serverNet } = ADDRESSES[this.#family];
    const state = (): string => {
      const states = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED', 'DNAT', 'SNAT'];
      return [...new Set(Array.from({ length: 1 + dice.below(3) }, () => dice.pick(states)))].join(',');
    };
    if (dice.chance(0.15))
      return `-m state ${this.#not()}--state ${dice.pick(['NEW', 'ESTABLISHED', 'INVALID', 'RELATED,ESTABLISHED', 'UNTRACKED'])}`;
    return `-m conntrack ${dice.pick([
      `${this.#not()}--ctstate ${state()}`,
      `${this.#not()}--ctstate ${state()}`,
      `--ctdir ${dice.pick(['ORIGINAL', 'REPLY'])}`,
      `${this.#not()}--ctorigdst ${dice.pick([...virtual, ...server, serverNet])}`,
      `${this.#not()}--ctorigsrc ${dice.pick([...client, ...router, clientNet])}`,
      `${this.#not()}--ctreplsrc ${dice.pick([...virtual, ...server, serverNet])}`,
      `${this.#not()}--ctrepldst ${dice.pick([...client, ...router, clientNet])}`,
      `${this.#not()}--ctorigdstport ${dice.pick(PORTS)}`,
      `${this.#not()}--ctreplsrcport ${dice.pick(PORTS)}`,
      `${this.#not()}--ctproto ${dice.pick(['tcp', 'udp'])}`,
      `${this.#not()}--ctstatus ${dice.pick(['CONFIRMED', 'SEEN_REPLY', 'EXPECTED', 'NONE', 'CONFIRMED,SEEN_REPLY'])}`,
    ])}`;
  }

  #addrtype(): string {
    const dice = this.#dice;
    const types =
      this.#family === 'ipv4'
        ? ['LOCAL', 'LOCAL', 'UNICAST', 'BROADCAST', 'MULTICAST', 'LOCAL,UNICAST']
        : ['LOCAL', 'LOCAL', 'UNICAST', 'MULTICAST'];
    return `-m addrtype ${this.#not()}${dice.pick(['--dst-type', '--dst-type', '--src-type'])} ${dice.pick(types)}`;
  }

  #statistic(): string {
    const probability =
      this.#random && this.#dice.chance(0.6)
        ? this.#dice.pick(['0.5', '0.3333333333', '0.25'])
        : this.#dice.pick(['0', '1']);
    return `-m statistic --mode random ${this.#not()}--probability ${probability}`;
  }

  /** A target, and the protocol that it takes. */
  #target(below: readonly string[]): { readonly target: string; readonly needs?: string } {
    const dice = this.#dice;
    const { table, hook } = this.#place;
    const kinds: (() => { readonly target: string; readonly needs?: string })[] = [
      () => ({ target: '' }),
      () => ({
        target: `-j MARK ${dice.pick(['--set-mark', '--set-xmark', '--or-mark', '--and-mark', '--xor-mark'])} ${dice.pick(MARKS)}`,
      }),
      () => ({ target: `-j MARK --set-xmark ${dice.pick(MARKS)}/${dice.pick(MARKS)}` }),
      () => ({
        target: `-j CONNMARK ${dice.pick(['--set-mark 0x5', '--save-mark', '--restore-mark', '--set-xmark 0x3/0xf', '--save-mark --nfmask 0xff --ctmask 0xf', '--restore-mark --nfmask 0xf --ctmask 0xff'])}`,
      }),
      () => ({ target: '-j RETURN' }),
      () => ({ target: '-j ACCEPT' }),
      () => ({ target: '-j NFLOG --nflog-group 77' }),
    ];
    if (below.length > 0) {
      const jump = (): { readonly target: string } => ({
        target: `${dice.pick(['-j', '-j', '-g'])} ${dice.pick(below)}`,
      });
      kinds.push(jump, jump, jump, jump, jump);
    }
    if (table !== 'nat' && dice.chance(0.6)) kinds.push(() => ({ target: '-j DROP' }));
    if (table === 'raw') kinds.push(() => ({ target: '-j CT --notrack' }));
    if (table === 'filter')
      kinds.push(
        () => this.#reject(),
        () => this.#reject(),
      );
    if (table === 'nat') kinds.push(...Array.from({ length: 5 }, () => () => this.#nat(hook)));
    return dice.pick(kinds)();
  }

  #reject(): { readonly target: string; readonly needs?: string } {
    const dice = this.#dice;
    // The router's own reset would pass its hooks once more.
    if (this.#origin === 'client' && dice.chance(0.3))
      return { target: '-j REJECT --reject-with tcp-reset', needs: 'tcp' };
    return { target: `-j REJECT --reject-with ${dice.pick(Object.keys(REJECTIONS[this.#family]))}` };
  }

  #nat(hook: string): { readonly target: string; readonly needs?: string } {
    const dice = this.#dice;
    const { server, router, spare } = ADDRESSES[this.#family];
    const bracket = (address: string): string => (this.#family === 'ipv6' ? `[${address}]` : address);
    const needs = dice.pick(['tcp', 'tcp', 'udp']);
    if (hook === 'PREROUTING' || hook === 'OUTPUT') {
      const to = dice.pick([...server, ...server, ...router]);
      return dice.pick([
        { target: `-j DNAT --to-destination ${to}` },
        { target: `-j DNAT --to-destination ${bracket(to)}:${dice.pick(PORTS)}`, needs },
        { target: `-j DNAT --to-destination ${bracket(to)}:${dice.pick(PORTS)}`, needs },
        { target: `-j DNAT --to-destination :${dice.pick(PORTS)}`, needs },
        // In PREROUTING IPv6 redirects to whichever address of the link comes first, which is none of ours.
        ...(this.#family === 'ipv4' || hook === 'OUTPUT'
          ? [{ target: `-j REDIRECT --to-ports ${dice.pick(PORTS)}`, needs }, { target: '-j REDIRECT' }]
          : []),
      ]);
    }
    const to = dice.pick([...spare, router[1]]);
    if (hook === 'INPUT') return { target: `-j SNAT --to-source ${spare[0]}` };
    return dice.pick([
      { target: '-j MASQUERADE' },
      { target: '-j MASQUERADE' },
      { target: `-j SNAT --to-source ${to}` },
    ]);
  }
}

/** @param sourcePort one that no other packet of the lab has */
export function randomPacket(dice: Dice, { family, origin }: RandomRules, sourcePort: number): RawPacket {
  const { client, router, server, virtual } = ADDRESSES[family];
  const destination = dice.pick(
    origin === 'client'
      ? [...server, ...virtual, ...virtual, ...router]
      : [...server, ...virtual, ...virtual, ...router],
  );
  return {
    protocol: dice.pick(['tcp', 'tcp', 'tcp', 'udp', 'udp', 'ping']),
    source: dice.pick(origin === 'client' ? client : router),
    destination,
    sourcePort,
    destinationPort: dice.pick(PORTS),
  };
}
