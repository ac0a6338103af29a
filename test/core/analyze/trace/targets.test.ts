import assert from 'node:assert/strict';
import type { Assumptions } from '../../../../src/core/analyze/trace/assumptions.ts';
import { PROTOCOL } from '../../../../src/core/analyze/trace/packet.ts';
import { trace, traceReply } from '../../../../src/core/analyze/trace/trace.ts';
import type { Target } from '../../../../src/core/ruleset/target.ts';
import { addressIn, endText, packetOf, rulesOf } from '../../../support/trace-packets.ts';

type Given = Parameters<typeof packetOf>[0];
type Tables = Parameters<typeof rulesOf>[0];

function ends(tables: Tables, packet: Given = {}, facts: Assumptions = {}): readonly string[] {
  const family = packet?.to?.includes(':') === true ? 'ipv6' : 'ipv4';
  return trace(rulesOf(tables, family), packetOf(packet), facts).outcomes.map(endText).toSorted();
}

/** The mark at the end of `-A FORWARD RULES`, in mangle. */
function markAfter(rules: readonly string[], mark = 0): { readonly mark: number; readonly connectionMark: number } {
  const [outcome] = trace(
    rulesOf({ mangle: [':FORWARD ACCEPT [0:0]', ...rules.map((rule) => `-A FORWARD ${rule}`)] }),
    packetOf({ mark }),
  ).outcomes;
  assert.ok(outcome !== undefined);
  return { mark: outcome.mark, connectionMark: outcome.connectionMark };
}

const FORWARD = ':FORWARD ACCEPT [0:0]';
const PRE = ':PREROUTING ACCEPT [0:0]';
const POST = ':POSTROUTING ACCEPT [0:0]';
const NODE: Assumptions = { localAddresses: [addressIn('192.168.0.10')] };

/** A kind that is not here fails to compile. */
const TARGETS: { readonly [K in Target['kind']]: Readonly<Record<string, () => void>> } = {
  none: {
    'goes on': () => assert.deepEqual(ends({ filter: [FORWARD, '-A FORWARD', '-A FORWARD -j DROP'] }), ['dropped']),
  },
  accept: {
    'ends its table, and only that': () => {
      const tables = {
        mangle: [FORWARD, '-A FORWARD -j ACCEPT', '-A FORWARD -j DROP'],
        filter: [FORWARD, '-A FORWARD -j DROP'],
      };
      const [outcome] = trace(rulesOf(tables), packetOf()).outcomes;
      assert.equal(outcome?.fate.kind, 'dropped');
      assert.deepEqual(
        outcome.steps.map(({ table, effect }) => `${table} ${effect.kind}`),
        ['mangle accept', 'filter drop'],
      );
    },
  },
  drop: { drops: () => assert.deepEqual(ends({ raw: [PRE, '-A PREROUTING -j DROP'] }), ['dropped']) },
  return: {
    'goes on behind the jump': () =>
      assert.deepEqual(
        ends({ filter: [FORWARD, '-A FORWARD -j A', '-A FORWARD -j DROP', '-A A -j RETURN', '-A A -j ACCEPT'] }),
        ['dropped'],
      ),
    'leaves a built-in chain to its policy': () =>
      assert.deepEqual(ends({ filter: [':FORWARD DROP [0:0]', '-A FORWARD -j RETURN', '-A FORWARD -j ACCEPT'] }), [
        'dropped',
      ]),
  },
  jump: {
    'comes back at the end of the chain': () =>
      assert.deepEqual(ends({ filter: [FORWARD, '-A FORWARD -j A', '-A FORWARD -j DROP', '-A A -p udp -j ACCEPT'] }), [
        'dropped',
      ]),
    'to a chain that is not there may do anything': () =>
      assert.deepEqual(ends({ filter: [FORWARD, '-A FORWARD -j MISSING'] }), ['forwarded 10.96.0.1:80', 'unknown']),
    'in a circle ends': () =>
      assert.deepEqual(ends({ filter: [FORWARD, '-A FORWARD -j A', '-A A -j B', '-A B -j A'] }), [
        'forwarded 10.96.0.1:80',
        'unknown',
      ]),
  },
  goto: {
    'does not come back': () =>
      assert.deepEqual(ends({ filter: [FORWARD, '-A FORWARD -g A', '-A FORWARD -j DROP', '-A A -p udp -j DROP'] }), [
        'forwarded 10.96.0.1:80',
      ]),
    'comes back to where its chain was jumped to': () =>
      assert.deepEqual(
        ends({
          filter: [
            FORWARD,
            '-A FORWARD -j A',
            '-A FORWARD -j DROP',
            '-A A -g B',
            '-A A -j ACCEPT',
            '-A B -p udp -j ACCEPT',
          ],
        }),
        ['dropped'],
      ),
  },
  reject: {
    'with an ICMP error': () =>
      assert.deepEqual(ends({ filter: [FORWARD, '-A FORWARD -j REJECT --reject-with icmp-port-unreachable'] }), [
        'rejected icmp-port-unreachable',
      ]),
    'with a reset': () =>
      assert.deepEqual(ends({ filter: [FORWARD, '-A FORWARD -p tcp -j REJECT --reject-with tcp-reset'] }), [
        'rejected tcp-reset',
      ]),
  },
  dnat: {
    'to an endpoint': () =>
      assert.deepEqual(ends({ nat: [PRE, '-A PREROUTING -p tcp -j DNAT --to-destination 10.244.2.2:8080'] }), [
        'forwarded 10.244.2.2:8080',
      ]),
    'to an address alone': () =>
      assert.deepEqual(ends({ nat: [PRE, '-A PREROUTING -j DNAT --to-destination 10.244.2.2'] }), [
        'forwarded 10.244.2.2:80',
      ]),
    'to a port alone': () =>
      assert.deepEqual(ends({ nat: [PRE, '-A PREROUTING -p tcp -j DNAT --to-destination :81'] }), [
        'forwarded 10.96.0.1:81',
      ]),
    'to an address of the node': () =>
      assert.deepEqual(
        ends({ nat: [PRE, '-A PREROUTING -p tcp -j DNAT --to-destination 192.168.0.10:22'] }, {}, NODE),
        ['delivered 192.168.0.10:22'],
      ),
    'to one of several': () =>
      assert.deepEqual(ends({ nat: [PRE, '-A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1-10.0.0.2:90-91'] }), [
        'forwarded 10.0.0.1:90',
        'forwarded 10.0.0.1:91',
        'forwarded 10.0.0.2:90',
        'forwarded 10.0.0.2:91',
      ]),
    'to a range that has the port': () =>
      assert.deepEqual(ends({ nat: [PRE, '-A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1:1-1000'] }), [
        'forwarded 10.0.0.1:80',
      ]),
    'to a range that its port is counted into': () =>
      assert.deepEqual(ends({ nat: [PRE, '-A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1:5000-5009/75'] }), [
        'forwarded 10.0.0.1:5005',
      ]),
    'to more than can be told': () =>
      assert.deepEqual(ends({ nat: [PRE, '-A PREROUTING -j DNAT --to-destination 10.0.0.0-10.0.255.255'] }), [
        'unknown',
      ]),
    'to an endpoint of IPv6': () =>
      assert.deepEqual(
        ends(
          { nat: [PRE, '-A PREROUTING -p tcp -j DNAT --to-destination [fd00::2]:8080'] },
          { from: 'fd00::7', to: 'fd00:96::1' },
        ),
        ['forwarded [fd00::2]:8080'],
      ),
    'makes the connection a translated one, if it changes something': () => {
      const drop = '-A FORWARD -m conntrack --ctstate DNAT -j DROP';
      const nat = (to: string): Tables => ({
        nat: [PRE, `-A PREROUTING -p tcp -j DNAT --to-destination ${to}`],
        filter: [FORWARD, drop],
      });
      assert.deepEqual(ends(nat('10.0.0.1:80')), ['dropped']);
      assert.deepEqual(ends(nat('10.96.0.1:80')), ['forwarded 10.96.0.1:80']);
    },
    'ends the chain, and nothing after it translates again': () =>
      assert.deepEqual(
        ends({
          nat: [
            PRE,
            '-A PREROUTING -j DNAT --to-destination 10.0.0.1',
            '-A PREROUTING -j DNAT --to-destination 10.0.0.2',
          ],
        }),
        ['forwarded 10.0.0.1:80'],
      ),
  },
  redirect: {
    'to the address of the interface': () =>
      assert.deepEqual(ends({ nat: [PRE, '-A PREROUTING -p tcp -j REDIRECT --to-ports 15001'] }, {}, NODE), [
        'delivered 192.168.0.10:15001',
      ]),
    'to loopback if the node sent it': () =>
      assert.deepEqual(
        ends(
          { nat: [':OUTPUT ACCEPT [0:0]', '-A OUTPUT -p tcp -j REDIRECT --to-ports 15001'] },
          { origin: 'node', from: '192.168.0.10' },
          NODE,
        ),
        ['delivered 127.0.0.1:15001'],
      ),
    'to an address that is not known': () =>
      assert.deepEqual(ends({ nat: [PRE, '-A PREROUTING -j REDIRECT'] }), [
        'delivered an address of the node, port 80',
      ]),
  },
  snat: {
    'to an address': () =>
      assert.deepEqual(ends({ nat: [POST, '-A POSTROUTING -j SNAT --to-source 192.0.2.1'] }), [
        'forwarded 10.96.0.1:80 as 192.0.2.1',
      ]),
  },
  masquerade: {
    'as the only address': () => {
      const [outcome] = trace(rulesOf({ nat: [POST, '-A POSTROUTING -j MASQUERADE'] }), packetOf(), NODE).outcomes;
      assert.equal(outcome?.sourceNat?.kind, 'masquerade');
      assert.deepEqual(outcome.source, addressIn('192.168.0.10'));
    },
    'as nobody knows whom': () => {
      const [outcome] = trace(rulesOf({ nat: [POST, '-A POSTROUTING -j MASQUERADE'] }), packetOf()).outcomes;
      assert.equal(outcome?.source, 'own');
    },
    'where the kernel allows it': () =>
      assert.deepEqual(ends({ nat: [PRE, '-A PREROUTING -j MASQUERADE'] }), ['unknown']),
  },
  mark: {
    'sets, ors, ands and xors 32 bits without a sign': () => {
      assert.equal(markAfter(['-j MARK --set-xmark 0x4000/0x4000'], 1).mark, 0x4001);
      assert.equal(markAfter(['-j MARK --set-mark 0x80000000/0xf0000000'], 0x7000_0001).mark, 0x8000_0001);
      assert.equal(markAfter(['-j MARK --and-mark 0xffff0000'], 0xffff_ffff).mark, 0xffff_0000);
      assert.equal(markAfter(['-j MARK --xor-mark 0xffffffff'], 0).mark, 0xffff_ffff);
      assert.equal(markAfter(['-j MARK --or-mark 0x80000000'], 1).mark, 0x8000_0001);
    },
  },
  connmark: {
    'sets, saves and restores': () => {
      assert.deepEqual(markAfter(['-j CONNMARK --set-xmark 0x3/0xf']), { mark: 0, connectionMark: 3 });
      assert.deepEqual(markAfter(['-j CONNMARK --save-mark'], 0xffff_ffff), {
        mark: 0xffff_ffff,
        connectionMark: 0xffff_ffff,
      });
      assert.deepEqual(markAfter(['-j CONNMARK --save-mark --nfmask 0xf0 --ctmask 0xff'], 0xab), {
        mark: 0xab,
        connectionMark: 0xa0,
      });
      const restored = markAfter(
        ['-j CONNMARK --set-mark 0x5', '-j CONNMARK --restore-mark --nfmask 0xf --ctmask 0xff'],
        0x30,
      );
      assert.deepEqual(restored, { mark: 0x35, connectionMark: 5 });
    },
    'keeps its mark for the reply': () => {
      const rules = rulesOf({
        mangle: [PRE, '-A PREROUTING -m conntrack --ctstate NEW -j CONNMARK --set-mark 0x5'],
        filter: [FORWARD, '-A FORWARD -m connmark --mark 0x5 -m conntrack --ctdir REPLY -j DROP'],
      });
      assert.deepEqual(traceReply(rules, packetOf()).outcomes.map(endText), ['dropped']);
    },
  },
  log: {
    'goes on': () =>
      assert.deepEqual(ends({ filter: [FORWARD, '-A FORWARD -j LOG', '-A FORWARD -j DROP'] }), ['dropped']),
  },
  nflog: {
    'goes on': () =>
      assert.deepEqual(ends({ filter: [FORWARD, '-A FORWARD -j NFLOG --nflog-group 1', '-A FORWARD -j DROP'] }), [
        'dropped',
      ]),
  },
  opaque: {
    'may do anything': () =>
      assert.deepEqual(ends({ filter: [FORWARD, '-A FORWARD -j NFQUEUE --queue-num 1'] }), [
        'forwarded 10.96.0.1:80',
        'unknown',
      ]),
    'hands it to a program, and what that accepts has passed the table': () => {
      const rules = ['-A FORWARD -j NFQUEUE --queue-num 1', '-A FORWARD -j DROP'];
      assert.deepEqual(ends({ filter: [FORWARD, ...rules] }), ['forwarded 10.96.0.1:80', 'unknown']);
    },
    'changes nothing that rules see, where that is known': () =>
      assert.deepEqual(
        ends({
          mangle: [FORWARD, '-A FORWARD -j TCPMSS --clamp-mss-to-pmtu'],
          filter: [FORWARD, '-A FORWARD -j DROP'],
        }),
        ['dropped'],
      ),
    'can keep conntrack away, and NAT with it': () => {
      const nat = [PRE, '-A PREROUTING -j DNAT --to-destination 10.0.0.1'];
      assert.deepEqual(ends({ raw: [PRE, '-A PREROUTING -j CT --notrack'], nat }), ['forwarded 10.96.0.1:80']);
      assert.deepEqual(ends({ raw: [PRE, '-A PREROUTING -p udp -j NOTRACK'], nat }, { protocol: PROTOCOL.udp }), [
        'forwarded 10.96.0.1:80',
      ]);
      assert.deepEqual(ends({ raw: [PRE, '-A PREROUTING -p udp -j NOTRACK'], nat }), ['forwarded 10.0.0.1:80']);
    },
    'maps networks, and keeps the bits of the host': () => {
      const nat = [PRE, '-A PREROUTING -d 10.96.0.0/16 -j NETMAP --to 10.8.0.0/16'];
      assert.deepEqual(ends({ nat }, { to: '10.96.3.4' }), ['forwarded 10.8.3.4:80']);
      assert.deepEqual(ends({ nat }, { to: '10.97.3.4' }), ['forwarded 10.97.3.4:80']);
      const one = [PRE, '-A PREROUTING -j NETMAP --to 10.8.0.9/32'];
      assert.deepEqual(ends({ nat: one }), ['forwarded 10.8.0.9:80']);
      const away = [POST, '-A POSTROUTING -s 10.244.0.0/16 -j NETMAP --to 192.168.0.0/20'];
      assert.deepEqual(ends({ nat: away }), ['forwarded 10.96.0.1:80 as 192.168.1.7']);
      const six = [PRE, '-A PREROUTING -j NETMAP --to fd00:8::/64'];
      assert.deepEqual(ends({ nat: six }, { from: 'fd00::7', to: 'fd00:96::1' }), ['forwarded [fd00:8::1]:80']);
    },
    'does not map by what cannot be read': () =>
      assert.deepEqual(ends({ nat: [PRE, '-A PREROUTING -j NETMAP --to 10.8.0.0/99'] }), [
        'forwarded 10.96.0.1:80',
        'unknown',
      ]),
    'makes a rule that cannot be read one that may do anything': () =>
      assert.deepEqual(ends({ filter: [FORWARD, '-A FORWARD -d 10.0.0.1 what is this -j DROP'] }), [
        'forwarded 10.96.0.1:80',
        'unknown',
      ]),
  },
};

describe('targets in a trace', () => {
  for (const [kind, samples] of Object.entries(TARGETS)) {
    describe(kind, () => {
      for (const [name, check] of Object.entries(samples)) it(name, check);
    });
  }
});
