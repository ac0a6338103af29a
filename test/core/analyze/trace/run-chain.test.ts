import assert from 'node:assert/strict';
import { trace, type Trace } from '../../../../src/core/analyze/trace/trace.ts';
import { endText, packetOf, rulesOf } from '../../../support/trace-packets.ts';

const FORWARD = [':FORWARD ACCEPT [0:0]', '-A FORWARD -j C0'];

/** Rules of C0, C1 ..., each of which leads to the next; the last drops. */
function chained(count: number, rulesOfChain: (next: string, i: number) => readonly string[]): Trace {
  const rules = Array.from({ length: count }, (_, i) =>
    rulesOfChain(`-j C${i + 1}`, i).map((rule) => `-A C${i} ${rule}`),
  );
  return trace(rulesOf({ filter: [...FORWARD, ...rules.flat(), `-A C${count} -j DROP`] }), packetOf());
}

function questions({ open }: Trace): readonly string[] {
  return open.map(({ yes }) => yes);
}

describe('chains of a trace', () => {
  it('are followed as deep as nft takes them, and deeper', () => {
    const deep = chained(120, (next) => [next]);
    assert.deepEqual(deep.outcomes.map(endText), ['dropped']);
    assert.deepEqual(deep.open, []);
  });

  it('are not known where they are too deep, which is no loop', () => {
    const deep = chained(200, (next) => [next]);
    assert.deepEqual(deep.outcomes.map(endText).toSorted(), ['forwarded 10.96.0.1:80', 'unknown']);
    assert.deepEqual(questions(deep), ['the chain C127, too deep to follow (128 chains), lets it go on']);
    assert.equal(deep.gaveUp, false);
  });

  it('are told as a loop where they are one', () => {
    const looped = trace(rulesOf({ filter: [...FORWARD, '-A C0 -j C1', '-A C1 -j C0'] }), packetOf());
    assert.deepEqual(questions(looped), ['the loop through C0 lets it go on']);
  });

  it('ask of a match that is not known once for all endpoints, unless it sees addresses', () => {
    const asked = (match: string): readonly string[] =>
      questions(
        trace(
          rulesOf({
            nat: [
              ':PREROUTING ACCEPT [0:0]',
              '-A PREROUTING -p tcp -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.244.1.5',
              '-A PREROUTING -p tcp -j DNAT --to-destination 10.244.2.5',
            ],
            filter: [':FORWARD ACCEPT [0:0]', `-A FORWARD -m ${match} -j DROP`],
          }),
          packetOf(),
        ),
      );
    assert.deepEqual(asked('foobar'), ['-m foobar matches']);
    const range = 'iprange --dst-range 10.244.1.1-10.244.1.9';
    assert.deepEqual(asked(range), [`-m ${range} matches (to 10.244.1.5)`, `-m ${range} matches (to 10.244.2.5)`]);
  });

  it('end as one unknown outcome where there are too many ways', function () {
    this.timeout(120_000);
    const twice = chained(3000, (next) => [next, next]);
    const unknown = chained(40, (next, i) => [`-m owner --uid-owner ${i} ${next}`, next]);
    for (const one of [twice, unknown]) {
      assert.equal(one.gaveUp, true);
      assert.deepEqual(one.outcomes.map(endText), ['unknown']);
      assert.deepEqual(
        one.outcomes[0]?.steps.map(({ effect, chain }) => [effect.kind, chain]),
        [['gave-up', 'FORWARD']],
      );
      // What was asked on some of the ways decides nothing.
      assert.deepEqual(one.open, []);
    }
  });
});
