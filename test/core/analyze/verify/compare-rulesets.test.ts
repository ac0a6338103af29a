import assert from 'node:assert/strict';
import { compareRulesets } from '../../../../src/core/analyze/verify/compare-rulesets.ts';
import type { CompareResult } from '../../../../src/core/analyze/verify/ruleset-difference.ts';
import type { IpFamily } from '../../../../src/core/model/ip.ts';
import { parseIptablesSave } from '../../../../src/core/parse/iptables-save/parse-iptables-save.ts';

interface Tables {
  readonly filter?: readonly string[];
  readonly nat?: readonly string[];
  readonly mangle?: readonly string[];
  readonly raw?: readonly string[];
}

const BUILT_IN: { readonly [T in keyof Tables]-?: readonly string[] } = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
};

function rulesetText(tables: Tables, policies: Readonly<Record<string, string>> = {}): string {
  return Object.entries(BUILT_IN)
    .map(([name, builtIn]) => {
      const rules = new Map<string, readonly string[]>(Object.entries(tables)).get(name) ?? [];
      const own = new Set(
        rules.map((rule) => /^-A (\S+)/.exec(rule)?.[1] ?? '').filter((chain) => !builtIn.includes(chain)),
      );
      const chains = [
        ...builtIn.map((c) => `:${c} ${policies[c] ?? 'ACCEPT'} [0:0]`),
        ...[...own].map((c) => `:${c} - [0:0]`),
      ];
      return [`*${name}`, ...chains, ...rules, 'COMMIT', ''].join('\n');
    })
    .join('');
}

function compare(a: Tables, b: Tables, family: IpFamily = 'ipv4'): CompareResult {
  const read = (tables: Tables) => parseIptablesSave(rulesetText(tables), { family }).ruleset;
  return compareRulesets(read(a), read(b));
}

function forward(...rules: readonly string[]): Tables {
  return { filter: rules.map((rule) => `-A FORWARD ${rule}`) };
}

describe('rules that do the same', () => {
  const same: readonly (readonly [string, Tables, Tables])[] = [
    [
      'two networks and the one of both',
      forward('-s 10.0.0.0/25 -j DROP', '-s 10.0.0.128/25 -j DROP'),
      forward('-s 10.0.0.0/24 -j DROP'),
    ],
    [
      'another order where it does not matter',
      forward('-d 10.0.0.1/32 -j DROP', '-d 10.0.0.2/32 -j ACCEPT'),
      forward('-d 10.0.0.2/32 -j ACCEPT', '-d 10.0.0.1/32 -j DROP'),
    ],
    [
      'a rule behind one that takes all',
      forward('-p tcp -j DROP', '-p tcp -m tcp --dport 80 -j ACCEPT'),
      forward('-p tcp -j DROP'),
    ],
    [
      'ports as a list and one by one',
      forward('-p tcp -m multiport --dports 80,443 -j DROP'),
      forward('-p tcp -m tcp --dport 443 -j DROP', '-p tcp -m tcp --dport 80 -j DROP'),
    ],
    [
      'a chain and its rules in place',
      { filter: ['-A FORWARD -s 10.0.0.0/8 -j A', '-A A -p udp -j DROP'] },
      forward('-s 10.0.0.0/8 -p udp -j DROP'),
    ],
    [
      'RETURN and a negation',
      { filter: ['-A FORWARD -j A', '-A A -i eth0 -j RETURN', '-A A -j DROP'] },
      forward('! -i eth0 -j DROP'),
    ],
    [
      'goto leaves the chain above as well',
      {
        filter: ['-A FORWARD -j A', '-A FORWARD -j DROP', '-A A -s 10.0.0.1/32 -g B', '-A A -j ACCEPT', '-A B -j LOG'],
      },
      forward('! -s 10.0.0.1/32 -j ACCEPT', '-j DROP'),
    ],
    [
      'a mark that is set and asked for',
      {
        mangle: [
          '-A PREROUTING -s 10.0.0.0/8 -j MARK --set-xmark 0x1/0xffffffff',
          '-A PREROUTING ! -s 10.0.0.0/8 -j MARK --set-xmark 0x0/0xffffffff',
        ],
        filter: ['-A FORWARD -m mark --mark 0x1 -j DROP'],
      },
      {
        mangle: [
          '-A PREROUTING -j MARK --set-xmark 0x1/0xffffffff',
          '-A PREROUTING ! -s 10.0.0.0/8 -j MARK --set-xmark 0x0/0xffffffff',
        ],
        filter: ['-A FORWARD -s 10.0.0.0/8 -j DROP'],
      },
    ],
    [
      'two halves of chance',
      {
        nat: [
          '-A PREROUTING -d 10.0.0.9/32 -p tcp -m tcp --dport 80 -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.0.1.1:80',
          '-A PREROUTING -d 10.0.0.9/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.1.2:80',
        ],
      },
      {
        nat: [
          '-A PREROUTING -d 10.0.0.9/32 -p tcp -m tcp --dport 80 -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.0.1.2:80',
          '-A PREROUTING -d 10.0.0.9/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.1.1:80',
        ],
      },
    ],
    [
      'chance that leads to the same',
      forward('-m statistic --mode random --probability 0.3 -j DROP', '-j DROP'),
      forward('-j DROP'),
    ],
    [
      'the same opaque match',
      forward('-m bpf --object-pinned /a -j DROP'),
      forward('-m bpf --object-pinned /a -j DROP', '-s 10.0.0.0/8 -j ACCEPT'),
    ],
    [
      'states of connections',
      forward('-m conntrack --ctstate NEW,RELATED,ESTABLISHED,INVALID,UNTRACKED -j DROP'),
      forward('-j DROP'),
    ],
    ['an interface in two ways', forward('-i eth+ -j DROP'), forward('-i eth0 -j DROP', '-i eth+ -j DROP')],
    ['TCP flags', forward('-p tcp -m tcp --tcp-flags SYN SYN -j DROP', '-p tcp -j DROP'), forward('-p tcp -j DROP')],
    [
      'a mask with holes',
      forward('-d 10.0.0.0/255.255.0.255 -j DROP', '-d 10.0.0.0/16 -j DROP'),
      forward('-d 10.0.0.0/16 -j DROP'),
    ],
  ];
  for (const [what, a, b] of same) {
    it(what, () => {
      const result = compare(a, b);
      assert.equal(result.verdict, 'same', JSON.stringify(result.differences[0]?.packet));
    });
  }
});

describe('rules that do something else', () => {
  const other: readonly (readonly [string, Tables, Tables, (result: CompareResult) => void])[] = [
    [
      'one address',
      forward('-s 10.0.0.0/24 -j DROP'),
      forward(
        '-s 10.0.0.0/25 -j DROP',
        '-s 10.0.0.129/32 -j DROP',
        '-s 10.0.0.130/31 -j DROP',
        '-s 10.0.0.132/30 -j DROP',
        '-s 10.0.0.136/29 -j DROP',
        '-s 10.0.0.144/28 -j DROP',
        '-s 10.0.0.160/27 -j DROP',
        '-s 10.0.0.192/26 -j DROP',
      ),
      (r) => assert.equal(r.differences[0]?.packet.source, '10.0.0.128'),
    ],
    [
      'one port',
      forward('-p tcp -m tcp --dport 80:90 -j DROP'),
      forward('-p tcp -m tcp --dport 80:89 -j DROP'),
      (r) => assert.equal(r.differences[0]?.packet.destinationPort, 90),
    ],
    [
      'a source port',
      forward('-p udp -m udp --sport 68 -j DROP'),
      forward(),
      (r) => assert.equal(r.differences[0]?.packet.sourcePort, 68),
    ],
    [
      'an interface',
      forward('-i eth+ -j DROP'),
      forward('-i eth0 -j DROP'),
      (r) => assert.match(r.differences[0]?.packet.inInterface ?? '', /^eth(?!0$)/),
    ],
    [
      'an order',
      forward('-s 10.0.0.1/32 -j ACCEPT', '-j DROP'),
      forward('-j DROP', '-s 10.0.0.1/32 -j ACCEPT'),
      (r) => assert.equal(r.differences[0]?.packet.source, '10.0.0.1'),
    ],
    [
      'an unlikely mark',
      forward('-m mark --mark 0xdeadbeef -j DROP'),
      forward(),
      (r) => assert.equal(r.differences[0]?.packet.mark, 0xdeadbeef),
    ],
    [
      'a chance',
      forward('-m statistic --mode random --probability 0.5 -j DROP'),
      forward('-m statistic --mode random --probability 0.25 -j DROP'),
      (r) =>
        assert.deepEqual(
          r.differences[0]?.before.map(({ chance }) => chance),
          [0.5, 0.5],
        ),
    ],
    [
      'a state',
      forward('-m conntrack --ctstate INVALID -j DROP'),
      forward(),
      (r) => assert.equal(r.differences[0]?.packet.tracking, 'INVALID'),
    ],
    [
      'the node itself',
      { filter: ['-A OUTPUT -d 10.0.0.1/32 -j DROP'] },
      {},
      (r) => assert.equal(r.differences[0]?.packet.inInterface, undefined),
    ],
    [
      'an address of the node',
      { filter: ['-A FORWARD -m addrtype --src-type LOCAL -j DROP'] },
      {},
      (r) => assert.equal(r.differences[0]?.packet.sourceIsLocal, true),
    ],
    [
      'a set',
      forward('-m set --match-set blocked src -j DROP'),
      forward(),
      (r) =>
        assert.deepEqual(
          r.differences[0]?.packet.conditions.map(({ condition }) => condition.kind),
          ['set'],
        ),
    ],
    [
      'a translation',
      { nat: ['-A PREROUTING -d 10.0.0.9/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.1.1:80'] },
      { nat: ['-A PREROUTING -d 10.0.0.9/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.1.1:81'] },
      (r) => assert.equal(r.differences[0]?.kind, 'endpoints'),
    ],
    [
      'a kind of rejection',
      forward('-j REJECT --reject-with icmp-port-unreachable'),
      forward('-j REJECT --reject-with icmp-host-prohibited'),
      (r) => assert.equal(r.differences[0]?.kind, 'verdict'),
    ],
    [
      'TCP flags',
      forward('-p tcp -m tcp --tcp-flags FIN,SYN FIN,SYN -j DROP'),
      forward(),
      (r) => assert.equal((r.differences[0]?.packet.tcpFlags ?? 0) & 3, 3),
    ],
    [
      'a type of ICMP',
      forward('-p icmp -m icmp --icmp-type 5/1 -j DROP'),
      forward(),
      (r) => assert.deepEqual(r.differences[0]?.packet.icmp, { type: 5, code: 1 }),
    ],
    [
      'a connection that DNAT changed',
      {
        nat: ['-A PREROUTING -d 10.0.0.9/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.1.1:80'],
        filter: ['-A FORWARD -m conntrack --ctorigdst 10.0.0.9 -j DROP'],
      },
      { nat: ['-A PREROUTING -d 10.0.0.9/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.1.1:80'] },
      (r) => assert.equal(r.differences[0]?.packet.destination, '10.0.0.9'),
    ],
  ];
  for (const [what, a, b, check] of other) {
    it(what, () => {
      const result = compare(a, b);
      assert.equal(result.verdict, 'different');
      check(result);
    });
  }
});

describe('rules of which that cannot be said', () => {
  it('are those with another opaque match', () => {
    const result = compare(forward('-m bpf --object-pinned /a -j DROP'), forward('-m bpf --object-pinned /b -j DROP'));
    assert.equal(result.verdict, 'undecided');
    assert.match(result.undecided[0]?.rule?.text ?? '', /bpf/);
  });

  it('are those with an opaque target, and jumps that lead nowhere or in a circle', () => {
    for (const rules of [
      ['-A FORWARD -j NFQUEUE --queue-num 1'],
      ['-A FORWARD -j NOWHERE'],
      ['-A FORWARD -j A', '-A A -j B', '-A B -j A'],
    ]) {
      assert.equal(compare({ filter: rules }, {}).verdict, 'undecided', rules.join());
    }
  });

  it('are those that grow too large', () => {
    const read = (tables: Tables) => parseIptablesSave(rulesetText(tables), { family: 'ipv4' }).ruleset;
    const many = Array.from(
      { length: 60 },
      (_, i) => `-s 10.${i}.0.0/255.255.0.255 -p tcp -m tcp --sport ${i * 7}:${i * 9 + 9} -i e${i} -j DROP`,
    );
    const result = compareRulesets(read(forward(...many)), read(forward()), { mostNodes: 200 });
    assert.equal(result.verdict, 'undecided');
    assert.match(result.undecided[0]?.reason ?? '', /too many/);
  });
});
