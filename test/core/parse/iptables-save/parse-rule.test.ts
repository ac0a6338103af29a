import assert from 'node:assert/strict';
import { canonicalRule } from '../../../../src/core/parse/iptables-save/canonical-rule.ts';
import { parseRule } from '../../../../src/core/parse/iptables-save/parse-rule.ts';
import { printRule } from '../../../../src/core/ruleset/print-rule.ts';
import type { Rule } from '../../../../src/core/ruleset/rule.ts';

function rule(line: string): Rule {
  const read = parseRule(line);
  assert.deepEqual(read.problems, []);
  return read.rule;
}

function problems(line: string): readonly string[] {
  return parseRule(line).problems.map(({ code, message, column }) => `${column} ${code}: ${message}`);
}

describe('parseRule', () => {
  it('reads what kube-proxy writes into values to reckon with', () => {
    const read = rule(
      '-A KUBE-SVC-A ! -s 10.244.0.0/16 -d 10.96.0.20/32 -i eth+ -p tcp -m comment --comment "a b" -m tcp --dport 80 -j KUBE-MARK-MASQ',
    );
    assert.equal(read.chain, 'KUBE-SVC-A');
    assert.deepEqual(read.source, {
      negated: true,
      network: { family: 'ipv4', base: 0x0af40000n, mask: 0xffff0000n, prefix: 16, text: '10.244.0.0/16' },
    });
    assert.equal(read.destination?.network?.base, 0x0a600014n);
    assert.deepEqual(read.inInterface, { negated: false, value: 'eth+' });
    assert.deepEqual(read.protocol, { negated: false, number: 6 });
    assert.deepEqual(read.matches, [
      { kind: 'comment', text: 'a b' },
      {
        kind: 'tcp',
        sourcePorts: undefined,
        destinationPorts: { negated: false, first: 80, last: 80 },
        flags: undefined,
        option: undefined,
      },
    ]);
    assert.deepEqual(read.target, { kind: 'jump', chain: 'KUBE-MARK-MASQ' });
  });

  it('gives a probability as the kernel keeps it, in 31 bits', () => {
    const thresholdOf = (text: string): unknown => {
      const [match] = rule(`-A A -m statistic --mode random --probability ${text} -j B`).matches;
      return match?.kind === 'statistic-random' ? match.threshold : match;
    };
    assert.equal(thresholdOf('0.50000000000'), 2 ** 30);
    assert.equal(thresholdOf('0.33333333349'), 715_827_883);
    assert.equal(thresholdOf('0.3333333333'), 715_827_883);
    assert.equal(thresholdOf('1'), 2 ** 31);
    assert.equal(thresholdOf('0'), 0);
  });

  it('gives addresses and ports of DNAT', () => {
    const nat = (to: string): unknown => {
      const { target } = rule(`-A A -p tcp -j DNAT --to-destination ${to}`);
      return target.kind === 'dnat' ? target.to : target;
    };
    const addresses = (family: string, first: string, last = first): unknown => ({ family, first, last });
    assert.deepEqual(nat('10.0.0.1:80'), {
      addresses: addresses('ipv4', '10.0.0.1'),
      ports: { first: 80, last: 80 },
      basePort: undefined,
    });
    assert.deepEqual(nat('[fd00::1-fd00::9]:80-90/85'), {
      addresses: addresses('ipv6', 'fd00::1', 'fd00::9'),
      ports: { first: 80, last: 90 },
      basePort: 85,
    });
    assert.deepEqual(nat('FD00:0::1'), {
      addresses: addresses('ipv6', 'fd00::1'),
      ports: undefined,
      basePort: undefined,
    });
  });

  it('brings every change of a mark to one form', () => {
    const mark = (option: string): unknown => rule(`-A A -j MARK ${option}`).target;
    assert.deepEqual(mark('--or-mark 0x80000000'), { kind: 'mark', value: 0x80000000, mask: 0x80000000 });
    assert.deepEqual(mark('--xor-mark 16384'), { kind: 'mark', value: 0x4000, mask: 0 });
    assert.deepEqual(mark('--and-mark 0xff'), { kind: 'mark', value: 0, mask: 0xffffff00 });
    assert.deepEqual(mark('--set-mark 0x10/0xf'), { kind: 'mark', value: 0x10, mask: 0x1f });
    assert.deepEqual(mark('--set-xmark 0x10/0xf'), { kind: 'mark', value: 0x10, mask: 0xf });
  });

  it('keeps unknown matches and targets as words, with the options that are theirs', () => {
    const { matches, target } = rule(
      '-A A -p tcp -m owner ! --uid-owner 0 -m string --string "-j x" --algo bm -m tcp --dport 80 -j CT --zone 1',
    );
    assert.deepEqual(
      matches.map((match) => (match.kind === 'opaque' ? [match.name, ...match.words] : match.kind)),
      [['owner', '!', '--uid-owner', '0'], ['string', '--string', '"-j x"', '--algo', 'bm'], 'tcp'],
    );
    assert.deepEqual(target, { kind: 'opaque', name: 'CT', words: ['--zone', '1'] });
  });

  it('tells chains from targets', () => {
    assert.deepEqual(rule('-A A -j NFQUEUE').target, { kind: 'opaque', name: 'NFQUEUE', words: [] });
    assert.deepEqual(rule('-A A -g NFQUEUE').target, { kind: 'goto', chain: 'NFQUEUE' });
    assert.deepEqual(rule('-A A -j nfqueue').target, { kind: 'jump', chain: 'nfqueue' });
    assert.deepEqual(rule('-A A').target, { kind: 'none' });
  });

  it('takes the defaults of the family that the rule is for', () => {
    const reject = (line: string, family?: 'ipv4' | 'ipv6'): string => printRule(parseRule(line, family).rule);
    assert.equal(reject('-A A -j REJECT'), '-A A -j REJECT --reject-with icmp-port-unreachable');
    assert.equal(reject('-A A -j REJECT', 'ipv6'), '-A A -j REJECT --reject-with icmp6-port-unreachable');
    assert.equal(reject('-A A -s ::1 -j REJECT'), '-A A -s ::1/128 -j REJECT --reject-with icmp6-port-unreachable');
    assert.match(reject('-A A -m recent --set --name x', 'ipv6'), / --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff /);
  });

  it('names what is wrong, and where', () => {
    assert.deepEqual(problems('-A A -p tcp -m tcp --dport 65536 -j B'), [
      '20 rule-bad-value: --dport "65536", which is no port or range of ports',
    ]);
    assert.deepEqual(problems('-A A -j B -j C'), ['11 rule-syntax: a second target, -j C']);
    assert.deepEqual(problems('-p tcp'), ['1 rule-syntax: a rule that does not begin with -A CHAIN']);
    assert.deepEqual(problems('[1:2] -A A x'), ['12 rule-syntax: "x", which belongs to no option']);
    assert.deepEqual(problems('-A A -j B # x'), ['11 rule-note: a note behind the rule: "# x"']);
    assert.deepEqual(problems(''), ['1 rule-syntax: a rule that does not begin with -A CHAIN']);
  });

  it('keeps a rule that it does not understand as it was written', () => {
    for (const line of [
      '-A A -p nosuch -j B',
      '-A A -j B -j C',
      '-A A --zzz 5 -j B',
      '-A A "x',
      '-A A -s 1.1.1.1 -s 2.2.2.2',
    ]) {
      assert.equal(canonicalRule(line), line);
      assert.ok(parseRule(line).rule.leftover.length > 0);
    }
  });

  it('never takes a part that it cannot read for one that matches everything', () => {
    assert.deepEqual(parseRule('-A A -d x.x.x.x/32 -j B').rule.destination, {
      negated: false,
      network: undefined,
      text: 'x.x.x.x/32',
    });
    assert.deepEqual(parseRule('-A A -m mark --mark zero -j B').rule.matches, [
      { kind: 'opaque', name: 'mark', words: ['--mark', 'zero'] },
    ]);
  });
});

describe('canonicalRule', () => {
  it('is the same for two spellings of one rule', () => {
    const same: readonly (readonly [string, string])[] = [
      ['-A A -m state --state NEW -j B', '-A A -m conntrack --ctstate NEW -j B'],
      ['-A A -m tcp -p tcp --dport 80 -d 1.2.3.4', '-A A -d 1.2.3.4/255.255.255.255 -p 6 --destination-port 80:80'],
      ['-A A -j REJECT', '-A A -j REJECT --reject-with port-unreach'],
      ['-A A -m comment --comment x', '-A A -m comment --comment "x"'],
      ['-A A -m nfacct --nfacct-name  x', '-A A -m nfacct --nfacct-name x'],
      ['-A A -p tcp --syn', '-A A -p tcp -m tcp --tcp-flags SYN,ACK,FIN,RST SYN'],
      ['-A A -s ! 10.0.0.1', '-A A ! -s 10.0.0.1/32'],
      ['-A A -p tcp -m tcp ! --sport 0:80', '-A A -p tcp -m tcp --sport 81:65535'],
      ['-A A -p udp -m udp ! --dport 80:', '-A A -p udp -m udp --dport 0:79'],
      ['-A A -p icmp --icmp-type ping', '-A A -p icmp -m icmp --icmp-type 8'],
    ];
    for (const [one, other] of same) assert.equal(canonicalRule(one), canonicalRule(other));
  });

  it('differs for rules that differ', () => {
    const different: readonly (readonly [string, string])[] = [
      ['-A A -j B', '-A A -g B'],
      ['-A A -j B', '-A C -j B'],
      ['-A A -m mark --mark 1', '-A A -m mark --mark 1/1'],
      ['-A A -m mark --mark 1', '-A A -m mark ! --mark 1'],
      ['-A A -p tcp', '-A A -p tcp -m tcp'],
      ['-A A -p tcp -m tcp ! --dport 80', '-A A -p tcp -m tcp --dport 80'],
      ['-A A -m comment --comment "a  b"', '-A A -m comment --comment "a b"'],
      ['-A A -m comment --comment a -m mark --mark 1', '-A A -m mark --mark 1 -m comment --comment a'],
    ];
    for (const [one, other] of different) assert.notEqual(canonicalRule(one), canonicalRule(other));
  });
});
