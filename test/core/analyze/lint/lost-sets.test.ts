import assert from 'node:assert/strict';
import { lostSets } from '../../../../src/core/analyze/lint/lost-sets.ts';
import { parseIpsetSave } from '../../../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { rulesOf } from '../../../support/trace-packets.ts';

const asks = (name: string): string => `-A KUBE-SERVICES -m set --match-set ${name} dst,dst -j ACCEPT`;
const rules = rulesOf({ nat: [asks('KUBE-LOAD-BALANCER'), asks('KUBE-CLUSTER-IP'), asks('cali40all')] });
const create = (name: string): string => `create ${name} hash:ip,port family inet hashsize 1024 maxelem 65536\n`;

describe('lostSets', () => {
  it("names sets of kube-proxy's that rules ask for and the listing has not, or not in full", () => {
    const lost = (text: string): readonly string[] => lostSets([rules], parseIpsetSave(text).sets);
    assert.deepEqual(lost(''), ['KUBE-CLUSTER-IP', 'KUBE-LOAD-BALANCER']);
    assert.deepEqual(lost(create('KUBE-CLUSTER-IP')), ['KUBE-LOAD-BALANCER']);
    const both = create('KUBE-CLUSTER-IP') + create('KUBE-LOAD-BALANCER');
    assert.deepEqual(lost(both), []);
    assert.deepEqual(lost(`${both}add KUBE-CLUSTER-IP 10.96.0.1,tc`), ['KUBE-CLUSTER-IP']);
  });
});
