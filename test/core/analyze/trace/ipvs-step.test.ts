import assert from 'node:assert/strict';
import { VirtualServerIndex } from '../../../../src/core/analyze/ipvs/virtual-server-index.ts';
import type { Assumptions } from '../../../../src/core/analyze/trace/assumptions.ts';
import { TCP, type TracePacket } from '../../../../src/core/analyze/trace/packet.ts';
import { trace, traceReply } from '../../../../src/core/analyze/trace/trace.ts';
import { shareNumber } from '../../../../src/core/analyze/trace/share.ts';
import { parseIpvsadm } from '../../../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import { addressIn, endShares, endText, packetOf, rulesOf } from '../../../support/trace-packets.ts';

const EMPTY = rulesOf({ filter: [':INPUT ACCEPT [0:0]'] });

/** A node that has 10.96.0.1, and these lines of `ipvsadm -Sn`. */
function node(...lines: readonly string[]): Assumptions {
  const ipvs = new VirtualServerIndex(parseIpvsadm(lines.join('\n')).table);
  return { ipvs, localAddresses: [addressIn('10.96.0.1'), addressIn('192.168.0.10')] };
}

const SERVER = '-A -t 10.96.0.1:80 -s wrr';
const TWO = [SERVER, '-a -t 10.96.0.1:80 -r 10.244.1.5:8080 -m -w 3', '-a -t 10.96.0.1:80 -r 10.244.2.5:8080 -m -w 1'];

function shares(known: Assumptions, packet: TracePacket = packetOf()): ReadonlyMap<string, number> {
  return new Map([...endShares(trace(EMPTY, packet, known))].map(([end, share]) => [end, shareNumber(share)]));
}

describe('IPVS, on the way of a packet', () => {
  it('gives packets to real servers by their shares', () => {
    assert.deepEqual(
      shares(node(...TWO)),
      new Map([
        ['forwarded 10.244.1.5:8080', 0.75],
        ['forwarded 10.244.2.5:8080', 0.25],
      ]),
    );
    assert.deepEqual(shares(node(...TWO), packetOf({ destinationPort: 81 })), new Map([['delivered 10.96.0.1:81', 1]]));
  });

  it('refuses what has no real server that takes connections', () => {
    const drained = '-a -t 10.96.0.1:80 -r 10.244.1.5:8080 -m -w 0';
    for (const known of [node(SERVER), node(SERVER, drained)])
      assert.deepEqual(shares(known), new Map([['rejected icmp-port-unreachable', 1]]));
  });

  it('keeps the port of what goes to a virtual server for all ports, which refuses it without persistence', () => {
    const real = '-a -t 10.96.0.1:0 -r 10.244.1.5:0 -m -w 1';
    for (const port of [80, 81]) {
      const packet = packetOf({ destinationPort: port });
      const persistent = node('-A -t 10.96.0.1:0 -s rr -p 300', real);
      assert.deepEqual(shares(persistent, packet), new Map([[`forwarded 10.244.1.5:${port}`, 1]]));
      const plain = node('-A -t 10.96.0.1:0 -s rr', real);
      assert.deepEqual(shares(plain, packet), new Map([['rejected icmp-port-unreachable', 1]]));
    }
  });

  it('begins connections with a SYN alone', () => {
    assert.deepEqual(shares(node(...TWO), packetOf({ tcpFlags: TCP.ack })), new Map([['delivered 10.96.0.1:80', 1]]));
    const udp = node('-A -u 10.96.0.1:80 -s rr', '-a -u 10.96.0.1:80 -r 10.244.1.5:8080 -m -w 1');
    assert.deepEqual(shares(udp, packetOf({ protocol: 17 })), new Map([['forwarded 10.244.1.5:8080', 1]]));
  });

  it('does not follow what is not masqueraded', () => {
    const routed = node(SERVER, '-a -t 10.96.0.1:80 -r 10.244.1.5:80 -g -w 1');
    assert.deepEqual(trace(EMPTY, packetOf(), routed).outcomes.map(endText), ['unknown']);
  });

  it('stands behind the filter of INPUT, and before OUTPUT and POSTROUTING of what goes on', () => {
    const dropped = rulesOf({ filter: [':INPUT DROP [0:0]'] });
    assert.deepEqual(trace(dropped, packetOf(), node(...TWO)).outcomes.map(endText), ['dropped']);
    const marked = rulesOf({
      filter: [':FORWARD DROP [0:0]', '-A OUTPUT -d 10.244.2.5/32 -j DROP'],
      nat: [':POSTROUTING ACCEPT [0:0]', '-A POSTROUTING -d 10.244.1.5/32 -j MASQUERADE'],
    });
    assert.deepEqual(trace(marked, packetOf(), node(...TWO)).outcomes.map(endText), [
      'forwarded 10.244.1.5:8080 masqueraded',
      'dropped',
    ]);
  });

  it('gives replies the address that the client knows', () => {
    const one = node(SERVER, '-a -t 10.96.0.1:80 -r 10.244.1.5:8080 -m -w 1');
    const [reply] = traceReply(EMPTY, packetOf(), one).outcomes;
    assert.ok(reply !== undefined && reply.source !== 'own');
    assert.deepEqual([reply.source.text, reply.sourcePort], ['10.96.0.1', 80]);
  });

  it('is asked about where nobody has told its virtual servers, and rules are of the ipvs mode', () => {
    const { localAddresses } = node();
    const ofIpvs = rulesOf({ filter: [':INPUT ACCEPT [0:0]', '-A KUBE-IPVS-FILTER -j RETURN'] });
    const { open } = trace(ofIpvs, packetOf(), { localAddresses });
    assert.deepEqual(
      open.map(({ yes }) => yes),
      ['IPVS has a virtual server for tcp 10.96.0.1:80'],
    );
    assert.deepEqual(trace(EMPTY, packetOf(), { localAddresses }).open, []);
  });
});
