import assert from 'node:assert/strict';
import { HostError } from '../../../src/host/host-error.ts';
import { listedChains, listingCommands } from '../../../src/host/iptables/read-chains.ts';

const NAMES = [
  { table: 'nat', chain: 'KUBE-SVC-A' },
  { table: 'filter', chain: 'INPUT' },
  { table: 'nat', chain: 'KUBE-SEP-B' },
];
const SERVICE = '-A KUBE-SVC-A -m comment --comment "default/web -> 10.244.0.5:80" -j KUBE-SEP-B\n';
const INPUT = '-A INPUT -j KUBE-FIREWALL\n';
const LISTING = `-N KUBE-SVC-A\n${SERVICE}-N KUBE-SEP-B\n-P INPUT DROP\n${INPUT}`;

describe('listingCommands', () => {
  it('asks table by table', () => {
    const wanted = '*nat\n-S KUBE-SVC-A\n-S KUBE-SEP-B\nCOMMIT\n*filter\n-S INPUT\nCOMMIT\n';
    assert.equal(listingCommands(NAMES), wanted);
  });
});

describe('listedChains', () => {
  it('has each chain that was asked for, with its policy and rules, and no other', () => {
    const read = listedChains(NAMES, LISTING).tables.map(({ name, chains }) => [
      name,
      [...chains.values()].map((chain) => [chain.name, chain.policy, chain.rules]),
    ]);
    assert.deepEqual(read, [
      [
        'nat',
        [
          ['KUBE-SVC-A', '-', SERVICE],
          ['KUBE-SEP-B', '-', ''],
        ],
      ],
      ['filter', [['INPUT', 'DROP', INPUT]]],
    ]);
  });

  for (const [what, listing, message] of [
    ['that ends too early', LISTING.slice(0, LISTING.indexOf('-P')), /ended too early/],
    ['of another chain', LISTING.replace('-N KUBE-SEP-B', '-N KUBE-SEP-C'), /does not belong there: -N KUBE-SEP-C/],
    ['with a rule of another chain', `${LISTING}-A OUTPUT -j ACCEPT\n`, /does not belong there: -A OUTPUT/],
    ['that is none', 'Chain INPUT (policy ACCEPT)\n', /does not belong there/],
  ] as const) {
    it(`refuses a listing ${what}`, () => {
      assert.throws(
        () => listedChains(NAMES, listing),
        (error) => error instanceof HostError && message.test(error.message),
      );
    });
  }
});
