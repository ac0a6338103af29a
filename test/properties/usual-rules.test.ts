import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { parseRule } from '../../src/core/parse/iptables-save/parse-rule.ts';
import { UsualRules } from '../../src/core/parse/iptables-save/usual-rules.ts';
import { anyRule } from '../support/hostile-dumps.ts';
import { holds, metAtLeast } from '../support/law.ts';

const CHAIN = 'KUBE-SVC-A';
const NAMES = [CHAIN, 'KUBE-SEP-B', 'KUBE-MARK-MASQ', 'KUBE-"Q"', 'KUBE-', 'OTHER', 'DNAT', '-j'];

/** In the order of iptables-save. */
const OPTIONS = [
  '-s 10.0.0.1/32',
  '-d 10.96.0.1/32',
  '-p tcp',
  '-m comment --comment "a/b:c -> 1.2.3.4:5"',
  '-m statistic --mode random --probability 0.33333333349',
  '-m tcp',
  '-m tcp --dport 80',
];
const TARGETS = ['-j KUBE-SEP-B', '-j KUBE-MARK-MASQ', '-j DNAT --to-destination 1.2.3.4:80'];

/** Other options and targets, and other spellings of these, some of them wrong. */
const OTHERS: readonly string[] = [
  ['! -s 10.128.0.0/9', '-s ! 10.0.0.0/8', '!  -s 10.0.0.1/32', '! -d 10.0.0.1/32', '-d fd00::1/128'],
  ['-d 0.0.0.0/0', '! -s 0.0.0.0/0', '-s 10.0.0.1/032', '-s 010.0.0.1/32', '-s 10.0.0.256/32', '-s 1.2.3/32'],
  ['-s 10.1.2.3/8', '-s 10.0.0.1', '-s 0/32', '-s 1.2.3.4,5.6.7.8', '-d 10.0.0.0/255.0.255.0', '-d ::/32', '-d'],
  ['-p udp', '-p sctp', '-p 6', '! -p tcp', '-p TCP', '-p all', '-i eth0', '! -i eth0', '-f', '-c 1 2', '-4', '!'],
  [
    '-m comment --comment x',
    '-m comment --comment ""',
    '-m comment --comment "a\\x b"',
    '-m comment --comment "a\\"b"',
    '--comment y',
    '# note',
  ],
  ['-m comment --comment "a"b', '-m comment --comment -', '-m comment --comment a\tb', '-m comment ! --comment x'],
  ['-m comment --comment "a\tb"', '-m comment --comment "é', '-m comment', '-m udp', '-m udp --dport 53', '-m'],
  ['-m tcp ! --dport 80', '-m tcp --dport 0x50', '-m tcp --dport 80:90', '-m tcp --dport 0:65535', '--dport 1'],
  ['-m tcp --dport http', '-m tcp --dport 65536', '-m tcp --sport 1', '-m tcp --syn', '-m addrtype --src-type LOCAL'],
  ['-m statistic --mode random --probability 1.5', '-m statistic --mode random --probability', '-m statistic'],
  ['-m statistic --mode nth --every 2', '-m statistic --mode random ! --probability 0.5', '--probability 1', ''],
  ['-j KUBE-"Q"', '-j KUBE-', '-j KUBE-NONE', '-j OTHER', '-g KUBE-SEP-B', '-j KUBE-SEP-B ', '-j', '-A KUBE-X'],
  ['-j ACCEPT', '-j REJECT', '-j DNAT', '-j MARK --set-xmark 0x4000/0x4000', '-j DNAT --to-destination 1.2.3.4'],
  [
    '1.2.3.4:80-90',
    '[fd00::1]:80',
    ':80',
    '1.2.3.4:',
    '1.2.3.4:70000',
    '"1.2.3.4:80"',
    '1.2.3.4:1-2/3',
    '01.2.3.4',
  ].map((to) => `-j DNAT --to-destination ${to}`),
  ['-j DNAT --to-destination 1.2.3.4:80 --random', '-j DNAT --to-destination 1.2.3.4-1.2.3.9:80'],
].flat();

/** What iptables-save prints, with some other words in it, or twice the same, or none of this. */
const rest: fc.Arbitrary<string> = fc
  .record({
    options: fc.subarray(OPTIONS),
    target: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...TARGETS) }, fc.constantFrom(...OTHERS)),
    others: fc.array(fc.tuple(fc.nat(9), fc.constantFrom(...OPTIONS, ...TARGETS, ...OTHERS)), { maxLength: 2 }),
    blank: fc.constantFrom(' ', ' ', ' ', ' ', ' ', '  ', '\t'),
  })
  .map(({ options, target, others, blank }) => {
    const words = [...options, target];
    for (const [at, other] of others) words.splice(at % (words.length + 1), 0, other);
    return words.join(blank);
  });
const chain = fc.oneof({ weight: 8, arbitrary: fc.constant(CHAIN) }, fc.constantFrom(...NAMES));
/** The chain of a rule, and the rule, which is rarely one of another chain. */
const line = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(chain, rest).map(([name, words]) => [name, `-A ${name} ${words}`] as const) },
  fc.tuple(chain, rest).map(([name, words]) => [name, `-A ${CHAIN} ${words}`] as const),
  anyRule.map((text) => [CHAIN, text.replace('-A A', `-A ${CHAIN} `)] as const),
);

describe('the short way to read usual rules', () => {
  it('reads what the long way reads, or leaves it to that', function () {
    this.timeout(120_000);
    let met = 0;
    const usual = new UsualRules(new Map(NAMES.map((name) => [name, { name }])));
    const law = fc.property(line, fc.constantFrom('ipv4' as const, 'ipv6' as const), ([name, text], family) => {
      const rule = usual.read(text, name);
      if (rule === undefined) return;
      met += 1;
      assert.deepEqual({ rule, problems: [] }, parseRule(text, family));
    });
    holds(law, { runs: 60_000 });
    metAtLeast(5000, met, 'usual rules');
  });

  it('reads those of Services and endpoints', () => {
    const usual = new UsualRules(new Map(NAMES.map((name) => [name, { name }])));
    const comment = '-m comment --comment "a/b:c cluster IP"';
    for (const rest of [
      `! -s 10.128.0.0/9 -d 10.96.0.1/32 -p tcp ${comment} -m tcp --dport 80 -j KUBE-MARK-MASQ`,
      `-d 10.96.0.1/32 -p udp ${comment} -m udp --dport 53 -j KUBE-SEP-B`,
      `${comment} -m statistic --mode random --probability 0.33333333349 -j KUBE-SEP-B`,
      `-s fd00::1/128 ${comment} -j KUBE-MARK-MASQ`,
      `-p tcp ${comment} -m tcp -j DNAT --to-destination [fd00::1]:80`,
    ]) {
      const text = `-A ${CHAIN} ${rest}`;
      assert.deepEqual(parseRule(text), { rule: usual.read(text, CHAIN), problems: [] });
    }
  });
});
