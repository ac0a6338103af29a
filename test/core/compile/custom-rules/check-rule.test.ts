import { strict as assert } from 'node:assert';
import { checkRule } from '../../../../src/core/compile/custom-rules/check-rule.ts';
import type { RulePlace } from '../../../../src/core/compile/custom-rules/rule-target.ts';

const NAT: RulePlace = { table: 'nat', chain: 'X', jumpable: new Set(['X', 'Y', 'KUBE-MARK-MASQ']) };
const FILTER: RulePlace = { ...NAT, table: 'filter' };

describe('checkRule', () => {
  // Each of them loads: iptables-nft-restore 1.8.9, kernel 6.
  const rules = [
    '',
    '# anything "goes here',
    '-A X',
    '-A X -j Y',
    '-A X -g Y',
    '-A X --jump Y',
    '-A X ! -s 10.0.0.0/8 -p tcp -m tcp --dport 80 -j Y',
    '-A X -p tcp -m tcp ! --tcp-flags SYN,ACK SYN -j Y',
    '-A X -m comment --comment "" -j Y',
    '-A X -i -t -j Y',
    '-A X -m recent --set --name Z --rsource -j Y',
    '-A X -m set ! --match-set s src,dst -j Y',
    '-A X -4 -j RETURN',
    '-A X -p tcp -j DNAT --to-destination 10.0.0.1:80',
  ];
  for (const line of rules) it(`takes ${line}`, () => assert.equal(checkRule(line, NAT), undefined));

  const others: Readonly<Record<string, RegExp>> = {
    ' -A X -j Y': /does not begin with -A X/,
    '-A X -m comment --comment "-F INPUT" -j Y': /^--comment without a value/,
    '-A X -m comment --comment -F -j Y': /^--comment without a value/,
    '-A X -m comment --comment  -h-A"kubernetes" -j Y': /^--comment without a value/,
    '-A XY -j Y': /does not begin with -A X/,
    '  # remark': /does not begin with -A X/,
    '-A X -A INPUT': /^-A, which has no place/,
    '-A X -F INPUT': /^-F, /,
    '-A X --flush': /^--flush, /,
    '-A X --flu': /reads as --flush/,
    '-A X "-F"': /^-F, /,
    '-A X -vF Y': /^-vF, which is no option/,
    '-A X -jY': /^-jY, which is no option/,
    '-A X --table=filter': /^--table, /,
    '-A X -M /tmp/x': /^-M, /,
    '-A X --mod=/tmp/x': /reads as --modprobe/,
    '-A X --set 1 2': /reads as --set-counters unless -m recent stands before it/,
    '-A X --name --comment -F': /^--comment without a value/,
    '-A X --name -i -F': /^-i without a value/,
    '-A X -p -X': /^-p without a value/,
    '-A X -m -F': /^-m without a value/,
    '-A X --jump=Y': /a word of its own/,
    '-A X -j': /^-j without a value/,
    '-A X -j Y -j RETURN': /^a second target, -j RETURN/,
    '-A X -j Y -g Y': /^a second target, -g Y/,
    '-A X ! -j Y': /^a "!" before -j/,
    '-A X ! 80': /stands before no option/,
    '-A X 1 -j Y': /^"1", which belongs to no option/,
    '-A X -s 10.0.0.1 10.0.0.2': /^"10.0.0.2", which/,
    '-A X -m ../evil': /no name of a match/,
    '-A X -j NOSUCH': /^a jump to "NOSUCH", which is no chain of the table nat and no target$/,
    '-A X -j KUBE-MARK-MASK': /\(KUBE-MARK-MASQ\?\)/,
    '-A X -g ACCEPT': /-g takes a chain/,
    '-A X -j X': /to itself/,
    '-A X -j DROP': /the table filter or mangle only/,
    '-A X -j CT': /no table that chainsmith compiles/,
    '-A X -m comment --comment "open': /quote/,
  };
  for (const [line, problem] of Object.entries(others)) {
    it(`refuses ${line}`, () => assert.match(checkRule(line, NAT) ?? '', problem));
  }
  it('refuses a comment of more than 255 characters', () => {
    assert.equal(checkRule(`-A X -m comment --comment ${'a'.repeat(255)}`, NAT), undefined);
    assert.match(checkRule(`-A X -m comment --comment ${'a'.repeat(256)}`, NAT) ?? '', /255/);
  });

  it('knows which table a target is for', () => {
    assert.equal(checkRule('-A X -j DROP', FILTER), undefined);
    assert.equal(checkRule('-A X -j REJECT --reject-with icmp-port-unreachable', FILTER), undefined);
    for (const target of ['DNAT', 'SNAT', 'MASQUERADE', 'REDIRECT']) {
      assert.match(checkRule(`-A X -j ${target}`, FILTER) ?? '', /the table nat only/);
    }
  });
});
