import assert from 'node:assert/strict';
import { parseIpvsadm } from '../../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import { connectionPort, refusesAll } from '../../../src/core/ruleset/connection-port.ts';
import type { VirtualServer } from '../../../src/core/ruleset/virtual-server.ts';

function serverOf(line: string): VirtualServer {
  return parseIpvsadm(line).table.virtualServers[0] ?? assert.fail();
}

/** Of a real server with this port, for packets to 80 and to 81. */
function ports(line: string, port: number): readonly number[] {
  return [80, 81].map((asked) => connectionPort(serverOf(line), { port }, asked));
}

describe('connectionPort', () => {
  it('is that of the real server', () => {
    assert.equal(connectionPort(serverOf('-A -t 10.96.0.1:80 -s rr'), { port: 8080 }, 80), 8080);
    assert.equal(connectionPort(serverOf('-A -t 10.96.0.1:80 -s rr -p 300'), { port: 8080 }, 80), 8080);
    assert.deepEqual(ports('-A -f 7 -s rr', 8080), [8080, 8080]);
  });

  it('is that of the packet where the real server has none, or all ports are meant', () => {
    assert.equal(connectionPort(serverOf('-A -t 10.96.0.1:80 -s rr'), { port: 0 }, 80), 80);
    assert.deepEqual(ports('-A -t 10.96.0.1:0 -s rr -p 300', 0), [80, 81]);
    assert.deepEqual(ports('-A -t 10.96.0.1:0 -s rr -p 300', 8080), [80, 81]);
    assert.deepEqual(ports('-A -f 7 -s rr -p 300', 8080), [80, 81]);
    assert.deepEqual(ports('-A -f 7 -s rr', 0), [80, 81]);
  });
});

describe('refusesAll', () => {
  it('is for all ports without persistence, and no mark', () => {
    assert.equal(refusesAll(serverOf('-A -t 10.96.0.1:0 -s rr')), true);
    for (const line of ['-A -t 10.96.0.1:0 -s rr -p 300', '-A -t 10.96.0.1:80 -s rr', '-A -f 7 -s rr'])
      assert.equal(refusesAll(serverOf(line)), false, line);
  });
});
