import type { Match } from '../../ruleset/match.ts';
import type { Target } from '../../ruleset/target.ts';
import type { Extension } from './extension.ts';
import { limit, recent, statistic } from './matches/choice.ts';
import { connmark, conntrack, mark, state } from './matches/connection.ts';
import { icmp, icmp6 } from './matches/icmp.ts';
import { ipvs } from './matches/ipvs.ts';
import { addrtype, comment, nfacct, physdev, set } from './matches/place.ts';
import { multiport, sctp, tcp, udp } from './matches/transport.ts';
import { connmarkTarget, markTarget } from './targets/marks.ts';
import { dnat, masquerade, redirect, snat } from './targets/nat.ts';
import { log, nflog, reject } from './targets/verdicts.ts';

/** The matches that are read, by the name behind `-m`; all others stay opaque. */
export const matchExtensions: ReadonlyMap<string, Extension<Match>> = new Map<string, Extension<Match>>(
  Object.entries({
    tcp,
    udp,
    sctp,
    multiport,
    comment,
    mark,
    connmark,
    conntrack,
    state,
    addrtype,
    statistic,
    recent,
    set,
    physdev,
    nfacct,
    ipvs,
    icmp,
    icmp6,
    // Its name in messages of the kernel and in some versions' help.
    icmpv6: icmp6,
    limit,
  }),
);

/** The targets with options that are read, by the name behind `-j`. */
export const targetExtensions: ReadonlyMap<string, Extension<Target>> = new Map<string, Extension<Target>>(
  Object.entries({
    REJECT: reject,
    DNAT: dnat,
    SNAT: snat,
    MASQUERADE: masquerade,
    REDIRECT: redirect,
    MARK: markTarget,
    CONNMARK: connmarkTarget,
    LOG: log,
    NFLOG: nflog,
  }),
);

export const verdicts: ReadonlyMap<string, Target> = new Map<string, Target>([
  ['ACCEPT', { kind: 'accept' }],
  ['DROP', { kind: 'drop' }],
  ['RETURN', { kind: 'return' }],
]);

/** Further targets of the kernel: a chain cannot be called like one. */
export const otherTargets: ReadonlySet<string> = new Set(
  'AUDIT CHECKSUM CLASSIFY CLUSTERIP CONNSECMARK CT DNPT DSCP ECN HL HMARK IDLETIMER LED NETMAP NFQUEUE NOTRACK QUEUE RATEEST SAME SECMARK SET SNPT SYNPROXY TCPMSS TCPOPTSTRIP TEE TOS TPROXY TRACE TTL ULOG'.split(
    ' ',
  ),
);

/** The match that iptables loads by itself for an option of it, once the protocol is known. */
export const protocolMatches: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [58, 'icmp6'],
  [132, 'sctp'],
]);
