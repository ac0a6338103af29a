import { strict as assert } from 'node:assert';
import { readRules, splitWords } from './golden-rules.ts';
import { foreignFaults, structureFaults } from './golden-structure.ts';
import { readFlows } from './golden-flows.ts';
import { compile } from '../../src/core/compile/compile.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';

describe('reader of iptables-save text', () => {
  it('splits words as iptables-restore does', () => {
    assert.deepEqual(splitWords('-A X -m comment --comment "a \\"b\\" c" -j Y'), [
      '-A',
      'X',
      '-m',
      'comment',
      '--comment',
      'a "b" c',
      '-j',
      'Y',
    ]);
    assert.throws(() => splitWords('-A X "open'));
    assert.throws(() => splitWords('-A X "a"b'));
  });

  const bad = {
    'a rule of a chain that is not declared': '*nat\n-A KUBE-A -j DROP\nCOMMIT\n',
    'a rule outside of a table': '-A INPUT -j DROP\n',
    'a table that is not committed': '*nat\n',
    'a table twice': '*nat\nCOMMIT\n*nat\nCOMMIT\n',
    'a chain twice': '*nat\n:KUBE-A - [0:0]\n:KUBE-A - [0:0]\nCOMMIT\n',
    'counters that are not zero': '*nat\n:KUBE-A - [1:0]\nCOMMIT\n',
    'another command': '*nat\n:KUBE-A - [0:0]\n-I KUBE-A -j DROP\nCOMMIT\n',
    'a last line without an end': '*nat\nCOMMIT',
  };
  for (const [what, text] of Object.entries(bad)) it(`refuses ${what}`, () => assert.throws(() => readRules(text)));
});

describe('structural judge', () => {
  const text = compile([], { families: ['ipv4'] })
    .rules.map((r) => printRules(r))
    .join('');
  const service = ':KUBE-SVC-AAAAAAAAAAAAAAAA - [0:0]\n';
  const inNat = (lines: string, rules = ''): string =>
    text
      .replace('*nat\n', '*nat\n@')
      .replace(/(?<=@[\s\S]*:KUBE-SERVICES - \[0:0\]\n)/u, lines)
      .replace('@', '')
      .replace(/COMMIT\n$/u, `${rules}COMMIT\n`);

  it('has nothing against the fixed chains', () => {
    assert.deepEqual([...structureFaults(text), ...foreignFaults(text)], []);
  });

  it('finds a chain that nothing jumps to', () => {
    assert.deepEqual(structureFaults(inNat(service, '-A KUBE-SVC-AAAAAAAAAAAAAAAA -j RETURN\n')), [
      'nat: nothing jumps to KUBE-SVC-AAAAAAAAAAAAAAAA',
    ]);
  });

  it('finds a jump to an empty chain', () => {
    const [fault = ''] = structureFaults(inNat(service, '-A KUBE-SERVICES -j KUBE-SVC-AAAAAAAAAAAAAAAA\n'));
    assert.match(fault, /^nat: jump to an empty chain/u);
  });

  it('finds a jump to a missing chain', () => {
    const [fault = ''] = structureFaults(inNat('', '-A KUBE-SERVICES -j KUBE-SVC-AAAAAAAAAAAAAAAA\n'));
    assert.match(fault, /^nat: jump to a missing chain/u);
  });

  it('finds chains in another order', () => {
    const swapped = text.replace(/(:KUBE-FIREWALL.*\n)(:KUBE-FORWARD.*\n)/u, '$2$1');
    assert.deepEqual(structureFaults(swapped), ['filter: chains are not in the order of their names']);
  });

  const foreign: Readonly<Record<string, string>> = {
    'a foreign chain': inNat(':MINE - [0:0]\n'),
    'a chain of ours in the wrong table': text.replace(':KUBE-SERVICES', `${service}:KUBE-SERVICES`),
    'a missing chain': text
      .replace(':KUBE-FORWARD - [0:0]\n', '')
      .replaceAll(/-A KUBE-FORWARD.*\n/gu, '')
      .replace(/-A FORWARD.*KUBE-FORWARD\n/u, ''),
    'a further rule in a built-in chain': text.replace(
      '-A INPUT -j KUBE-FIREWALL\n',
      '-A INPUT -j KUBE-FIREWALL\n-A INPUT -j ACCEPT\n',
    ),
    'a missing jump': text.replace('-A INPUT -j KUBE-FIREWALL\n', ''),
    'a jump for some packets only': text.replace(
      '-A INPUT -j KUBE-FIREWALL',
      '-A INPUT -s 10.0.0.0/8 -j KUBE-FIREWALL',
    ),
    'another policy': text.replace(':INPUT ACCEPT', ':INPUT DROP'),
    'a foreign table': `*raw\nCOMMIT\n${text}`,
  };
  for (const [what, changed] of Object.entries(foreign)) {
    it(`finds ${what}`, () => {
      assert.notEqual(changed, text);
      assert.equal(foreignFaults(changed).length > 0, true);
    });
  }
});

describe('flows.yaml', () => {
  const row = { name: 'a', from: '10.0.0.1', to: '10.0.0.2', port: 80, expect: ['10.0.0.3:80'], masquerade: true };
  it('has defaults for protocol and interface only', () => {
    const [flow] = readFlows([row]);
    assert.deepEqual(flow, { ...row, protocol: 'tcp', inInterface: 'eth0', remembered: undefined });
  });

  const bad: Readonly<Record<string, unknown>> = {
    'no list': {},
    'an empty list': [],
    'a misspelt key': [{ ...row, masqerade: true }],
    'a name for an address': [{ ...row, to: 'web' }],
    'two families': [{ ...row, to: 'fd00::1' }],
    'another protocol': [{ ...row, protocol: 'icmp' }],
    'no expectation': [{ ...row, expect: undefined }],
    'an expectation of nothing': [{ ...row, expect: [] }],
    'no word about masquerading': [{ ...row, masquerade: undefined }],
    'a masqueraded drop': [{ ...row, expect: 'drop' }],
    'a port that is a text': [{ ...row, port: '80' }],
  };
  for (const [what, rows] of Object.entries(bad)) it(`refuses ${what}`, () => assert.throws(() => readFlows(rows)));
});
