/** IANA's protocol numbers by the names of /etc/protocols, which iptables-save prints; where that file is not there it prints numbers. */
const PROTOCOLS =
  'icmp 1, igmp 2, ggp 3, ipencap 4, st 5, tcp 6, egp 8, igp 9, pup 12, udp 17, hmp 20, xns-idp 22, rdp 27, iso-tp4 29, dccp 33, xtp 36, ddp 37, idpr-cmtp 38, ipv6 41, ipv6-route 43, ipv6-frag 44, idrp 45, rsvp 46, gre 47, esp 50, ah 51, skip 57, ipv6-icmp 58, ipv6-nonxt 59, ipv6-opts 60, rspf 73, vmtp 81, eigrp 88, ospf 89, ax.25 93, ipip 94, etherip 97, encap 98, pim 103, ipcomp 108, vrrp 112, l2tp 115, isis 124, sctp 132, fc 133, mobility-header 135, udplite 136, mpls-in-ip 137, manet 138, hip 139, shim6 140, wesp 141, rohc 142, ethernet 143';

const numbers: ReadonlyMap<string, number> = new Map(
  PROTOCOLS.split(', ').map((entry) => {
    const [name = '', number = ''] = entry.split(' ');
    return [name, Number(number)];
  }),
);
const names: ReadonlyMap<number, string> = new Map([...numbers].map(([name, number]) => [number, name]));

/** iptables' own words (xtables.c), and other common ones. */
const ALIASES: ReadonlyMap<string, number> = new Map([
  ['all', 0],
  ['ip', 0],
  ['icmpv6', 58],
  ['icmp6', 58],
  ['mh', 135],
  ['ipv6-mh', 135],
]);

/** The number of a protocol given by name, in any case, or by number; undefined if it is none. */
export function protocolNumber(text: string): number | undefined {
  if (text === 'tcp') return 6;
  if (text === 'udp') return 17;
  if (/^[0-9]{1,3}$/.test(text)) return Number(text) <= 255 ? Number(text) : undefined;
  const lower = text.toLowerCase();
  return numbers.get(lower) ?? ALIASES.get(lower);
}

/** The name of a protocol; its number where it has none. */
export function protocolText(number: number): string {
  return names.get(number) ?? (number === 0 ? 'all' : String(number));
}
