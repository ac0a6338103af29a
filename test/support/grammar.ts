/** Every rule chainsmith may print, token by token: what it cannot say, no input can make it say. */
import assert from 'node:assert/strict';
import { readRules } from './rules-text.ts';

const V4 = String.raw`(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})`;
const V6 = '(?=[0-9a-f]*:)[0-9a-f:]+';
const CIDR = `(?:${V4}/[0-9]{1,2}|${V6}/[0-9]{1,3})`;
// A name that begins with "-" is no option to iptables-restore (1.8.9 loads "-i -t" and prints it back); "+" is a wildcard at the end.
const INTERFACE = String.raw`[A-Za-z0-9_.@-]{1,15}\+?`;
const PORT = '[1-9][0-9]{0,4}';
const PROTOCOL = '(?:tcp|udp|sctp)';
/** iptables allows 28 characters. */
const CHAIN = '[A-Z][A-Z0-9-]{1,27}';
const MARK = '0x[0-9a-f]{1,8}';
const STATES = '(?:INVALID|NEW|RELATED,ESTABLISHED|RELATED,ESTABLISHED,DNAT)';
/** No quote, no backslash, no line end; at most 255 characters (linux/netfilter/xt_comment.h). */
const COMMENT = String.raw`"[A-Za-z0-9 ;:,./>\[\]-]{1,255}"`;

const MATCH = [
  `-m comment --comment ${COMMENT}`,
  `-m ${PROTOCOL}(?: --dport ${PORT})?`,
  `-m conntrack (?:! )?--ctstate ${STATES}`,
  `-m mark (?:! )?--mark ${MARK}/${MARK}`,
  '-m addrtype --(?:dst|src)-type LOCAL',
  String.raw`-m statistic --mode random --probability 0\.[0-9]{11}`,
  `-m recent (?:--set|--rcheck --seconds ${PORT} --reap) --name ${CHAIN} --mask [0-9a-f:.]+ --rsource`,
  '-m nfacct --nfacct-name {2}(?:localhost_nps_accepted_pkts|ct_state_invalid_dropped_pkts)',
].join('|');

const TARGET = [
  `KUBE-[A-Z0-9-]{1,23}`,
  'DROP|ACCEPT|RETURN',
  'REJECT --reject-with icmp6?-port-unreachable',
  `MARK --set-xmark ${MARK}/${MARK}`,
  'MASQUERADE(?: --random-fully)?',
  String.raw`DNAT --to-destination (?:${V4}|\[${V6}\]):${PORT}`,
].join('|');

const RULE = new RegExp(
  `^-A ${CHAIN}(?: (?:! )?-s ${CIDR})?(?: (?:! )?-d ${CIDR})?(?: (?:! )?-i ${INTERFACE})?(?: -p ${PROTOCOL})?` +
    `(?: (?:${MATCH}))*(?: -j (?:${TARGET}))?$`,
);

const JUMPS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'filter INPUT',
    [
      '-j KUBE-FIREWALL',
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL',
      '-m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS',
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES',
    ],
  ],
  [
    'filter FORWARD',
    [
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL',
      '-m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES',
    ],
  ],
  [
    'filter OUTPUT',
    [
      '-j KUBE-FIREWALL',
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL',
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    ],
  ],
  ['nat PREROUTING', ['-m comment --comment "kubernetes service portals" -j KUBE-SERVICES']],
  ['nat OUTPUT', ['-m comment --comment "kubernetes service portals" -j KUBE-SERVICES']],
  ['nat POSTROUTING', ['-m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING']],
]);

/** The built-in chains hold kube-proxy's jumps and nothing else, all other chains are KUBE- chains, and each rule is well formed. */
export function assertHarmless(text: string): void {
  for (const { table, name, policy, rules } of readRules(text)) {
    assert.equal(policy, name.startsWith('KUBE-') ? '-' : 'ACCEPT', `${table} ${name}`);
    assert.match(name, /^(KUBE-[A-Z0-9-]{1,23}|PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING)$/);
    for (const rule of rules) assert.match(rule, RULE);
    if (policy === 'ACCEPT') {
      const expected = (JUMPS.get(`${table} ${name}`) ?? []).map((rule) => `-A ${name} ${rule}`);
      assert.deepEqual(rules, expected, `${table} ${name}`);
    }
  }
}
