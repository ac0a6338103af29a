import assert from 'node:assert/strict';
import { decodedText, draftText } from '../../../../src/core/analyze/lint/ipvs-words.ts';
import type { DecodedFrontend } from '../../../../src/core/analyze/decode/decoded-rules.ts';

describe('addresses of the ipvs mode, in words', () => {
  it('as virtual servers are called, and nodePorts by their number', () => {
    const draft = { kind: 'cluster-ip', keys: ['tcp 10.96.0.1:443'], port: 443, protocol: 'tcp' } as const;
    assert.equal(draftText(draft), 'cluster IP tcp 10.96.0.1:443');
    assert.equal(draftText({ ...draft, kind: 'node-port', port: 30_080 }), 'node port 30080/tcp');
  });

  it('as rules have them', () => {
    const text = (kind: DecodedFrontend['kind'], address: string | undefined): string =>
      decodedText({ kind, address, port: 80 });
    assert.equal(text('load-balancer-ip', '198.51.100.7'), 'load balancer IP 198.51.100.7:80');
    assert.equal(text('external', 'fd00::a'), 'external IP [fd00::a]:80');
    assert.equal(text('node-port', undefined), 'node port 80');
  });
});
