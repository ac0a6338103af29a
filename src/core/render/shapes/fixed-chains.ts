/** Chains whose rules are always the same. */
export const constantShape = {} as const;

/** nat/KUBE-MARK-MASQ: marks a packet for masquerading. */
export const markMasqShape = {
  mark: { kind: 'text', doc: 'the masquerade bit, `0x4000`' },
} as const;

/** nat/KUBE-POSTROUTING: masquerades what is marked. */
export const postroutingShape = {
  mark: { kind: 'text', doc: 'the masquerade bit, `0x4000`' },
  randomFully: { kind: 'flag', doc: 'choose source ports at random (iptables 1.6.2, Linux 3.13)' },
} as const;

/** filter/KUBE-FORWARD: lets forwarded Service traffic through. */
export const forwardShape = {
  mark: { kind: 'text', doc: 'the masquerade bit, `0x4000`' },
  dropInvalid: { kind: 'flag', doc: 'drop packets of conntrack state INVALID (not with tcpBeLiberal)' },
  nfacct: { kind: 'flag', doc: 'count what is dropped' },
} as const;

/** filter/KUBE-FIREWALL: keeps the network away from 127.0.0.0/8 while route_localnet is on (CVE-2020-8558). */
export const firewallShape = {
  blockLocalnet: { kind: 'flag', doc: 'localhost nodePorts are on' },
} as const;
