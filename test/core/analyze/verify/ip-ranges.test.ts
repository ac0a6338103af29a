import assert from 'node:assert/strict';
import { compareRulesets } from '../../../../src/core/analyze/verify/compare-rulesets.ts';
import type { VerifyResult } from '../../../../src/core/analyze/verify/difference.ts';
import { parseIptablesSave } from '../../../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { verifyText, webRules } from '../../../support/verify.ts';

const RIGHT = webRules();

/** The right rules, with one at the beginning of FORWARD. */
function withForward(rule: string): string {
  return RIGHT.text.replace(/^(?=-A FORWARD )/m, `${rule}\n`);
}

function verified(rule: string): VerifyResult {
  return verifyText(withForward(rule), RIGHT.meaning);
}

describe('ranges of addresses in a proof', () => {
  it('are decided: they hit an endpoint, or none', () => {
    const hit = verified('-A FORWARD -m iprange --dst-range 10.244.1.1-10.244.1.9 -j DROP');
    assert.equal(hit.verdict, 'refuted');
    assert.deepEqual(
      hit.differences.map(({ kind, service }) => [kind, service]),
      [['changed-by-others', 'default/web']],
    );
    assert.deepEqual(hit.undecided, []);
    for (const rule of [
      '-A FORWARD -m iprange --dst-range 10.244.1.2-10.244.1.9 -j DROP',
      '-A FORWARD -m iprange --dst-range 10.244.1.2-10.244.2.0 -j DROP',
      '-A FORWARD -m iprange --dst-range 10.96.0.10-10.96.0.10 -j DROP',
      '-A FORWARD -d 10.244.1.1 -m iprange ! --dst-range 10.244.1.1-10.244.1.1 -j DROP',
    ]) {
      assert.equal(verified(rule).verdict, 'proved', rule);
    }
  });

  it('name a source that is in them', () => {
    const { verdict, differences } = verified('-A FORWARD -m iprange --src-range 10.1.2.3-10.1.2.5 -j DROP');
    assert.equal(verdict, 'refuted');
    assert.match(differences[0]?.packet.source ?? '', /^10\.1\.2\.[345]$/);
    const others = verified('-A FORWARD -m iprange ! --src-range 10.1.2.3-10.1.2.5 -j DROP');
    assert.equal(others.verdict, 'refuted');
    assert.doesNotMatch(others.differences[0]?.packet.source ?? '', /^10\.1\.2\.[345]$/);
    const both = '-m iprange --src-range 10.1.2.3-10.1.2.5 --dst-range 10.244.3.0-10.244.3.255';
    assert.equal(verified(`-A FORWARD ${both} -j DROP`).verdict, 'proved');
  });

  it('are compared with networks', () => {
    const read = (rule: string) => parseIptablesSave(withForward(rule)).ruleset;
    const network = read('-A FORWARD -s 10.1.0.0/24 -d 10.2.0.0/24 -j DROP');
    const range = (text: string) =>
      read(`-A FORWARD -m iprange --src-range ${text} --dst-range 10.2.0.0-10.2.0.255 -j DROP`);
    assert.equal(compareRulesets(network, range('10.1.0.0-10.1.0.255')).verdict, 'same');
    const { verdict, differences } = compareRulesets(network, range('10.1.0.0-10.1.0.254'));
    assert.equal(verdict, 'different');
    assert.deepEqual(
      differences.map(({ packet }) => packet.source),
      ['10.1.0.255'],
    );
  });
});
