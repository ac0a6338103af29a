/**
 * Rules that iptables takes, in all the ways to spell them: each match and each target that is read, with values that a kernel without
 * further modules takes too.
 */
import * as fc from 'fast-check';

export interface RuleKind {
  readonly family: 'ipv4' | 'ipv6';
  readonly table: 'filter' | 'nat';
  /** Where the rule's chain is jumped to from. */
  readonly hook: 'FORWARD' | 'PREROUTING' | 'POSTROUTING';
}

/** A set and a counter of these names must be there for some of the rules. */
export const SET_NAME = 'check-set';
export const COUNTER_NAME = 'check-counter';

const either = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);
/** One text after the other; the empty ones are left out. */
const join = (...parts: readonly (fc.Arbitrary<string> | string)[]): fc.Arbitrary<string> =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((texts) => texts.filter((text) => text !== '').join(' '));
const maybe = (part: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof(fc.constant(''), part);
const bang = either('', '', '!');
const anyOrder = (...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc
    .tuple(...parts.map((part) => fc.tuple(fc.nat(), part)))
    .map((pairs) => pairs.toSorted(([a], [b]) => a - b).map(([, text]) => text))
    .map((texts) => texts.filter((text) => text !== '').join(' '));

const uint = (max: number): fc.Arbitrary<string> =>
  fc
    .tuple(fc.nat(max), either('dec', 'hex', 'HEX'))
    .map(([n, base]) =>
      base === 'dec' ? String(n) : base === 'hex' ? `0x${n.toString(16)}` : `0x${n.toString(16).toUpperCase()}`,
    );
const bits: fc.Arbitrary<string> = fc.oneof(uint(0xffffffff), either('0', '0x4000', '0x00004000', '4294967295', '037'));
const mark: fc.Arbitrary<string> = fc.oneof(
  bits,
  fc.tuple(bits, bits).map(([value, mask]) => `${value}/${mask}`),
);
const port = fc.nat(65_535);
const portRange = fc.oneof(
  either('0:', ':', ':80', '1024:', '7:7'),
  port.map(String),
  fc.tuple(port, port).map(([a, b]) => `${Math.min(a, b)}:${Math.max(a, b)}`),
);
const dashRange = fc.oneof(
  port.map(String),
  fc.tuple(port, port).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
);
const text = fc.oneof(
  either('x', 'a b', "it's", 'ns/svc:http', '-> 10.0.0.1:80', '#', '! -j X', 'é', 'a_b-1'),
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 }),
);
const quoted = (limit: number): fc.Arbitrary<string> =>
  text.map((value) => `"${value.slice(0, limit).replaceAll(/["\\]/g, '\\$&')}"`);

const v4 = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 223 }), fc.nat(255), fc.nat(255), fc.nat(255)).map((bytes) => bytes.join('.')),
  either('10.0.0.1', '0.0.0.1', '255.255.255.255'),
);
const v6 = fc.oneof(
  fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }).map((groups) => groups.map((g) => g.toString(16)).join(':')),
  either('fd00::1', 'FD00:0:0::1', '::1', '::ffff:1.2.3.4', '::1.2.3.4', '2001:db8:0:1:0:0:0:1', 'fe80::'),
);
const address = (family: RuleKind['family']): fc.Arbitrary<string> => (family === 'ipv4' ? v4 : v6);
const network = (family: RuleKind['family']): fc.Arbitrary<string> =>
  fc.oneof(
    address(family),
    fc
      .tuple(address(family), fc.integer({ min: 1, max: family === 'ipv4' ? 32 : 128 }))
      .map(([ip, prefix]) => `${ip}/${prefix}`),
    fc
      .tuple(address(family), family === 'ipv4' ? either('255.255.0.0', '255.0.255.0') : either('ffff::', 'f0f0::ff'))
      .map(([ip, mask]) => `${ip}/${mask}`),
  );

/** Names out of a list, each once, in any order and case. */
const names = (...known: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.shuffledSubarray([...known], { minLength: 1 }), fc.boolean())
    .map(([chosen, lower]) => (lower ? chosen.join(',').toLowerCase() : chosen.join(',')));

const TCP_FLAGS = names('FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG').map((list) => list.toUpperCase());
/** iptables 1.8.9 forgets "not any port", which later versions print as `! --dport 0:65535`. */
const someRange = portRange.filter((range) => range !== ':' && range !== '0:' && range !== '0:65535');
const ports = (option: string, alias: string): fc.Arbitrary<string> =>
  maybe(fc.oneof(join(either(option, alias), portRange), join('!', either(option, alias), someRange)));
const bothPorts = anyOrder(ports('--sport', '--source-port'), ports('--dport', '--destination-port'));

interface Transport {
  /** `-p tcp` or the like; empty: none. */
  readonly protocol: string;
  /** Matches for this protocol only. */
  readonly own: fc.Arbitrary<string>;
  readonly hasPorts: boolean;
}

const multiport = join(
  '-m multiport',
  bang,
  either('--sports', '--dports', '--ports', '--source-ports'),
  either('80', '80,443', '53,1000:2000', '7'),
);
const TCP: Transport = {
  protocol: 'tcp',
  hasPorts: true,
  own: fc.oneof(
    join('-m tcp', bothPorts),
    join('-m tcp', bothPorts, bang, '--tcp-flags', TCP_FLAGS, either('NONE', 'SYN', 'SYN,FIN')),
    join('-m tcp', bang, either('--syn', '--tcp-option 8', '--tcp-flags ALL NONE')),
    join('--dport', portRange),
    join('-m tcp', either('--dport http', '--sport ssh --dport domain', '--sport :https')),
    multiport,
  ),
};
const UDP: Transport = { protocol: 'udp', hasPorts: true, own: fc.oneof(join('-m udp', bothPorts), multiport) };
const SCTP: Transport = {
  protocol: 'sctp',
  hasPorts: true,
  own: join('-m sctp', bothPorts, either('', '--chunk-types any INIT,DATA:Be', '! --chunk-types all SACK')),
};
const ICMP: Transport = {
  protocol: 'icmp',
  hasPorts: false,
  own: join('-m icmp', bang, '--icmp-type', either('8', 'ping', 'any', '3/4', 'port-unreachable', 'redirect')),
};
const ICMP6: Transport = {
  protocol: 'icmpv6',
  hasPorts: false,
  own: join('-m icmp6', bang, '--icmpv6-type', either('128', '1/4', 'ping', 'neighbour-solicitation', 'no-route', '2')),
};

const transports = ({ family }: RuleKind): fc.Arbitrary<Transport> =>
  fc.constantFrom(
    TCP,
    TCP,
    UDP,
    SCTP,
    family === 'ipv4' ? ICMP : ICMP6,
    ...['', '', '47', 'esp', '200', 'gre', 'all'].map((protocol) => ({
      protocol,
      own: fc.constant(''),
      hasPorts: false,
    })),
  );

const recent = (mask: string): fc.Arbitrary<string> =>
  join(
    '-m recent',
    anyOrder(
      fc.oneof(
        join(bang, either('--set', '--remove')),
        anyOrder(
          join(bang, '--rcheck'),
          maybe(either('--seconds 60 --reap', '--seconds 0x10')),
          maybe(either('--hitcount 3')),
        ),
        join('--update', either('', '--rttl')),
      ),
      either('', '--name KUBE-SEP-A', '--name other'),
      either('', `--mask ${mask}`),
      either('', '--rsource', '--rdest'),
    ),
  );

const conntrack = (family: RuleKind['family']): fc.Arbitrary<string> =>
  join(
    '-m conntrack',
    join(bang, '--ctstate', names('INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT')),
    maybe(join(bang, '--ctproto', either('tcp', '17', 'sctp'))),
    maybe(join(bang, either('--ctorigsrc', '--ctorigdst', '--ctreplsrc', '--ctrepldst'), address(family))),
    maybe(
      join(
        bang,
        either('--ctorigsrcport', '--ctorigdstport', '--ctrepldstport'),
        portRange.filter((r) => /^[\d:]+$/.test(r)),
      ),
    ),
    maybe(join(bang, '--ctstatus', names('EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED'))),
    maybe(join(bang, '--ctexpire', either('10', '10:20', ':5', '7:'))),
    maybe(join('--ctdir', either('ORIGINAL', 'REPLY'))),
  );

const probability = fc.oneof(
  either('0', '1', '0.5', '.25', '0.3333333333', '0.33333', '1e-3', '0.50000000000', '0.33332999982'),
  fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value.toFixed(10)),
);

/** Matches for any protocol, each at most once in a rule. */
const matches = (kind: RuleKind): readonly fc.Arbitrary<string>[] => [
  join('-m comment --comment', quoted(200)),
  join('-m mark', bang, '--mark', mark),
  join('-m connmark', bang, '--mark', mark),
  conntrack(kind.family),
  join('-m state', bang, '--state', names('INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED')),
  join(
    '-m addrtype',
    anyOrder(join(bang, '--src-type', names('LOCAL', 'UNICAST')), maybe(join(bang, '--dst-type LOCAL'))),
  ),
  join('-m statistic --mode random', bang, '--probability', probability),
  join('-m statistic --mode nth', bang, either('--every 3 --packet 0', '--every 5 --packet 4')),
  recent(kind.family === 'ipv4' ? '255.255.255.0' : 'ffff:ffff::'),
  join(
    '-m set',
    bang,
    '--match-set',
    SET_NAME,
    either('src,src', 'dst,dst', 'src,dst'),
    either('', '--return-nomatch'),
  ),
  join('-m physdev', bang, either('--physdev-is-in', '--physdev-in eth0', '--physdev-in veth+ --physdev-is-in')),
  join('-m nfacct --nfacct-name', COUNTER_NAME),
  join(
    '-m limit',
    either('', '--limit 5/minute', '--limit 60/min', '--limit 7/h', '--limit 10', '--limit 100/s --limit-burst 9'),
  ),
];

const marks = either('--set-xmark', '--set-mark').chain((option) => join(option, mark));
const changes = fc.oneof(marks, join(either('--or-mark', '--and-mark', '--xor-mark'), bits));
const random = either('', '--random');

const filterTargets = (kind: RuleKind, transport: Transport): readonly fc.Arbitrary<string>[] => [
  either('', '-j ACCEPT', '-j DROP', '-j RETURN', '-j OTHER', '-g OTHER', '--jump ACCEPT', '--goto OTHER'),
  join(
    '-j REJECT',
    kind.family === 'ipv4'
      ? either('', '--reject-with host-prohib', '--reject-with icmp-net-unreachable')
      : either('', '--reject-with icmp6-adm-prohibited', '--reject-with no-route'),
  ),
  ...(transport.protocol === 'tcp' ? [either('-j REJECT --reject-with tcp-reset')] : []),
  join('-j MARK', changes),
  join(
    '-j CONNMARK',
    fc.oneof(
      changes,
      join(either('--save-mark', '--restore-mark'), either('', '--mask 0xff', '--nfmask 0xf --ctmask 0x0f')),
    ),
  ),
  join(
    '-j LOG',
    anyOrder(
      maybe(join('--log-prefix', quoted(29))),
      either('', '--log-level debug', '--log-level 4', '--log-level warning'),
      either('', '--log-uid', '--log-ip-options'),
      either('', '--log-macdecode'),
    ),
  ),
  join(
    '-j NFLOG',
    anyOrder(
      maybe(join('--nflog-prefix', quoted(60))),
      either('', '--nflog-group 5', '--nflog-group 0'),
      either('', '--nflog-threshold 3'),
      either('', '--nflog-size 64'),
    ),
  ),
];

const toAddress = ({ family }: RuleKind, { hasPorts }: Transport): fc.Arbitrary<string> => {
  const plain = fc.oneof(
    address(family),
    address(family).map((ip) => `${ip}-${ip}`),
  );
  if (!hasPorts) return plain;
  const [open, close] = family === 'ipv4' ? ['', ''] : ['[', ']'];
  return fc.oneof(
    plain,
    fc.tuple(plain, dashRange).map(([ip, range]) => `${open}${ip}${close}:${range}`),
    dashRange.map((range) => `:${range}`),
  );
};

const natTargets = (kind: RuleKind, transport: Transport): readonly fc.Arbitrary<string>[] => {
  const toPorts = transport.hasPorts ? maybe(join(either('--to-ports', '--to-port'), dashRange)) : either('');
  return kind.hook === 'PREROUTING'
    ? [
        join(
          '-j DNAT',
          anyOrder(
            join(either('--to-destination', '--to'), toAddress(kind, transport)),
            random,
            either('', '--persistent'),
          ),
        ),
        join('-j REDIRECT', anyOrder(toPorts, random)),
      ]
    : [
        join(
          '-j SNAT',
          anyOrder(
            join(either('--to-source', '--to'), toAddress(kind, transport)),
            random,
            either('', '--random-fully'),
            either('', '--persistent'),
          ),
        ),
        join('-j MASQUERADE', anyOrder(toPorts, random, either('', '--random-fully'))),
      ];
};

const interfaces = ({ hook }: RuleKind): fc.Arbitrary<string> => {
  const device = either('eth0', 'cali+', 'a-very-long.if', 'eth0:1');
  const incoming = maybe(join(bang, either('-i', '--in-interface'), device));
  const outgoing = maybe(join(bang, either('-o', '--out-interface'), device));
  return hook === 'PREROUTING' ? incoming : hook === 'POSTROUTING' ? outgoing : anyOrder(incoming, outgoing);
};

/** A rule of the chain CHECK, its options in any order that iptables takes. */
export function ruleTexts(kind: RuleKind): fc.Arbitrary<string> {
  const physdev = kind.hook === 'FORWARD' ? 0 : 1;
  const general = matches(kind).filter((_, i) => physdev === 0 || i !== 10);
  return transports(kind).chain((transport) => {
    const { protocol, own } = transport;
    const targets = kind.table === 'filter' ? filterTargets(kind, transport) : natTargets(kind, transport);
    const chosen = fc
      .subarray([...general.keys()], { maxLength: 3 })
      .chain((indices) => anyOrder(...indices.flatMap((i) => general[i] ?? []), maybe(own)));
    const addresses = anyOrder(
      maybe(join(bang, either('-s', '--source', '--src'), network(kind.family))),
      maybe(join(bang, either('-d', '--destination', '--dst'), network(kind.family))),
    );
    const head = join(protocol === '' ? '' : either(`-p ${protocol}`, `--protocol ${protocol}`));
    return join('-A CHECK', anyOrder(addresses, interfaces(kind)), head, chosen, fc.oneof(...targets));
  });
}
