import assert from 'node:assert/strict';
import { openTexts } from '../../../src/cli/output/outcome-texts.ts';
import { traceDocument } from '../../../src/cli/output/trace-document.ts';
import { trace, type Trace } from '../../../src/core/analyze/trace/trace.ts';
import { packetOf, rulesOf } from '../../support/trace-packets.ts';

/** One rule that is met in three hooks. */
function traced(match: string): Trace {
  const mangle = [
    ...['PREROUTING', 'FORWARD', 'POSTROUTING'].flatMap((hook) => [`:${hook} ACCEPT [0:0]`]),
    ':C - [0:0]',
    ...['PREROUTING', 'FORWARD', 'POSTROUTING'].map((hook) => `-A ${hook} -j C`),
    `-A C -m ${match} -j MARK --set-xmark 0x1/0x1`,
  ];
  return trace(rulesOf({ mangle }), packetOf());
}

describe('questions of a rule that is met in several hooks', () => {
  const unknown = traced('foobar');

  it('are printed once, with the number that each hook has', () => {
    assert.deepEqual(
      openTexts(unknown.open).map(({ text, question }) => `${text}, line ${question.place?.line}`),
      ['[1] -m foobar matches in PREROUTING, [2] in FORWARD, [3] in POSTROUTING, line 9'],
    );
  });

  it('are told apart as data', () => {
    const text = JSON.stringify(traceDocument(unknown, { direction: 'original', explain: false }));
    const { open, outcomes }: { open: { text: string }[]; outcomes: { alternatives: { conditions: string[] }[] }[] } =
      JSON.parse(text);
    assert.deepEqual(
      open.map((one) => one.text),
      ['PREROUTING', 'FORWARD', 'POSTROUTING'].map((hook) => `-m foobar matches in ${hook}`),
    );
    const ways = outcomes.flatMap(({ alternatives }) => alternatives.map(({ conditions }) => conditions.join()));
    assert.equal(ways.length, 8);
    assert.equal(new Set(ways).size, 8);
  });

  it('are one where no hook can change the answer', () => {
    const { open } = traced('time --timestart 08:00:00');
    assert.deepEqual(
      openTexts(open).map(({ text }) => text),
      ['whether -m time --timestart 08:00:00 matches'],
    );
  });
});
