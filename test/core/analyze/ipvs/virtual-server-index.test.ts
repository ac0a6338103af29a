import assert from 'node:assert/strict';
import { VirtualServerIndex, type ServerQuery } from '../../../../src/core/analyze/ipvs/virtual-server-index.ts';
import { parseIp } from '../../../../src/core/model/ip.ts';
import { parseIpvsadm } from '../../../../src/core/parse/ipvsadm/parse-ipvsadm.ts';

const SAVED = [
  '-A -t 10.96.0.1:80 -s rr',
  '-A -t 10.96.0.1:0 -s wrr -p 300',
  '-A -u [fd00::a]:53 -s sh',
  '-A -f 7 -s lc',
  '-A -f 7 -6 -s wlc',
].join('\n');
const index = new VirtualServerIndex(parseIpvsadm(SAVED).table);

/** The scheduler of what is found. */
function found(text: string, query: Partial<ServerQuery> = {}): string | undefined {
  const ip = parseIp(text);
  assert.ok(ip !== undefined);
  return index.find({ protocol: 6, ip, port: 80, mark: 0, ...query })?.scheduler;
}

describe('VirtualServerIndex', () => {
  it('finds by protocol, address and port', () => {
    assert.equal(found('10.96.0.1'), 'rr');
    assert.equal(found('fd00::a', { protocol: 17, port: 53 }), 'sh');
    assert.equal(found('10.96.0.2'), undefined);
    assert.equal(found('10.96.0.1', { protocol: 17 }), undefined);
    assert.equal(found('10.96.0.1', { protocol: 1 }), undefined);
  });

  it('falls back to one for all ports, and prefers the mark to both, in its own family', () => {
    assert.equal(found('10.96.0.1', { port: 81 }), 'wrr');
    assert.equal(found('10.96.0.1', { mark: 7 }), 'lc');
    assert.equal(found('192.0.2.1', { mark: 7, protocol: 17 }), 'lc');
    assert.equal(found('fd00::b', { mark: 7 }), 'wlc');
    assert.equal(found('10.96.0.1', { mark: 8 }), 'rr');
  });

  it('knows the addresses and the families of virtual servers', () => {
    assert.deepEqual(
      ['10.96.0.1', 'fd00::a', '10.96.0.2'].map((text) => index.hasAddress(text)),
      [true, true, false],
    );
    assert.deepEqual(
      index.ofFamily('ipv6').map(({ scheduler }) => scheduler),
      ['sh', 'wlc'],
    );
    assert.equal(index.ofFamily('ipv4').length, 3);
  });
});
