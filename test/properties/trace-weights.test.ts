// Laws of the trace on random rule sets, in which chance and unknown facts part the ways of a packet.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { PROTOCOL, type TracePacket } from '../../src/core/analyze/trace/packet.ts';
import type { Question } from '../../src/core/analyze/trace/question.ts';
import { addShares, compareShares, isWhole, NONE, type Share } from '../../src/core/analyze/trace/share.ts';
import { trace, traceReply, type Trace } from '../../src/core/analyze/trace/trace.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import type { Ruleset } from '../../src/core/ruleset/ruleset.ts';
import { sha256Hex } from '../../src/core/util/hash.ts';
import { Dice, randomPacket, randomRules, type RandomRules } from '../kernel/support/random-rules.ts';
import { holds } from '../support/law.ts';
import { addressIn, endText, packetOf, rulesOf } from '../support/trace-packets.ts';

interface Sample {
  readonly ruleset: Ruleset;
  readonly packet: TracePacket;
  readonly rules: RandomRules;
}

/** Some rules get a match that nobody knows. */
function sampleOf(seed: number): Sample {
  const dice = new Dice(seed);
  const rules = randomRules(dice, dice.chance(0.3) ? 'ipv6' : 'ipv4', dice.chance(0.4) ? 'router' : 'client', true);
  const text = rules.text
    .split('\n')
    .map((line) =>
      /^-A \S*(?:-\d|D|G) /.test(line) && dice.chance(0.15)
        ? line.replace(/ -j| -g|$/, (end) => ` -m owner --uid-owner ${dice.below(4)}${end}`)
        : line,
    )
    .join('\n');
  const { protocol, source, destination, sourcePort, destinationPort } = randomPacket(
    dice,
    rules,
    20_000 + dice.below(40_000),
  );
  const numbers = {
    tcp: PROTOCOL.tcp,
    udp: PROTOCOL.udp,
    ping: rules.family === 'ipv4' ? PROTOCOL.icmp : PROTOCOL.icmp6,
  };
  const { ruleset } = parseIptablesSave(text, { family: rules.family });
  const packet: TracePacket = {
    origin: rules.origin === 'router' ? 'node' : 'network',
    source: addressIn(source),
    destination: addressIn(destination),
    protocol: numbers[protocol],
    sourcePort,
    destinationPort,
  };
  return { ruleset, packet, rules };
}

/** One answer to each question, by its key. */
function answersOf(seed: number): (question: Pick<Question, 'key'>) => boolean {
  return ({ key }) => Number.parseInt(sha256Hex(`${seed} ${key}`).slice(0, 2), 16) % 2 === 0;
}

/** What comes out where all questions have these answers. */
function sharesGiven({ outcomes }: Trace, answer: (question: Question) => boolean): Map<string, Share> | undefined {
  const shares = new Map<string, Share>();
  for (const outcome of outcomes) {
    for (const { conditions, share } of outcome.weight) {
      if (share === undefined) return undefined;
      if (conditions.some((condition) => answer(condition.question) !== condition.answer)) continue;
      const key = `${endText(outcome)} mark ${outcome.mark} ${outcome.connectionMark}`;
      shares.set(key, addShares(shares.get(key) ?? NONE, share));
    }
  }
  return shares;
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

describe('a trace', () => {
  it('gives shares that add up to 1, whatever is true of what is not known', function () {
    this.timeout(60_000);
    holds(
      fc.property(seeds, seeds, (seed, answers) => {
        const { ruleset, packet } = sampleOf(seed);
        const shares = sharesGiven(trace(ruleset, packet), answersOf(answers));
        if (shares === undefined) return;
        assert.ok(isWhole([...shares.values()].reduce(addShares, NONE)));
      }),
      { runs: 1500 },
    );
  });

  it('with all answers given is the part of the open one where they hold', function () {
    this.timeout(60_000);
    holds(
      fc.property(seeds, seeds, (seed, answers) => {
        const { ruleset, packet } = sampleOf(seed);
        const answer = answersOf(answers);
        const open = trace(ruleset, packet);
        const isOpen = new Set(open.open.map(({ key }) => key));
        const given = trace(ruleset, packet, {
          answer: (question) => (isOpen.has(question.key) ? answer(question) : undefined),
        });
        const [expected, actual] = [sharesGiven(open, answer), sharesGiven(given, answer)];
        assert.ok(actual !== undefined);
        if (expected === undefined) return;
        assert.deepEqual([...actual.keys()].toSorted(), [...expected.keys()].toSorted());
        for (const [key, share] of actual) assert.equal(compareShares(share, expected.get(key) ?? NONE), 0, key);
      }),
      { runs: 1500 },
    );
  });

  it('of a reply has the probabilities of the packets that arrive', function () {
    this.timeout(60_000);
    holds(
      fc.property(seeds, seeds, (seed, answers) => {
        const { ruleset, packet } = sampleOf(seed);
        const answer = answersOf(answers);
        const [first, reply] = [trace(ruleset, packet, { answer }), traceReply(ruleset, packet, { answer })];
        const arrived = first.outcomes.filter(({ fate }) => 'address' in fate);
        const sum = (outcomes: Trace['outcomes']): Share =>
          outcomes.flatMap(({ weight }) => weight.map(({ share }) => share ?? NONE)).reduce(addShares, NONE);
        assert.equal(compareShares(sum(arrived), sum(reply.outcomes)), 0);
      }),
      { runs: 500 },
    );
  });

  it('ends where many unknown rules part the ways, and chains call one another again and again', () => {
    const unknown = Array.from(
      { length: 40 },
      (_, i) => `-A FORWARD -m owner --uid-owner ${i} -j MARK --set-xmark 0x${(i % 5).toString(16)}/0x7`,
    );
    const wide = trace(rulesOf({ mangle: [':FORWARD ACCEPT [0:0]', ...unknown] }), packetOf());
    assert.ok(wide.outcomes.length < 200);
    const deep = Array.from({ length: 60 }, (_, i) => [`-A C${i} -j C${i + 1}`, `-A C${i} -j C${i + 1}`]).flat();
    const looped = trace(
      rulesOf({ filter: [':FORWARD ACCEPT [0:0]', '-A FORWARD -j C0', ...deep, '-A C60 -p udp'] }),
      packetOf(),
    );
    assert.equal(looped.gaveUp, true);
    assert.ok(looped.outcomes.every(({ fate }) => fate.kind === 'unknown'));
  });
});
