import assert from 'node:assert/strict';
import { shareNumber } from '../../../../src/core/analyze/trace/share.ts';
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

  describe('with what is not known, behind DNAT to two endpoints', () => {
    const traced = (filter: readonly string[]): Trace =>
      trace(
        rulesOf({
          nat: [
            ':PREROUTING ACCEPT [0:0]',
            '-A PREROUTING -p tcp -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.244.1.5',
            '-A PREROUTING -p tcp -j DNAT --to-destination 10.244.2.5:8080',
          ],
          filter: [':FORWARD ACCEPT [0:0]', ...filter],
        }),
        packetOf(),
      );

    it('ask of a match once for each endpoint', () => {
      assert.deepEqual(questions(traced(['-A FORWARD -m foobar -j DROP'])), [
        '-m foobar matches (to 10.244.1.5)',
        '-m foobar matches (to 10.244.2.5:8080)',
      ]);
    });

    it('ask of a target once for each endpoint', () => {
      const queued = '-A FORWARD -j NFQUEUE --queue-num 0';
      assert.deepEqual(questions(traced([queued])), [
        'NFQUEUE lets it go on (to 10.244.1.5)',
        'NFQUEUE lets it go on (to 10.244.2.5:8080)',
      ]);
    });

    it('have all four outcomes: a match may hit behind one endpoint and miss behind the other', () => {
      const { outcomes, open } = traced(['-A FORWARD -m foobar -j DROP']);
      const found = (hits: readonly boolean[]): readonly string[] =>
        outcomes.flatMap((outcome) =>
          outcome.weight.flatMap(({ conditions, share }) =>
            conditions.every(
              ({ question, answer }) => hits[open.findIndex(({ key }) => key === question.key)] === answer,
            )
              ? [`${endText(outcome)}: ${share === undefined ? 'possibly' : shareNumber(share)}`]
              : [],
          ),
        );
      const [one, other] = ['forwarded 10.244.1.5:80: 0.5', 'forwarded 10.244.2.5:8080: 0.5'];
      assert.equal(open.length, 2);
      assert.deepEqual(found([false, false]).toSorted(), [one, other]);
      assert.deepEqual(found([true, false]).toSorted(), ['dropped: 0.5', other]);
      assert.deepEqual(found([false, true]).toSorted(), ['dropped: 0.5', one]);
      assert.deepEqual(found([true, true]), ['dropped: 0.5', 'dropped: 0.5']);
    });

    it('ask of a match once for all where no address can change the answer', () => {
      assert.deepEqual(questions(traced(['-A FORWARD -m time --timestart 08:00:00 -j DROP'])), [
        '-m time --timestart 08:00:00 matches',
      ]);
    });
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
