import assert from 'node:assert/strict';
import { explainStep } from '../../../../src/core/analyze/trace/explain-step.ts';
import { trace } from '../../../../src/core/analyze/trace/trace.ts';
import { packetOf, rulesOf } from '../../../support/trace-packets.ts';

type Tables = Parameters<typeof rulesOf>[0];

/** The sentence of the step in a chain that did such a thing. */
function sentence(tables: Tables, chain: string, kind: string, from = '10.244.1.7'): string {
  const { outcomes } = trace(rulesOf(tables), packetOf({ from }), {
    answer: ({ kind: question }) => (question === 'set' ? true : undefined),
  });
  const step = outcomes[0]?.steps.find((one) => one.chain === chain && one.effect.kind === kind);
  assert.ok(step !== undefined);
  return explainStep(step);
}

const MARKED = '-A KUBE-FIREWALL -m mark --mark 0x8000/0x8000 -j DROP';
const LOCALNET =
  '-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP';

describe("explanations of kube-proxy's chains", () => {
  it('say of KUBE-FIREWALL what it drops', () => {
    const firewall = (...rules: readonly string[]): string =>
      sentence({ filter: [':FORWARD ACCEPT [0:0]', '-A FORWARD -j KUBE-FIREWALL', ...rules] }, 'FORWARD', 'jump');
    assert.equal(firewall(MARKED), 'it is checked whether it is marked to be dropped');
    assert.equal(firewall(LOCALNET), 'it is checked that only the node itself asks for its loopback addresses');
    assert.match(firewall(MARKED, LOCALNET), /whether it is marked to be dropped, and that only the node itself/);
    assert.equal(firewall('-A KUBE-FIREWALL -p udp -j DROP'), 'on to the chain KUBE-FIREWALL');
  });

  it('say of masquerading why', () => {
    const masqueraded = (...rules: readonly string[]): string =>
      sentence(
        { nat: [':POSTROUTING ACCEPT [0:0]', '-A POSTROUTING -j KUBE-POSTROUTING', ...rules] },
        'KUBE-POSTROUTING',
        'masquerade',
      );
    const hairpin = masqueraded('-A KUBE-POSTROUTING -m set --match-set KUBE-LOOP-BACK dst,dst,src -j MASQUERADE');
    assert.match(hairpin, /^an endpoint was sent to itself \(hairpin\), so its source/);
    assert.match(masqueraded('-A KUBE-POSTROUTING -j MASQUERADE'), /^it was marked for masquerading/);
    for (const others of ['-d 10.0.0.0/8', '-p tcp -m tcp --dport 80', '-m mark ! --mark 0x1/0x1']) {
      assert.doesNotMatch(masqueraded(`-A KUBE-POSTROUTING ${others} -j MASQUERADE`), /marked/);
    }
  });
});
