import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { decode } from '../../src/core/analyze/decode/decode.ts';
import type { DecodedRules } from '../../src/core/analyze/decode/decoded-rules.ts';
import { exactShare } from '../../src/core/analyze/decode/share.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import type { Ruleset } from '../../src/core/ruleset/ruleset.ts';
import { anyDump, damagedDump } from '../support/hostile-dumps.ts';
import { holds } from '../support/law.ts';

const CHAINS = [
  'KUBE-SERVICES',
  'KUBE-NODEPORTS',
  'KUBE-SVC-AAAAAAAAAAAAAAAA',
  'KUBE-SVL-AAAAAAAAAAAAAAAA',
  'KUBE-EXT-AAAAAAAAAAAAAAAA',
  'KUBE-FW-AAAAAAAAAAAAAAAA',
  'KUBE-XLB-BBBBBBBBBBBBBBBB',
  'KUBE-SVC-BBBBBBBBBBBBBBBB',
  'KUBE-SEP-AAAAAAAAAAAAAAAA',
  'KUBE-SEP-BBBBBBBBBBBBBBBB',
  'KUBE-MARK-MASQ',
  'KUBE-MARK-DROP',
  'KUBE-POSTROUTING',
  'KUBE-OTHER',
  'MINE',
] as const;

const MATCHES = [
  '',
  '',
  '-d 10.0.0.1/32 -p tcp -m tcp --dport 80',
  '-d 10.0.0.1/32 -p tcp -m tcp --dport 80',
  '-d 10.0.0.2/32',
  '-d 10.0.0.0/8',
  '! -d 127.0.0.0/8',
  '-p tcp -m tcp --dport 30080',
  '-p udp -m udp --dport 53:54',
  '-m addrtype --dst-type LOCAL',
  '-m addrtype --src-type LOCAL',
  '! -s 10.244.0.0/16',
  '-s 10.244.0.0/16',
  '-s 203.0.113.0/24',
  '-i cni0',
  '-m statistic --mode random --probability 0.5',
  '-m statistic --mode nth --every 3 --packet 0',
  '-m recent --rcheck --seconds 60 --reap --name A --rsource',
  '-m recent --set --name A --rsource',
  '-m set --match-set KUBE-CLUSTER-IP dst,dst',
  '-m set --match-set other src',
  '-m comment --comment "a/b:c cluster IP"',
  '-m comment --comment "a/b:c has no endpoints"',
  '-m comment --comment "d/e: -> 10.1.0.1:80"',
  '-m mark --mark 0x4000/0x4000',
  '-m unknown --thing 1',
  'stray words',
] as const;

const TARGETS = [
  ...CHAINS.flatMap((chain) => [`-j ${chain}`, `-j ${chain}`, `-g ${chain}`]),
  '-j DNAT --to-destination 10.1.0.1:80',
  '-j DNAT --to-destination 10.1.0.1-10.1.0.9',
  '-j ACCEPT',
  '-j RETURN',
  '-j DROP',
  '-j REJECT',
  '-j MARK --set-xmark 0x4000/0x4000',
  '-j MASQUERADE',
  '-j LOG',
  '-j NOSUCH --thing',
  '-j REDIRECT --to-ports 4000',
  '',
] as const;

const rule = fc
  .tuple(
    fc.constantFrom(...CHAINS),
    fc.constantFrom(...MATCHES),
    fc.constantFrom(...MATCHES),
    fc.constantFrom(...TARGETS),
  )
  .map(([chain, first, second, target]) => `-A ${chain} ${first} ${second} ${target}`.replace(/ +/g, ' ').trim());

/** Rules in kube-proxy's chains that lead anywhere: in circles, into the void, and sometimes to an endpoint. */
const tangle = fc
  .record({ nat: fc.array(rule, { maxLength: 24 }), filter: fc.array(rule, { maxLength: 6 }) })
  .map(({ nat, filter }) => ['*nat', ...nat, 'COMMIT', '*filter', ...filter, 'COMMIT', ''].join('\n'));

/** Every line that the result speaks of. */
function toldLines(value: unknown, lines: Set<number>): Set<number> {
  if (Array.isArray(value)) for (const item of value) toldLines(item, lines);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (key === 'chance') continue;
      const isLines = ['lines', 'rules', 'links', 'ipvsLines'].includes(key);
      if (key === 'line' && typeof item === 'number') lines.add(item);
      else if (isLines && Array.isArray(item)) for (const line of item) lines.add(Number(line));
      else toldLines(item, lines);
    }
  }
  return lines;
}

/** The chains whose rules are always told of are those of Services and their lists. */
function isToldOf(chain: string): boolean {
  return /^KUBE-(?:SERVICES|NODEPORTS|OTHER|(?:SVC|SVL|EXT|FW|XLB|SEP)-.*)$/.test(chain);
}

function check({ tables, family }: Ruleset, decoded: DecodedRules): void {
  assert.equal(decoded.family, family);
  const told = toldLines(decoded, new Set());
  for (const table of tables) {
    for (const { name, rules } of table.chains.values()) {
      if (!isToldOf(name) || !['nat', 'filter'].includes(table.name)) continue;
      for (const { line, rule } of rules) assert.ok(told.has(line), `line ${line} is passed over: ${rule.text}`);
    }
  }
  for (const { endpoints } of decoded.servicePorts) {
    for (const share of endpoints.flatMap(({ cluster, local }) => [cluster ?? [], local ?? []]).flat()) {
      assert.ok(share.ratio > 0 && share.ratio <= 1 + 1e-9, String(share.ratio));
      const exact = exactShare(share);
      assert.ok(exact === undefined || (exact.numerator > 0n && exact.numerator <= exact.denominator));
    }
  }
}

/** A translation in a chain that only rules lead to that are not understood was told of nowhere. */
const PASSED_OVER = [
  '*nat\n-A KUBE-SVC-AAAAAAAAAAAAAAAA -j DNAT --to-destination 10.1.0.1:80\n-A KUBE-SERVICES -g KUBE-SVC-AAAAAAAAAAAAAAAA\nCOMMIT\n*filter\nCOMMIT\n',
  '*nat\n-A KUBE-NODEPORTS -g KUBE-SVC-BBBBBBBBBBBBBBBB\n-A KUBE-XLB-BBBBBBBBBBBBBBBB -j KUBE-SERVICES\n-A KUBE-SVC-BBBBBBBBBBBBBBBB -j DNAT --to-destination 10.1.0.1-10.1.0.9\nCOMMIT\n*filter\nCOMMIT\n',
];

describe('decode takes every rule set', () => {
  it('of kube-proxy’s chains that lead anywhere, and tells of every rule', function () {
    this.timeout(120_000);
    holds(
      fc.property(tangle, (text) => {
        const { ruleset } = parseIptablesSave(text);
        check(ruleset, decode(ruleset));
      }),
      { runs: 4000, examples: PASSED_OVER.map((text) => [text]) },
    );
  });

  it('of dumps with damages, and of what are none', function () {
    this.timeout(120_000);
    holds(
      fc.property(fc.oneof(damagedDump, anyDump), (text) => {
        const { ruleset } = parseIptablesSave(text);
        check(ruleset, decode(ruleset));
      }),
      { runs: 4000 },
    );
  });
});
