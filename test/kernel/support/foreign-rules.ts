// Rules as Docker, Calico, CNI plugins and people write them, with packets counted, around a node's Kubernetes rules.
import type { Dumps } from './test-node.ts';
import type { Family } from '../../../scripts/lab/addresses.ts';

interface ForeignTable {
  /** With policy. */
  readonly chains: readonly string[];
  /** Behind everything: rules of chains of their own. */
  readonly rules: readonly string[];
  /** Per built-in chain: before our rules, behind the first of them, and behind all. */
  readonly around: Readonly<Record<string, readonly [string, string, string]>>;
}

const host = (family: Family, v4: string, v6: string): string => (family === 'ipv4' ? v4 : v6);

function natOf(family: Family): ForeignTable {
  const to = host(family, '172.17.0.2:80', '[fd00:172::2]:80');
  return {
    chains: [':DOCKER - [0:0]', ':CNI-HOSTPORT-DNAT - [0:0]', ':cali-OUTPUT - [0:0]'],
    rules: [
      `[7:420] -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination ${to}`,
      '[8:480] -A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"cni0\\" id: \\"a b\\"" -m multiport --dports 9090,9091 -j RETURN',
      '[1:60] -A cali-OUTPUT -m comment --comment "cali:GBTAv2p5CwevEyJm" -j RETURN',
    ],
    around: {
      PREROUTING: [
        '[11:660] -A PREROUTING -p tcp -m tcp --dport 4443 -j ACCEPT',
        '[12:720] -A PREROUTING -i tun0 -j ACCEPT',
        '[13:780] -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
      ],
      OUTPUT: [
        '[3:180] -A OUTPUT -m comment --comment "cali:tVnHkvAo15HuiPy0" -j cali-OUTPUT',
        '[4:240] -A OUTPUT -o tun0 -j ACCEPT',
        '[5:300] -A OUTPUT -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT',
      ],
      POSTROUTING: [
        `[21:1260] -A POSTROUTING -s ${host(family, '172.17.0.0/16', 'fd00:172::/64')} ! -o docker0 -j MASQUERADE`,
        '[22:1320] -A POSTROUTING -o tun0 -j MASQUERADE',
        '[23:1380] -A POSTROUTING -o wg0 -j MASQUERADE --random-fully',
      ],
    },
  };
}

const FILTER: ForeignTable = {
  chains: [':DOCKER-USER - [0:0]', ':cali-INPUT - [0:0]', ':FIREWALL - [0:0]'],
  rules: [
    '[31:1860] -A DOCKER-USER -j RETURN',
    '[32:1920] -A cali-INPUT -m mark --mark 0x10000/0x10000 -j ACCEPT',
    '[33:1980] -A FIREWALL -m limit --limit 5/min -j LOG --log-prefix "dropped: -j KUBE-SERVICES "',
    '[34:2040] -A FIREWALL -j DROP',
  ],
  around: {
    INPUT: [
      '[41:2460] -A INPUT -m comment --comment "cali:Cz_u1IQiXIMmKD4c" -j cali-INPUT',
      '[42:2520] -A INPUT -i tun0 -j ACCEPT',
      '[43:2580] -A INPUT -i wan0 -p tcp -m tcp --dport 23 -j FIREWALL',
    ],
    FORWARD: [
      '[51:3060] -A FORWARD -i tun0 -o tun1 -j DOCKER-USER',
      '[52:3120] -A FORWARD -i wan0 -o wan1 -j FIREWALL',
      '[53:3180] -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ],
    OUTPUT: [
      '[61:3660] -A OUTPUT -o wan0 -p udp -m udp --dport 514 -j ACCEPT',
      '[62:3720] -A OUTPUT -o tun0 -j ACCEPT',
      '[63:3780] -A OUTPUT -o wan0 -m owner --uid-owner 1000 -j FIREWALL',
    ],
  },
};

const MANGLE: ForeignTable = {
  chains: [':KUBE-KUBELET-CANARY - [0:0]'],
  rules: [],
  around: {
    FORWARD: [
      '[71:4260] -A FORWARD -o wg0 -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu',
      '',
      '',
    ],
  },
};

/**
 * Compiled rules of one family with rules of others around and between them, a policy that drops, and a raw table that is not ours.
 *
 * @param compiled as `printRules` prints it; empty for a node without Kubernetes
 */
export function surround(family: Family, compiled: string): string {
  const foreign: Readonly<Record<string, ForeignTable>> = { nat: natOf(family), filter: FILTER, mangle: MANGLE };
  const blocks = compiled === '' ? EMPTY : compiled.split('COMMIT\n').slice(0, -1);
  const tables = blocks.map((block) => {
    const name = /^\*(\w+)$/m.exec(block)?.[1] ?? '';
    const table = foreign[name];
    return table === undefined ? `${block}COMMIT\n` : surroundTable(block.split('\n').slice(0, -1), table);
  });
  return [
    ...tables,
    '*raw\n:PREROUTING ACCEPT [9:540]\n:OUTPUT ACCEPT [0:0]\n[2:120] -A PREROUTING -i eth9 -j CT --notrack\nCOMMIT\n',
  ].join('');
}

const EMPTY = [
  '*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n',
  '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n',
  '*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n',
];

function surroundTable(lines: readonly string[], foreign: ForeignTable): string {
  const head = lines
    .filter((line) => !line.startsWith('-A '))
    .map((line) => line.replace(':FORWARD ACCEPT [0:0]', ':FORWARD DROP [77:4620]'));
  const rules = lines.filter((line) => line.startsWith('-A '));
  const names = Object.keys(foreign.around);
  const mixed = names.flatMap((chain) => {
    const [before, between, behind] = foreign.around[chain] ?? ['', '', ''];
    const [first = '', ...rest] = rules.filter((rule) => rule.startsWith(`-A ${chain} `));
    return [before, first, between, ...rest, behind].filter((line) => line !== '');
  });
  const others = rules.filter((rule) => !names.some((chain) => rule.startsWith(`-A ${chain} `)));
  return [...head, ...foreign.chains, ...mixed, ...others, ...foreign.rules, 'COMMIT', ''].join('\n');
}

export function surroundAll(print: (family: Family) => string): Dumps {
  return { ipv4: surround('ipv4', print('ipv4')), ipv6: surround('ipv6', print('ipv6')) };
}
