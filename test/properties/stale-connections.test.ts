/**
 * No connection that the rules make is ever stale, and one to anywhere else always is: over clusters with every policy, topology, condition
 * and address, and against endpoints as the slices, not the tables, have them.
 */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { connectionTargets } from '../../src/core/analyze/conntrack/connection-targets.ts';
import { findStale } from '../../src/core/analyze/conntrack/find-stale.ts';
import { PROTOCOL_NUMBER, type TrackedConnection } from '../../src/core/analyze/conntrack/tracked-connection.ts';
import { readMeaning } from '../../src/core/compile/read-meaning.ts';
import type { Ip } from '../../src/core/model/ip.ts';
import type { ServicePortEntry } from '../../src/core/services/service-port.ts';
import { proxyConfigs, snapshots } from '../support/arbitraries.ts';
import { holds } from '../support/law.ts';

const PROTOCOLS = ['UDP', 'SCTP'] as const;

interface Frontend {
  readonly ip: Ip;
  readonly port: number;
}

function connection({ ip, port }: Frontend, entry: ServicePortEntry, to: Frontend, i: number): TrackedConnection {
  return {
    protocol: entry.protocol === 'SCTP' ? PROTOCOL_NUMBER.SCTP : PROTOCOL_NUMBER.UDP,
    source: entry.clusterIp.family === 'ipv4' ? '192.0.2.1' : '2001:db8:ffff::1',
    sourcePort: 1024 + (i % 60_000),
    destination: ip.text,
    destinationPort: port,
    target: to.ip.text,
    targetPort: to.port,
  };
}

describe('stale connections', () => {
  it('are those that no rule makes', () => {
    let [live, dead] = [0, 0];
    holds(
      fc.property(snapshots(), proxyConfigs, (documents, config) => {
        const { families } = readMeaning(documents, { config, node: 'node-a' });
        const targets = connectionTargets(families, PROTOCOLS);
        for (const { table, settings, localAddresses } of families) {
          const nodeIps = settings.nodePortAddresses.kind === 'only' ? settings.nodePortAddresses.ips : localAddresses;
          for (const entry of table.servicePorts.filter(({ protocol }) => protocol !== 'TCP')) {
            const { port, nodePort, clusterIp, externalIps, loadBalancerIps } = entry;
            const frontends: readonly Frontend[] = [
              ...[clusterIp, ...externalIps, ...loadBalancerIps].map((ip) => ({ ip, port })),
              ...(nodePort === 0 ? [] : nodeIps.map((ip) => ({ ip, port: nodePort }))),
            ];
            const good = frontends.flatMap((frontend) =>
              entry.reachableEndpoints.map((endpoint, i) => connection(frontend, entry, endpoint, i)),
            );
            assert.deepEqual(findStale(good, targets), []);
            const nobody = {
              ip: { family: table.family, text: table.family === 'ipv4' ? '10.99.99.99' : 'fd99::9' },
              port: 9,
            };
            const bad = frontends.map((frontend, i) => connection(frontend, entry, nobody, i));
            const found = findStale(bad, targets);
            assert.equal(
              found.reduce((sum, { connections }) => sum + connections.length, 0),
              bad.length,
            );
            const answers = entry.servingEndpoints.length > 0;
            for (const { reason } of found) assert.equal(reason, answers ? 'endpoint-gone' : 'no-endpoints');
            live += good.length;
            dead += bad.length;
          }
        }
      }),
      { runs: 150 },
    );
    assert.ok(live > 100 && dead > 100, `${live} and ${dead} connections`);
  });

  it('are never found for other addresses, ports and protocols', () => {
    const anywhere = fc.record({
      protocol: fc.constantFrom(6, 17, 132, 1),
      source: fc.constant('192.0.2.1'),
      sourcePort: fc.nat(65_535),
      destination: fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()),
      destinationPort: fc.nat(65_535),
      target: fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()),
      targetPort: fc.nat(65_535),
    });
    holds(
      fc.property(snapshots(), fc.array(anywhere), (documents, connections) => {
        const { families } = readMeaning(documents, { node: 'node-a' });
        const known = new Set(
          families.flatMap(({ table, localAddresses }) => [
            ...localAddresses.map(({ text }) => text),
            ...table.servicePorts.flatMap((port) =>
              [port.clusterIp, ...port.externalIps, ...port.loadBalancerIps].map(({ text }) => text),
            ),
          ]),
        );
        const foreign = connections.filter(({ destination: at }) => !known.has(at) && !at.startsWith('127.'));
        assert.deepEqual(findStale(foreign, connectionTargets(families, PROTOCOLS)), []);
      }),
      { runs: 100 },
    );
  });
});
