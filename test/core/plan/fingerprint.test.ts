import assert from 'node:assert/strict';
import { splitSave } from '../../../src/core/parse/iptables-save/split-save.ts';
import { fingerprint } from '../../../src/core/plan/fingerprint.ts';

const DUMP = `*nat
:PREROUTING ACCEPT [0:0]
:DOCKER - [0:0]
:KUBE-SEP-A - [0:0]
:KUBE-SERVICES - [0:0]
-A PREROUTING -j KUBE-SERVICES
-A DOCKER -j RETURN
-A KUBE-SEP-A -j DNAT --to-destination 10.0.0.1:80
COMMIT
`;
const of = (text: string): string => fingerprint(splitSave(text).saved);

describe('fingerprint', () => {
  it('is 64 hexadecimal digits', () => assert.match(of(DUMP), /^[\da-f]{64}$/));

  const changing: Readonly<Record<string, readonly [string, string]>> = {
    'a rule of ours': ['10.0.0.1', '10.0.0.2'],
    'a chain of ours that is new': [':KUBE-SERVICES', ':KUBE-SVC-B - [0:0]\n:KUBE-SERVICES'],
    'a rule of a built-in chain': [
      '-A PREROUTING -j KUBE-SERVICES\n',
      '-A PREROUTING -j KUBE-SERVICES\n-A PREROUTING -j DOCKER\n',
    ],
    'the table': ['*nat', '*filter'],
    'a rule that goes to another chain': ['-A KUBE-SEP-A', '-A KUBE-SERVICES'],
  };
  for (const [what, [from, to]] of Object.entries(changing)) {
    it(`changes with ${what}`, () => assert.notEqual(of(DUMP.replace(from, to)), of(DUMP)));
  }

  const same: Readonly<Record<string, readonly [string, string]>> = {
    'chains of others': ['-A DOCKER -j RETURN', '-A DOCKER -j ACCEPT'],
    counters: ['-A KUBE-SEP-A', '[5:300] -A KUBE-SEP-A'],
    policies: ['PREROUTING ACCEPT [0:0]', 'PREROUTING DROP [7:8]'],
    'other tables': ['*nat', '*raw\n:KUBE-SERVICES - [0:0]\n-A KUBE-SERVICES -j RETURN\nCOMMIT\n*nat'],
    'built-in chains without rules': ['*nat', '*mangle\n:INPUT ACCEPT [0:0]\nCOMMIT\n*nat\n:OUTPUT ACCEPT [0:0]'],
    'the order of chains': [
      ':KUBE-SEP-A - [0:0]\n:KUBE-SERVICES - [0:0]',
      ':KUBE-SERVICES - [0:0]\n:KUBE-SEP-A - [0:0]',
    ],
  };
  for (const [what, [from, to]] of Object.entries(same)) {
    it(`does not change with ${what}`, () => {
      assert.notEqual(DUMP.replace(from, to), DUMP);
      assert.equal(of(DUMP.replace(from, to)), of(DUMP));
    });
  }
});
