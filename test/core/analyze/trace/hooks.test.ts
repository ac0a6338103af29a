import assert from 'node:assert/strict';
import type { Assumptions } from '../../../../src/core/analyze/trace/assumptions.ts';
import { trace, traceReply, type Trace } from '../../../../src/core/analyze/trace/trace.ts';
import { addressIn, endText, packetOf, rulesOf } from '../../../support/trace-packets.ts';

const HOOKS: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

/** A rule without effect in every chain, so that each that is passed shows. */
const EVERYWHERE = rulesOf(
  Object.fromEntries(
    Object.entries(HOOKS).map(([table, chains]) => [
      table,
      chains.flatMap((chain) => [`:${chain} ACCEPT [0:0]`, `-A ${chain} -m comment --comment here`]),
    ]),
  ),
);
const NODE: Assumptions = { localAddresses: [addressIn('192.168.0.10')] };

function passed({ outcomes }: Trace): readonly string[] {
  assert.equal(outcomes.length, 1);
  return (outcomes[0]?.steps ?? [])
    .filter(({ rule }) => rule !== undefined)
    .map(({ hook, table }) => `${table} ${hook}`);
}

const pre = ['raw PREROUTING', 'mangle PREROUTING'];
const out = ['raw OUTPUT', 'mangle OUTPUT'];
const forward = ['mangle FORWARD', 'filter FORWARD', 'security FORWARD'];
const input = ['mangle INPUT', 'filter INPUT', 'security INPUT'];

describe('the way of a packet through the hooks', () => {
  it('through the node', () => {
    assert.deepEqual(passed(trace(EVERYWHERE, packetOf(), NODE)), [
      ...pre,
      'nat PREROUTING',
      ...forward,
      'mangle POSTROUTING',
      'nat POSTROUTING',
    ]);
  });

  it('to the node', () => {
    assert.deepEqual(passed(trace(EVERYWHERE, packetOf({ to: '192.168.0.10' }), NODE)), [
      ...pre,
      'nat PREROUTING',
      ...input,
      'nat INPUT',
    ]);
  });

  it('from the node', () => {
    const packet = packetOf({ origin: 'node', from: '192.168.0.10' });
    const expected = [
      ...out,
      'nat OUTPUT',
      'filter OUTPUT',
      'security OUTPUT',
      'mangle POSTROUTING',
      'nat POSTROUTING',
    ];
    assert.deepEqual(passed(trace(EVERYWHERE, packet, NODE)), expected);
  });

  it('from the node to itself, by lo: NAT is not asked twice', () => {
    const packet = packetOf({ origin: 'node', from: '192.168.0.10', to: '192.168.0.10' });
    const expected = [
      ...out,
      'nat OUTPUT',
      'filter OUTPUT',
      'security OUTPUT',
      'mangle POSTROUTING',
      'nat POSTROUTING',
      ...pre,
      ...input,
    ];
    assert.deepEqual(passed(trace(EVERYWHERE, packet, NODE)), expected);
  });

  it('of a later packet: NAT is not asked', () => {
    assert.deepEqual(passed(trace(EVERYWHERE, packetOf({ state: 'ESTABLISHED' }), NODE)), [
      ...pre,
      ...forward,
      'mangle POSTROUTING',
    ]);
  });

  it('of packets without a connection: NAT is not asked', () => {
    for (const state of ['INVALID', 'UNTRACKED'] as const) {
      assert.deepEqual(passed(trace(EVERYWHERE, packetOf({ state }), NODE)), [
        ...pre,
        ...forward,
        'mangle POSTROUTING',
      ]);
    }
  });

  it('of a reply from elsewhere, and of one that the node sends', () => {
    assert.deepEqual(passed(traceReply(EVERYWHERE, packetOf(), NODE)), [...pre, ...forward, 'mangle POSTROUTING']);
    const own = passed(traceReply(EVERYWHERE, packetOf({ to: '192.168.0.10' }), NODE));
    assert.deepEqual(own, [...out, 'filter OUTPUT', 'security OUTPUT', 'mangle POSTROUTING']);
  });

  it('goes where DNAT leads', () => {
    const rules = rulesOf({ nat: [':PREROUTING ACCEPT [0:0]', '-A PREROUTING -j DNAT --to-destination 192.168.0.10'] });
    assert.deepEqual(trace(rules, packetOf(), NODE).outcomes.map(endText), ['delivered 192.168.0.10:80']);
  });

  it('tells OUTPUT the interface of before DNAT, and POSTROUTING that of after', () => {
    const rules = rulesOf({
      nat: [':OUTPUT ACCEPT [0:0]', '-A OUTPUT -p tcp -j DNAT --to-destination 192.168.0.10:22'],
      filter: [':OUTPUT ACCEPT [0:0]', '-A OUTPUT -o eth0'],
      mangle: [':POSTROUTING ACCEPT [0:0]', '-A POSTROUTING -o lo', '-A POSTROUTING -o eth0'],
    });
    const packet = packetOf({ origin: 'node', from: '192.168.0.10', outInterface: 'eth0' });
    assert.deepEqual(passed(trace(rules, packet, NODE)), ['nat OUTPUT', 'filter OUTPUT', 'mangle POSTROUTING']);
  });

  it('needs route_localnet where DNAT leads to loopback', () => {
    const rules = rulesOf({ nat: [':PREROUTING ACCEPT [0:0]', '-A PREROUTING -j DNAT --to-destination 127.0.0.1'] });
    const [outcome] = trace(rules, packetOf(), NODE).outcomes;
    assert.equal(outcome?.fate.kind, 'delivered');
    assert.equal(outcome.needsRouteLocalnet, true);
  });

  it('needs route_localnet where what is sent from loopback leaves the node', () => {
    const output = (...rules: readonly string[]): ReturnType<typeof rulesOf> =>
      rulesOf({
        nat: [':OUTPUT ACCEPT [0:0]', ':POSTROUTING ACCEPT [0:0]', ...rules, '-A POSTROUTING -j MASQUERADE'],
      });
    const away = output('-A OUTPUT -p tcp -j DNAT --to-destination 10.244.1.5:8080');
    const home = output('-A OUTPUT -p tcp -j DNAT --to-destination 192.168.0.10:8080');
    for (const [rules, from, to, needs] of [
      [away, '127.0.0.1', '127.0.0.1', true],
      [away, '127.0.0.1', '10.96.0.1', true],
      [away, '127.3.2.1', '192.168.0.10', true],
      // The first routing decision, for connect(2), asks for a way to the Service's address.
      [home, '127.0.0.1', '10.96.0.1', true],
      [home, '127.0.0.1', '127.0.0.1', false],
      [away, '192.168.0.10', '127.0.0.1', false],
    ] as const) {
      const packet = packetOf({ origin: 'node', from, to });
      const { outcomes, assumptions } = trace(rules, packet, NODE);
      const what = `from ${from} to ${to}`;
      assert.deepEqual(
        outcomes.map((outcome) => outcome.needsRouteLocalnet),
        [needs],
        what,
      );
      const told = assumptions.filter(({ question }) => question.kind === 'route-localnet');
      assert.deepEqual(
        told.map(({ answer }) => answer),
        needs ? [true] : [],
        what,
      );
      const unset = trace(rules, packet, {
        ...NODE,
        answer: ({ kind }) => (kind === 'route-localnet' ? false : undefined),
      });
      assert.equal(unset.outcomes[0]?.fate.kind === 'dropped', needs, what);
    }
  });

  it('needs route_localnet for the answer of a server on loopback, and not in IPv6', () => {
    const rules = rulesOf({ nat: [':PREROUTING ACCEPT [0:0]', '-A PREROUTING -j DNAT --to-destination 127.0.0.1'] });
    assert.equal(traceReply(rules, packetOf(), NODE).outcomes[0]?.needsRouteLocalnet, true);
    const six = trace(rulesOf({}, 'ipv6'), packetOf({ origin: 'node', from: '::1', to: 'fd00::1' }));
    assert.equal(six.outcomes[0]?.needsRouteLocalnet, false);
  });

  it('follows policies', () => {
    assert.deepEqual(trace(rulesOf({ filter: [':FORWARD DROP [0:0]'] }), packetOf()).outcomes.map(endText), [
      'dropped',
    ]);
    assert.deepEqual(trace(rulesOf({ mangle: [':POSTROUTING DROP [0:0]'] }), packetOf()).outcomes.map(endText), [
      'dropped',
    ]);
  });

  it('assumes ACCEPT where a part of a dump has no policy, and says so', () => {
    const { outcomes, assumptions } = trace(rulesOf({ filter: ['-A FORWARD -p udp -j DROP'] }), packetOf());
    assert.deepEqual(outcomes.map(endText), ['forwarded 10.96.0.1:80']);
    assert.ok(assumptions.some(({ question, answer }) => question.kind === 'policy' && answer));
  });

  it('sees a connection behind raw only', () => {
    const rules = rulesOf({
      raw: [
        ':PREROUTING ACCEPT [0:0]',
        '-A PREROUTING -m conntrack --ctstate NEW -j DROP',
        '-A PREROUTING -m conntrack --ctstate INVALID',
      ],
      filter: [':FORWARD ACCEPT [0:0]', '-A FORWARD -m conntrack --ctstate NEW'],
    });
    assert.deepEqual(passed(trace(rules, packetOf(), NODE)), ['raw PREROUTING', 'filter FORWARD']);
  });
});

describe('a reply', () => {
  const RULES = rulesOf({
    nat: [
      ':PREROUTING ACCEPT [0:0]',
      ':POSTROUTING ACCEPT [0:0]',
      '-A PREROUTING -p tcp -m statistic --mode random --probability 0.50000000000 -j DNAT --to-destination 10.244.2.2:8080',
      '-A PREROUTING -p tcp -j DNAT --to-destination 10.244.2.3:8080',
      '-A POSTROUTING -j MASQUERADE',
    ],
    filter: [
      ':FORWARD ACCEPT [0:0]',
      '-A FORWARD -s 10.244.2.2/32 -m conntrack --ctdir REPLY -m conntrack --ctstate ESTABLISHED -j DROP',
    ],
  });

  it('is turned back, once for each way of the packet', () => {
    const { outcomes } = traceReply(RULES, packetOf({ from: '203.0.113.9', sourcePort: 40_000 }), NODE);
    assert.deepEqual(outcomes.map(endText).toSorted(), ['dropped', 'forwarded 203.0.113.9:40000 masqueraded']);
    const arrived = outcomes.find(({ fate }) => fate.kind === 'forwarded');
    assert.deepEqual(arrived?.source, addressIn('10.96.0.1'));
    assert.equal(arrived.sourcePort, 80);
    assert.equal(arrived.first && endText(arrived.first), 'forwarded 10.244.2.3:8080 masqueraded');
  });

  it('is not there if the packet does not arrive', () => {
    assert.deepEqual(traceReply(rulesOf({ filter: [':FORWARD DROP [0:0]'] }), packetOf()).outcomes, []);
  });
});

describe('a later packet', () => {
  it('goes where the first one went', () => {
    const rules = rulesOf({
      nat: [':PREROUTING ACCEPT [0:0]', '-A PREROUTING -p tcp -j DNAT --to-destination 10.244.2.2:8080'],
      filter: [
        ':FORWARD ACCEPT [0:0]',
        '-A FORWARD -m conntrack --ctstate ESTABLISHED -d 10.244.2.2/32 -j ACCEPT',
        '-A FORWARD -m conntrack --ctstate ESTABLISHED -j DROP',
      ],
    });
    assert.deepEqual(trace(rules, packetOf({ state: 'ESTABLISHED' })).outcomes.map(endText), [
      'forwarded 10.244.2.2:8080',
    ]);
  });

  it('belongs to an older connection where a first packet would not get through', () => {
    const rules = rulesOf({
      filter: [':FORWARD DROP [0:0]', '-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT'],
    });
    assert.deepEqual(trace(rules, packetOf({ state: 'ESTABLISHED' })).outcomes.map(endText), [
      'forwarded 10.96.0.1:80',
    ]);
  });
});
