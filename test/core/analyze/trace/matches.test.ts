// Each match, by rules `-A FORWARD MATCH -j DROP` and packets that it takes or not.
import assert from 'node:assert/strict';
import type { Assumptions } from '../../../../src/core/analyze/trace/assumptions.ts';
import { PROTOCOL, type TracePacket } from '../../../../src/core/analyze/trace/packet.ts';
import { trace } from '../../../../src/core/analyze/trace/trace.ts';
import { parseIpsetSave } from '../../../../src/core/parse/ipset-save/parse-ipset-save.ts';
import type { Match } from '../../../../src/core/ruleset/match.ts';
import { addressIn, endText, packetOf, rulesOf } from '../../../support/trace-packets.ts';

type Given = Parameters<typeof packetOf>[0];

interface Sample {
  readonly match: string;
  readonly packet?: Given;
  readonly facts?: Assumptions;
  /** `either`: both ways are followed. */
  readonly taken: boolean | 'either';
  readonly family?: 'ipv4' | 'ipv6';
  /** Behind `-A FORWARD ... -j MARK` or so, in mangle FORWARD. */
  readonly before?: string;
}

const yes = (match: string, packet?: Given, more: Partial<Sample> = {}): Sample => ({
  match,
  ...(packet === undefined ? {} : { packet }),
  taken: true,
  ...more,
});
const no = (match: string, packet?: Given, more: Partial<Sample> = {}): Sample => ({
  ...yes(match, packet, more),
  taken: false,
});

const UDP = { protocol: PROTOCOL.udp } as const;
const SIX: Given = { from: 'fd00::7', to: 'fd00:96::1' };
const six = { family: 'ipv6' } as const;
const local = (...texts: readonly string[]): Assumptions => ({ localAddresses: texts.map(addressIn) });
const sets = (text: string): { readonly facts: Assumptions } => ({ facts: { sets: parseIpsetSave(text).sets } });

const HEAD: readonly Sample[] = [
  yes('-s 10.244.0.0/16'),
  no('! -s 10.244.0.0/16'),
  yes('-d 10.96.0.1/32'),
  no('-d 10.96.0.2/32'),
  yes('-d 10.0.0.1/255.0.0.255'),
  yes('-s fd00::/16', SIX, six),
  no('-d fd00::/32', SIX, six),
  yes('-p tcp'),
  no('! -p tcp'),
  no('-p udp'),
  yes('! -p udp'),
  yes('-i eth0', { inInterface: 'eth0' }),
  yes('-i eth+', { inInterface: 'eth0' }),
  no('-i eth+', { inInterface: 'et' }),
  no('! -i eth0', { inInterface: 'eth0' }),
  no('-i eth0'),
  yes('! -i eth0'),
  yes('-o cni0', { outInterface: 'cni0' }),
  no('-o cni0', { outInterface: 'eth0' }),
  no('-f'),
  yes('! -f'),
  yes('-f', { fragment: true }),
];

/** A kind that is not here fails to compile. */
const MATCHES: { readonly [K in Match['kind']]: readonly Sample[] } = {
  comment: [yes('-m comment --comment "anything"')],
  nfacct: [yes('-m nfacct --nfacct-name counter')],
  tcp: [
    yes('-p tcp -m tcp --dport 80'),
    no('-p tcp -m tcp --dport 81'),
    no('-p tcp -m tcp ! --dport 1:100'),
    yes('-p tcp -m tcp --sport 1000:2000', { sourcePort: 1500 }),
    no('-p tcp -m tcp --sport 1000:2000', { sourcePort: 2001 }),
    yes('-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN'),
    no('-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN'),
    no('-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN', { state: 'ESTABLISHED' }),
    no('-p tcp -m tcp --dport 80', { fragment: true }),
    no('-p tcp -m tcp --dport 80', UDP),
    { match: '-p tcp -m tcp --tcp-option 2', taken: 'either' },
    { match: '-p tcp -m tcp --tcp-flags SYN SYN', packet: { state: 'INVALID' }, taken: 'either' },
  ],
  udp: [
    yes('-p udp -m udp --dport 80', UDP),
    no('-p udp -m udp --dport 80'),
    yes('-p udp -m udp ! --sport 53', { ...UDP, sourcePort: 54 }),
  ],
  sctp: [
    yes('-p sctp -m sctp --dport 80', { protocol: PROTOCOL.sctp }),
    yes('-p sctp -m sctp --chunk-types any INIT,DATA', { protocol: PROTOCOL.sctp }),
    no('-p sctp -m sctp --chunk-types all INIT,DATA', { protocol: PROTOCOL.sctp }),
    yes('-p sctp -m sctp --chunk-types only INIT', { protocol: PROTOCOL.sctp }),
    {
      match: '-p sctp -m sctp --chunk-types any DATA',
      packet: { protocol: PROTOCOL.sctp, state: 'ESTABLISHED' },
      taken: 'either',
    },
  ],
  multiport: [
    yes('-p tcp -m multiport --dports 22,80:90'),
    no('-p tcp -m multiport ! --dports 22,80:90'),
    yes('-p tcp -m multiport --ports 40000', { sourcePort: 40_000 }),
    no('-p tcp -m multiport --sports 80', { sourcePort: 40_000 }),
    no('-p tcp -m multiport --dports 80', { fragment: true }),
    // The other port decides by itself.
    yes('-p tcp -m multiport --ports 80'),
  ],
  mark: [
    yes('-m mark --mark 0x0'),
    yes('-m mark --mark 0x4000/0x4000', { mark: 0x4001 }),
    no('-m mark ! --mark 0x4000/0x4000', { mark: 0x4001 }),
    // All 32 bits count, without a sign.
    yes('-m mark --mark 0x80000000/0x80000000', { mark: 0xffffffff }),
    yes('-m mark --mark 0xffffffff', { mark: 0xffffffff }),
  ],
  connmark: [
    yes('-m connmark --mark 0x0'),
    no('-m connmark ! --mark 0x0'),
    yes('-m connmark --mark 0x7', {}, { before: '-j CONNMARK --set-mark 0x7' }),
    // Without a connection nothing matches, negated or not.
    no('-m connmark --mark 0x0', { state: 'INVALID' }),
    no('-m connmark ! --mark 0x0', { state: 'INVALID' }),
  ],
  conntrack: [
    yes('-m conntrack --ctstate NEW'),
    no('-m conntrack ! --ctstate NEW,RELATED'),
    yes('-m conntrack --ctstate RELATED,ESTABLISHED', { state: 'ESTABLISHED' }),
    yes('-m state --state INVALID', { state: 'INVALID' }),
    yes('-m conntrack --ctstate UNTRACKED', { state: 'UNTRACKED' }),
    no('-m conntrack --ctstate DNAT'),
    yes('-m conntrack --ctdir ORIGINAL'),
    no('-m conntrack --ctdir REPLY'),
    yes('-m conntrack --ctproto 6'),
    no('-m conntrack ! --ctproto 6'),
    yes('-m conntrack --ctorigsrc 10.244.0.0/16 --ctorigdst 10.96.0.1/32 --ctorigdstport 80'),
    no('-m conntrack --ctorigsrcport 1:1000'),
    yes('-m conntrack --ctreplsrc 10.96.0.1/32 --ctrepldst 10.244.1.7/32 --ctreplsrcport 80'),
    no('-m conntrack ! --ctrepldst 10.244.1.7/32'),
    no('-m conntrack --ctstatus SEEN_REPLY'),
    yes('-m conntrack --ctstatus SEEN_REPLY,CONFIRMED', { state: 'ESTABLISHED' }),
    // NONE has no bit.
    no('-m conntrack --ctstatus NONE'),
    yes('-m conntrack ! --ctstatus NONE'),
    { match: '-m conntrack --ctstatus ASSURED', packet: { state: 'ESTABLISHED' }, taken: 'either' },
    { match: '-m conntrack --ctexpire 1:100', taken: 'either' },
    // Only the state is asked of packets without a connection.
    yes('-m conntrack --ctstate INVALID --ctorigdst 1.2.3.4/32', { state: 'INVALID' }),
    no('-m conntrack --ctorigdst 10.96.0.1/32', { state: 'INVALID' }),
  ],
  addrtype: [
    no('-m addrtype --src-type LOCAL', {}, { facts: local('10.1.1.1') }),
    yes('-m addrtype --src-type LOCAL', { from: '10.1.1.1' }, { facts: local('10.1.1.1') }),
    yes('-m addrtype --src-type LOCAL', { from: '127.0.0.5' }),
    yes('-m addrtype --dst-type UNICAST'),
    no('-m addrtype ! --dst-type UNICAST'),
    no('-m addrtype --dst-type UNICAST', { to: '10.1.1.1' }, { facts: local('10.1.1.1') }),
    yes('-m addrtype --dst-type UNICAST,LOCAL', { to: '10.1.1.1' }, { facts: local('10.1.1.1') }),
    no('-m addrtype --dst-type MULTICAST,BROADCAST'),
    // In IPv6 UNICAST is all that is not multicast, local or not.
    yes('-m addrtype --src-type UNICAST', { ...SIX, from: 'fd00::8' }, { ...six, facts: local('fd00::8') }),
    yes('-m addrtype --src-type LOCAL', { ...SIX, from: '::1' }, six),
    {
      match: '-m addrtype --src-type LOCAL --limit-iface-in',
      packet: { from: '10.1.1.1' },
      facts: local('10.1.1.1'),
      taken: 'either',
    },
    no('-m addrtype --src-type LOCAL --limit-iface-in', { from: '127.0.0.1', inInterface: 'eth0' }),
  ],
  'statistic-random': [
    yes('-m statistic --mode random --probability 1.00000000000'),
    no('-m statistic --mode random --probability 0.00000000000'),
    yes('-m statistic --mode random ! --probability 0.00000000000'),
  ],
  'statistic-nth': [
    yes('-m statistic --mode nth --every 1 --packet 0'),
    no('-m statistic --mode nth ! --every 1 --packet 0'),
  ],
  recent: [
    no('-m recent --rcheck --seconds 10 --name X --mask 255.255.255.255 --rsource'),
    yes('-m recent ! --rcheck --name X --mask 255.255.255.255 --rsource'),
    yes('-m recent --set --name X --mask 255.255.255.255 --rsource'),
    yes(
      '-m recent --update --name X --mask 255.255.255.255 --rsource',
      {},
      { facts: { answer: ({ subject }) => subject === 'X' } },
    ),
    // What the packet itself has put there is there, as far as it goes.
    yes(
      '-m recent --rcheck --name X --mask 255.255.255.255 --rsource',
      {},
      { before: '-m recent --set --name X --mask 255.255.255.255 --rsource' },
    ),
    no(
      '-m recent --rcheck --name X --mask 255.255.255.255 --rdest',
      {},
      { before: '-m recent --set --name X --mask 255.255.255.255 --rsource' },
    ),
    no(
      '-m recent --rcheck --hitcount 3 --name X --mask 255.255.255.255 --rsource',
      {},
      { before: '-m recent --set --name X --mask 255.255.255.255 --rsource' },
    ),
  ],
  set: [
    { match: '-m set --match-set S src', taken: 'either' },
    yes('-m set --match-set S src', {}, sets('create S hash:ip family inet\nadd S 10.244.1.7\n')),
    no('-m set ! --match-set S src', {}, sets('create S hash:ip family inet\nadd S 10.244.1.7\n')),
    no('-m set --match-set S dst', {}, sets('create S hash:ip family inet\nadd S 10.244.1.7\n')),
    yes('-m set --match-set S src', {}, sets('create S hash:ip family inet netmask 24\nadd S 10.244.1.0\n')),
    yes('-m set --match-set S dst,dst', {}, sets('create S hash:ip,port family inet\nadd S 10.96.0.1,tcp:80\n')),
    no('-m set --match-set S dst,dst', UDP, sets('create S hash:ip,port family inet\nadd S 10.96.0.1,tcp:80\n')),
    yes(
      '-m set --match-set S dst,dst,src',
      {},
      sets('create S hash:ip,port,net family inet\nadd S 10.96.0.1,tcp:80,10.244.0.0/16\n'),
    ),
    no(
      '-m set --match-set S src',
      {},
      sets('create S hash:net family inet\nadd S 10.244.0.0/16\nadd S 10.244.1.0/24 nomatch\n'),
    ),
    yes('-m set --match-set S dst', {}, sets('create S bitmap:port range 0-65535\nadd S 80\n')),
    yes(
      '-m set --match-set L src',
      {},
      sets('create S hash:ip family inet\nadd S 10.244.1.7\ncreate L list:set size 8\nadd L S\n'),
    ),
    // A set of two parts is not asked by one, and one of the other family by none.
    no('-m set --match-set S dst', {}, sets('create S hash:ip,port family inet\nadd S 10.96.0.1,tcp:80\n')),
    no('-m set --match-set S src', {}, sets('create S hash:net family inet6\nadd S fd00::/8\n')),
    { match: '-m set --match-set S src', taken: 'either', ...sets('create T hash:ip\n') },
  ],
  physdev: [
    no('-m physdev --physdev-is-bridged'),
    yes('-m physdev ! --physdev-is-bridged'),
    no('-m physdev --physdev-in eth0'),
  ],
  ipvs: [
    { match: '-m ipvs --ipvs', taken: 'either' },
    { match: '-m ipvs ! --ipvs', taken: 'either' },
  ],
  icmp: [
    yes('-p icmp -m icmp --icmp-type 8', { protocol: PROTOCOL.icmp }),
    no('-p icmp -m icmp --icmp-type 0', { protocol: PROTOCOL.icmp }),
    yes('-p icmp -m icmp --icmp-type any', { protocol: PROTOCOL.icmp }),
    yes('-p icmp -m icmp ! --icmp-type 3/1', { protocol: PROTOCOL.icmp, icmp: { type: 3, code: 3 } }),
  ],
  icmp6: [
    yes('-p ipv6-icmp -m icmp6 --icmpv6-type 128', { ...SIX, protocol: PROTOCOL.icmp6 }, six),
    no('-p ipv6-icmp -m icmp6 --icmpv6-type 129', { ...SIX, protocol: PROTOCOL.icmp6 }, six),
  ],
  limit: [yes('-m limit --limit 10/sec --limit-burst 5')],
  opaque: [
    { match: '-m owner --uid-owner 1337', taken: 'either' },
    { match: '-m rpfilter --invert', taken: 'either' },
    yes('-m iprange --src-range 10.244.1.7-10.244.1.9'),
    yes('-m iprange --src-range 10.244.1.1-10.244.1.7'),
    no('-m iprange --src-range 10.244.1.8-10.244.1.9'),
    no('-m iprange ! --src-range 10.244.1.7-10.244.1.9'),
    yes('-m iprange ! --src-range 10.244.1.8-10.244.1.9'),
    yes('-m iprange --dst-range 10.96.0.0-10.96.0.1'),
    no('-m iprange --dst-range 10.96.0.2-10.96.255.255'),
    yes('-m iprange --src-range 10.244.0.0-10.244.255.255 --dst-range 10.96.0.1-10.96.0.1'),
    no('-m iprange --src-range 10.244.0.0-10.244.255.255 ! --dst-range 10.96.0.1-10.96.0.1'),
    no('-m iprange ! --src-range 10.244.0.0-10.244.255.255 --dst-range 10.96.0.1-10.96.0.1'),
    yes('-m iprange --src-range fd00::1-fd00::ff', SIX, six),
    no('-m iprange --dst-range fd00::1-fd00::ff', SIX, six),
    // Nobody can know what is wrong with these.
    { match: '-m iprange --dst-range 10.96.0.1-', taken: 'either' },
    { match: '-m iprange --dst-range fd00::1-fd00::2', taken: 'either' },
  ],
};

function tracedEnds({ match, packet, facts, family = 'ipv4', before }: Sample): readonly string[] {
  const rules = rulesOf(
    {
      ...(before === undefined ? {} : { mangle: [':FORWARD ACCEPT [0:0]', `-A FORWARD ${before}`] }),
      filter: [':FORWARD ACCEPT [0:0]', `-A FORWARD ${match} -j DROP`],
    },
    family,
  );
  const given: TracePacket = packetOf(packet);
  const { outcomes } = trace(rules, given, facts);
  return outcomes.map((outcome) => endText(outcome).split(' ')[0] ?? '').toSorted();
}

describe('matches in a trace', () => {
  const check = (sample: Sample): void => {
    const { taken } = sample;
    const more = sample.packet === undefined ? '' : ` for ${JSON.stringify(sample.packet)}`;
    it(`${sample.match}${more}${sample.before === undefined ? '' : ` behind ${sample.before}`}: ${String(taken)}`, () => {
      const ends = tracedEnds(sample);
      // A packet that comes from the node's own address does not pass FORWARD.
      const expected = taken === 'either' ? ['dropped', 'forwarded'] : [taken ? 'dropped' : 'forwarded'];
      assert.deepEqual(ends, expected);
    });
  };

  describe('before -m', () => {
    for (const sample of HEAD) check(sample);
  });

  for (const [kind, samples] of Object.entries(MATCHES)) {
    describe(kind, () => {
      for (const sample of samples.filter(({ packet }) => packet?.to !== '10.1.1.1')) check(sample);
      for (const sample of samples.filter(({ packet }) => packet?.to === '10.1.1.1')) checkInput(sample);
    });
  }
});

/** Packets to the node itself. */
function checkInput({ match, packet, facts, taken }: Sample): void {
  it(`${match} to the node: ${String(taken)}`, () => {
    const rules = rulesOf({ filter: [':INPUT ACCEPT [0:0]', `-A INPUT ${match} -j DROP`] });
    const [outcome] = trace(rules, packetOf(packet), facts).outcomes;
    assert.equal(outcome?.fate.kind, taken === true ? 'dropped' : 'delivered');
  });
}
