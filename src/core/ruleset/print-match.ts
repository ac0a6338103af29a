import { formatFixed } from '../util/decimal.ts';
import { limitText } from './limit-rate.ts';
import type {
  AddrtypeMatch,
  ConntrackMatch,
  IcmpMatch,
  IpvsMatch,
  Match,
  PhysdevMatch,
  RecentMatch,
  SetCounter,
  SetMatch,
  TcpMatch,
} from './match.ts';
import { hostText, markText, names, not, optional, ports, rangeText } from './print-values.ts';
import { quotedText, wordText } from './quoted-text.ts';
import type { Negatable } from './rule-values.ts';
import { tcpFlagsText } from './tcp-flags.ts';

/** One match in the spelling of iptables-save 1.8: `-m tcp --dport 80`. */
export function printMatch(match: Match): string {
  switch (match.kind) {
    case 'tcp':
      return tcpText(match);
    case 'udp':
      return `-m udp${bothPorts(match)}`;
    case 'sctp':
      return `-m sctp${bothPorts(match)}${optional(match.chunks, '--chunk-types', (c) => c.value)}`;
    case 'multiport':
      return `-m multiport ${not(match)}${MULTIPORT[match.of]} ${match.ports.map((range) => rangeText(range)).join(',')}`;
    case 'comment':
      return `-m comment --comment ${quotedText(match.text)}`;
    case 'mark':
    case 'connmark':
      return `-m ${match.kind} ${not(match)}--mark ${markText(match.value, match.mask)}`;
    case 'conntrack':
      return conntrackText(match);
    case 'addrtype':
      return addrtypeText(match);
    case 'statistic-random':
      return `-m statistic --mode random ${not(match)}--probability ${probabilityText(match.threshold)}`;
    case 'statistic-nth':
      return `-m statistic --mode nth ${not(match)}--every ${match.every} --packet ${match.packet}`;
    case 'recent':
      return recentText(match);
    case 'set':
      return setText(match);
    case 'physdev':
      return physdevText(match);
    case 'nfacct':
      // iptables 1.8.9 prints two blanks before the name, other versions one.
      return `-m nfacct --nfacct-name ${wordText(match.name)}`;
    case 'ipvs':
      return ipvsText(match);
    case 'icmp':
    case 'icmp6':
      return icmpText(match);
    case 'limit':
      return `-m limit --limit ${limitText(match.period)}${match.burst === 5 ? '' : ` --limit-burst ${match.burst}`}`;
    case 'opaque':
      return ['-m', wordText(match.name), ...match.words].join(' ');
  }
}

function bothPorts(m: Pick<TcpMatch, 'sourcePorts' | 'destinationPorts'>): string {
  return `${ports(m.sourcePorts, '--sport')}${ports(m.destinationPorts, '--dport')}`;
}

const MULTIPORT = { source: '--sports', destination: '--dports', either: '--ports' } as const;

const probabilities = new Map<number, string>();

/** `0.33333333349`: a threshold of 31 bits with eleven decimals. */
function probabilityText(threshold: number): string {
  let text = probabilities.get(threshold);
  if (text === undefined) {
    text = formatFixed(threshold / 2 ** 31, 11);
    if (probabilities.size < 10_000) probabilities.set(threshold, text);
  }
  return text;
}

function tcpText(m: TcpMatch): string {
  const option = optional(m.option, '--tcp-option', (o) => String(o.value));
  const flags = optional(m.flags, '--tcp-flags', (f) => `${tcpFlagsText(f.mask)} ${tcpFlagsText(f.set)}`);
  return `-m tcp${bothPorts(m)}${option}${flags}`;
}

function conntrackText(m: ConntrackMatch): string {
  if (m.spelling === 'state') return `-m state${names(m.states, '--state')}`;
  return [
    '-m conntrack',
    names(m.states, '--ctstate'),
    optional(m.protocol, '--ctproto', (p) => String(p.number)),
    optional(m.originalSource, '--ctorigsrc', hostText),
    optional(m.originalDestination, '--ctorigdst', hostText),
    optional(m.replySource, '--ctreplsrc', hostText),
    optional(m.replyDestination, '--ctrepldst', hostText),
    ports(m.originalSourcePorts, '--ctorigsrcport'),
    ports(m.originalDestinationPorts, '--ctorigdstport'),
    ports(m.replySourcePorts, '--ctreplsrcport'),
    ports(m.replyDestinationPorts, '--ctrepldstport'),
    names(m.status, '--ctstatus'),
    ports(m.expires, '--ctexpire'),
    m.direction === undefined ? '' : ` --ctdir ${m.direction}`,
  ].join('');
}

function addrtypeText(m: AddrtypeMatch): string {
  const limit = m.limitInterface === undefined ? '' : ` --limit-iface-${m.limitInterface}`;
  return `-m addrtype${names(m.source, '--src-type')}${names(m.destination, '--dst-type')}${limit}`;
}

function recentText(m: RecentMatch): string {
  const seconds = m.seconds === undefined ? '' : ` --seconds ${m.seconds}`;
  const hitcount = m.hitcount === undefined ? '' : ` --hitcount ${m.hitcount}`;
  const flags = `${seconds}${m.reap ? ' --reap' : ''}${hitcount}${m.rttl ? ' --rttl' : ''}`;
  const side = m.side === 'source' ? '--rsource' : '--rdest';
  return `-m recent ${not(m)}--${m.action}${flags} --name ${wordText(m.name)} --mask ${m.mask} ${side}`;
}

function setText(m: SetMatch): string {
  const counter = (name: string, c: SetCounter | undefined): string => {
    if (c === undefined) return '';
    return c.compare === 'ne' ? ` ! --${name}-eq ${c.value}` : ` --${name}-${c.compare} ${c.value}`;
  };
  return [
    `-m set ${not(m)}--match-set ${wordText(m.name)} ${m.directions.join(',')}`,
    m.returnNomatch ? ' --return-nomatch' : '',
    m.keepCounters ? ' ! --update-counters' : '',
    m.keepSubcounters ? ' ! --update-subcounters' : '',
    counter('packets', m.packets),
    counter('bytes', m.bytes),
  ].join('');
}

function physdevText(m: PhysdevMatch): string {
  const flag = (option: Negatable | undefined, name: string): string => optional(option, name);
  return [
    '-m physdev',
    flag(m.isIn, '--physdev-is-in'),
    optional(m.inInterface, '--physdev-in', (i) => wordText(i.value)),
    flag(m.isOut, '--physdev-is-out'),
    optional(m.outInterface, '--physdev-out', (i) => wordText(i.value)),
    flag(m.isBridged, '--physdev-is-bridged'),
  ].join('');
}

function ipvsText(m: IpvsMatch): string {
  return [
    '-m ipvs',
    optional(m.ipvs, '--ipvs'),
    optional(m.protocol, '--vproto', (p) => String(p.number)),
    optional(m.address, '--vaddr', hostText),
    optional(m.port, '--vport', (p) => String(p.value)),
    optional(m.direction, '--vdir', (d) => d.value),
    optional(m.method, '--vmethod', (v) => v.value),
    optional(m.controlPort, '--vportctl', (p) => String(p.value)),
  ].join('');
}

function icmpText(m: IcmpMatch): string {
  const { first, last } = m.codes;
  const code = first === 0 && last === 255 ? '' : `/${rangeText(m.codes)}`;
  const option = m.kind === 'icmp' ? '--icmp-type' : '--icmpv6-type';
  return `-m ${m.kind} ${not(m)}${option} ${m.type === undefined ? 'any' : `${m.type}${code}`}`;
}
