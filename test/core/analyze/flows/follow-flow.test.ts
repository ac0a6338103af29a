import assert from 'node:assert/strict';
import type { FlowCluster } from '../../../../src/core/analyze/flows/flow-cluster.ts';
import { followFlow } from '../../../../src/core/analyze/flows/follow-flow.ts';
import { readFlows } from '../../../../src/core/analyze/flows/read-flows.ts';
import { resolveFlow } from '../../../../src/core/analyze/flows/resolve-flow.ts';
import { lazyRules } from '../../../../src/core/parse/iptables-save/lazy-rules.ts';
import { splitSave } from '../../../../src/core/parse/iptables-save/split-save.ts';

const NODE: FlowCluster = {
  services: [],
  pods: [],
  podNames: new Map(),
  localIps: [{ family: 'ipv4', text: '192.168.0.10' }],
};

/** What is wrong with a flow to 10.96.0.80:80 in these rules. */
function faults(nat: readonly string[], expect: unknown, more: object = {}): readonly string[] {
  const chains = ['PREROUTING', 'OUTPUT', 'POSTROUTING'].map((name) => `:${name} ACCEPT [0:0]`);
  const own = [...new Set(nat.map((line) => line.split(' ')[1] ?? ''))].filter((name) => name.length < 5);
  const text = ['*nat', ...chains, ...own.map((name) => `:${name} - [0:0]`), ...nat, 'COMMIT', ''].join('\n');
  const rules = lazyRules(splitSave(text, { file: 'x' }).saved, 'ipv4');
  const read = readFlows([{ from: '10.244.0.9', to: '10.96.0.80:80', expect, ...more }]);
  const [flow] = read.flows;
  assert.ok(flow !== undefined, read.diagnostics.map(({ message }) => message).join());
  const resolved = resolveFlow(flow, NODE, ['ipv4']);
  assert.ok('packets' in resolved);
  return resolved.packets.flatMap((packet) => followFlow(flow, packet, rules, NODE).faults.map(({ text }) => text));
}

const TO_A = '-A A -p tcp -j DNAT --to-destination 10.244.0.5:8080';
const TO_B = '-A B -p tcp -j DNAT --to-destination 10.244.1.5:8080';
const HALF = '-A PREROUTING -d 10.96.0.80 -m statistic --mode random --probability 0.5 -j A';
const REST = '-A PREROUTING -d 10.96.0.80 -j B';
const TWO = [HALF, REST, TO_A, TO_B];
const BOTH = ['10.244.0.5:8080', '10.244.1.5:8080'];
const MASQUERADE = '-A POSTROUTING -d 10.244.0.5 -j MASQUERADE';

describe('what becomes of a flow', () => {
  it('is as expected', () => {
    assert.deepEqual(faults(TWO, BOTH, { masquerade: false }), []);
    assert.deepEqual(faults(TWO, { endpoints: 2 }), []);
    assert.deepEqual(faults(TWO, { shares: { '10.244.0.5:8080': '1/2', '10.244.1.5:8080': '50 %' } }), []);
    assert.deepEqual(faults([...TWO, MASQUERADE], BOTH, { masquerade: ['10.244.0.5:8080'] }), []);
    assert.deepEqual(faults([...TWO, MASQUERADE], { masquerade: false, hairpin: true }, { from: '10.244.0.5' }), []);
    assert.deepEqual(faults([], 'untouched', { masquerade: false }), []);
    assert.deepEqual(faults(['-A PREROUTING -j DROP'], 'dropped'), []);
  });

  it('is not, and the faults say how', () => {
    const third = [HALF.replace('0.5', '0.33333333349'), ...TWO.slice(1)];
    assert.deepEqual(faults(third, BOTH), [
      '10.244.1.5:8080 has a share of 66.6667 %, not of 1/2',
      '10.244.0.5:8080 has a share of 1/3, not of 1/2',
    ]);
    assert.deepEqual(faults(third, { reaches: BOTH, evenly: false }), []);
    assert.deepEqual(faults(TWO, BOTH.slice(1)), [
      'it can reach 2 endpoints, not 1',
      'it can reach 10.244.0.5:8080, which is not expected',
    ]);
    assert.deepEqual(faults([...TWO, MASQUERADE], BOTH, { masquerade: false }), [
      'to 10.244.0.5:8080 it is masqueraded',
    ]);
    assert.deepEqual(faults(TWO, { hairpin: true }, { from: '10.244.0.5' }), [
      'to the client itself (10.244.0.5:8080) it is not masqueraded, and gets no answer',
    ]);
    assert.deepEqual(faults(TWO, { hairpin: false }, { from: '10.244.0.5' }), [
      'it can be sent back to the client itself (10.244.0.5:8080)',
    ]);
    assert.deepEqual(faults(['-A PREROUTING -j DROP'], { masquerade: false }), ['it is dropped']);
    assert.deepEqual(faults([], { evenly: true }), ['it is touched by no Service, and goes to 10.96.0.80:80']);
    assert.deepEqual(faults([HALF, TO_A], 'untouched'), ['it is sent to 10.244.0.5:8080 (1/2)']);
  });

  it('fails where part of the packets goes another way', () => {
    const lossy = [HALF, '-A PREROUTING -d 10.96.0.80 -j DROP', TO_A];
    assert.deepEqual(faults(lossy, ['10.244.0.5:8080']), [
      'it is dropped (1/2)',
      '10.244.0.5:8080 has a share of 1/2, not of 1',
    ]);
  });

  it('fails where it depends on what nobody knows', () => {
    const set = ['-A PREROUTING -m set --match-set lucky src -j A', TO_A];
    const [first] = faults(set, { endpoints: 1 });
    assert.match(first ?? '', /^it depends on whether 10\.244\.0\.9.* is in the set lucky \(src\)$/);
    const either = ['-A PREROUTING -m set --match-set lucky src -j A', '-A PREROUTING -j A', TO_A];
    assert.deepEqual(faults(either, ['10.244.0.5:8080']), []);
  });

  it('remembers clients by the list that the chain of their endpoint fills', () => {
    const sticky = [
      '-A PREROUTING -d 10.96.0.80 -m recent --rcheck --seconds 10800 --name LA --rsource -j A',
      ...TWO.slice(0, 2),
      '-A A -p tcp -m recent --set --name LA --rsource -j DNAT --to-destination 10.244.0.5:8080',
      TO_B,
    ];
    assert.deepEqual(faults(sticky, BOTH), []);
    assert.deepEqual(faults(sticky, ['10.244.0.5:8080'], { remembered: '10.244.0.5:8080' }), []);
    assert.deepEqual(faults(sticky, BOTH, { remembered: '10.244.1.5:8080' }), [
      'no rule remembers clients of 10.244.1.5:8080',
    ]);
  });
});
