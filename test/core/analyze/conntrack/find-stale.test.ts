import assert from 'node:assert/strict';
import {
  connectionTargets,
  servedFamilies,
  type NodeServices,
} from '../../../../src/core/analyze/conntrack/connection-targets.ts';
import { findStale } from '../../../../src/core/analyze/conntrack/find-stale.ts';
import type {
  ConnectionProtocol,
  TrackedConnection,
} from '../../../../src/core/analyze/conntrack/tracked-connection.ts';
import type { IpFamily } from '../../../../src/core/model/ip.ts';
import { categorizeEndpoints } from '../../../../src/core/services/categorize-endpoints.ts';
import type { Endpoint } from '../../../../src/core/services/endpoint.ts';
import type { ServicePort, ServicePortEntry } from '../../../../src/core/services/service-port.ts';
import { endpoint, ip, servicePort } from '../../../support/builders.ts';

const DNS: Partial<ServicePort> = {
  namespace: 'kube-system',
  serviceName: 'kube-dns',
  portName: 'dns',
  protocol: 'UDP',
  port: 53,
};
const AT_53 = (address: string, over: Partial<Endpoint> = {}): Endpoint => endpoint(address, over, 53);

function entry(over: Partial<ServicePort>, endpoints: readonly Endpoint[]): ServicePortEntry {
  const port = servicePort(over);
  const place = { nodeName: 'node-a', zone: undefined };
  const { hintsIgnored: _ignored, ...chosen } = categorizeEndpoints(endpoints, port, place);
  return { ...chosen, ...port };
}

interface Circumstances {
  readonly family?: IpFamily;
  readonly only?: readonly string[];
  readonly localhostNodePorts?: boolean;
}

function services(
  ports: readonly ServicePortEntry[],
  { family = 'ipv4', only, localhostNodePorts = true }: Circumstances = {},
): NodeServices {
  return {
    table: { family, servicePorts: ports, endpointCount: 0 },
    settings: {
      localhostNodePorts,
      nodePortAddresses:
        only === undefined ? { kind: 'all-local' } : { kind: 'only', ips: only.map((text) => ip(text)) },
    },
    localAddresses: ['127.0.0.1', '::1', '192.168.0.10', '192.168.1.10', '2001:db8::10']
      .map((text) => ip(text))
      .filter((one) => one.family === family),
  };
}

/** `10.0.0.9:4000 -> 10.96.0.10:53 -> 10.244.0.1:53`, the last part left out for what was not translated; udp, or what is said before. */
function connection(text: string): TrackedConnection {
  const [, protocol = 'udp', way = ''] = /^(?:(tcp|udp|sctp) )?(.*)$/.exec(text) ?? [];
  const [from, to, leads] = way.split(' -> ').map((place) => {
    const [, v6, v4, port] = /^(?:\[(.*)\]|([^:]*)):(\d+)$/.exec(place) ?? [];
    return { address: v6 ?? v4 ?? '', port: Number(port) };
  });
  assert.ok(from !== undefined && to !== undefined, text);
  return {
    protocol: { tcp: 6, udp: 17, sctp: 132 }[protocol] ?? 0,
    source: from.address,
    sourcePort: from.port,
    destination: to.address,
    destinationPort: to.port,
    target: (leads ?? to).address,
    targetPort: (leads ?? to).port,
  };
}

/** Stale ones in short: `SERVICE FRONTEND -> PLACE: REASON xCOUNT`. */
function stale(
  families: readonly NodeServices[],
  connections: readonly string[],
  protocols: readonly ConnectionProtocol[] = ['UDP'],
): readonly string[] {
  return findStale(connections.map(connection), connectionTargets(families, protocols)).map((group) => {
    const { service, what, address, port, sentTo, reason } = group;
    const place = sentTo === undefined ? '' : ` -> ${sentTo.address} ${sentTo.port}`;
    return `${service} ${what} ${address} ${port}${place}: ${reason} x${group.connections.length}`;
  });
}

describe('findStale', () => {
  it('finds what leads to an endpoint that is gone, and nothing else', () => {
    const dns = services([entry(DNS, [AT_53('10.244.0.1'), AT_53('10.244.0.2')])]);
    const found = stale(
      [dns],
      [
        '10.0.0.9:4000 -> 10.96.0.10:53 -> 10.244.0.1:53',
        '10.0.0.9:4001 -> 10.96.0.10:53 -> 10.244.0.3:53',
        '10.0.0.8:4001 -> 10.96.0.10:53 -> 10.244.0.3:53',
        '10.0.0.9:4002 -> 10.96.0.10:54 -> 10.244.0.3:53',
        '10.0.0.9:4003 -> 10.96.0.11:53 -> 10.244.0.3:53',
        '10.0.0.9:4004 -> 8.8.8.8:53',
        'tcp 10.0.0.9:4001 -> 10.96.0.10:53 -> 10.244.0.3:53',
        '10.244.0.3:53 -> 10.0.0.9:4001',
      ],
    );
    assert.deepEqual(found, ['kube-system/kube-dns:dns cluster IP 10.96.0.10 53 -> 10.244.0.3 53: endpoint-gone x2']);
  });

  it('takes another port of the same Pod for another endpoint', () => {
    const dns = services([entry(DNS, [AT_53('10.244.0.1')])]);
    assert.deepEqual(stale([dns], ['10.0.0.9:4000 -> 10.96.0.10:53 -> 10.244.0.1:5353']), [
      'kube-system/kube-dns:dns cluster IP 10.96.0.10 53 -> 10.244.0.1 5353: endpoint-gone x1',
    ]);
  });

  it('finds all of a Service that has no endpoints, and what came before there were rules', () => {
    const none = services([entry(DNS, [])]);
    const some = services([entry(DNS, [AT_53('10.244.0.1')])]);
    const connections = ['10.0.0.9:4000 -> 10.96.0.10:53 -> 10.244.0.1:53', '10.0.0.9:4001 -> 10.96.0.10:53'];
    assert.deepEqual(stale([none], connections), [
      'kube-system/kube-dns:dns cluster IP 10.96.0.10 53: not-translated x1',
      'kube-system/kube-dns:dns cluster IP 10.96.0.10 53 -> 10.244.0.1 53: no-endpoints x1',
    ]);
    assert.deepEqual(stale([some], connections), [
      'kube-system/kube-dns:dns cluster IP 10.96.0.10 53: not-translated x1',
    ]);
  });

  it('keeps connections to whatever still answers, whether or not new ones are sent there', () => {
    const over = { ...DNS, internalPolicyLocal: true };
    const endpoints = [
      AT_53('10.244.0.1', { local: true }),
      AT_53('10.244.1.2'),
      AT_53('10.244.1.3', { ready: false, terminating: true }),
      AT_53('10.244.1.4', { ready: false, serving: false }),
      AT_53('10.244.1.5', { ready: true, serving: false }),
    ];
    const dns = services([entry(over, endpoints)]);
    const to = (address: string): string => `10.0.0.9:4000 -> 10.96.0.10:53 -> ${address}:53`;
    assert.deepEqual(
      stale(
        [dns],
        endpoints.map(({ ip: { text } }) => to(text)),
      ),
      ['kube-system/kube-dns:dns cluster IP 10.96.0.10 53 -> 10.244.1.4 53: endpoint-gone x1'],
    );
  });

  it('knows every address of a Service', () => {
    const over = { ...DNS, externalIps: [ip('203.0.113.7')], loadBalancerIps: [ip('198.51.100.7')], nodePort: 30_053 };
    const dns = services([entry(over, [AT_53('10.244.0.1')])]);
    const gone = (to: string): string => `10.0.0.9:4000 -> ${to} -> 10.244.0.3:53`;
    assert.deepEqual(
      stale(
        [dns],
        ['10.96.0.10:53', '203.0.113.7:53', '198.51.100.7:53', '192.168.0.10:30053', '192.168.1.10:30053'].map(gone),
      ),
      [
        'kube-system/kube-dns:dns cluster IP 10.96.0.10 53 -> 10.244.0.3 53: endpoint-gone x1',
        'kube-system/kube-dns:dns nodePort 192.168.0.10 30053 -> 10.244.0.3 53: endpoint-gone x1',
        'kube-system/kube-dns:dns nodePort 192.168.1.10 30053 -> 10.244.0.3 53: endpoint-gone x1',
        'kube-system/kube-dns:dns loadbalancer IP 198.51.100.7 53 -> 10.244.0.3 53: endpoint-gone x1',
        'kube-system/kube-dns:dns external IP 203.0.113.7 53 -> 10.244.0.3 53: endpoint-gone x1',
      ],
    );
  });

  it('leaves the number of a node port alone at addresses that are not the node’s, or that it does not answer on', () => {
    const over = { ...DNS, nodePort: 30_053 };
    const ports = [entry(over, [AT_53('10.244.0.1')])];
    const gone = (to: string): string => `10.0.0.9:4000 -> ${to}:30053 -> 10.244.0.3:53`;
    const elsewhere = [gone('192.168.0.99'), '10.0.0.9:4000 -> 192.168.0.99:30053'];
    assert.deepEqual(stale([services(ports)], elsewhere), []);
    const only = services(ports, { only: ['192.168.1.10'] });
    assert.deepEqual(stale([only], [gone('192.168.0.10')]), []);
    assert.equal(stale([only], [gone('192.168.1.10')]).length, 1);
    assert.deepEqual(stale([services(ports, { only: [] })], [gone('192.168.1.10')]), []);
  });

  it('takes loopback for a node port where that answers there, or was translated', () => {
    const ports = [entry({ ...DNS, nodePort: 30_053 }, [AT_53('10.244.0.1')])];
    const [off, on] = [false, true].map((localhostNodePorts) => services(ports, { localhostNodePorts }));
    assert.ok(off !== undefined && on !== undefined);
    const local = '127.0.0.1:4000 -> 127.0.0.1:30053';
    assert.deepEqual(stale([off], [local]), []);
    assert.equal(stale([on], [local]).length, 1);
    assert.equal(stale([off], [`${local} -> 10.244.0.3:53`]).length, 1);
    assert.equal(stale([off], ['127.0.0.1:4000 -> 127.0.0.7:30053 -> 10.244.0.3:53']).length, 1);
  });

  it('does not take an endpoint on the host, at the address that clients use, for untranslated', () => {
    const over = { ...DNS, externalIps: [ip('192.168.0.10')] };
    const dns = services([entry(over, [AT_53('192.168.0.10')])]);
    assert.deepEqual(stale([dns], ['10.0.0.9:4000 -> 192.168.0.10:53']), []);
  });

  it('keeps families apart', () => {
    const over = { ...DNS, clusterIp: ip('fd00::a'), nodePort: 30_053 };
    const six = services([entry(over, [AT_53('fd00:10:244::1')])], { family: 'ipv6' });
    const four = services([entry({ ...DNS, nodePort: 30_053 }, [])]);
    const found = stale(
      [four, six],
      [
        '[fd00::9]:4000 -> [fd00::a]:53 -> [fd00:10:244::1]:53',
        '[fd00::9]:4001 -> [fd00::a]:53 -> [fd00:10:244::2]:53',
        '[fd00::9]:4002 -> [2001:db8::10]:30053 -> [fd00:10:244::1]:53',
        '10.0.0.9:4002 -> 192.168.0.10:30053 -> 10.244.0.1:53',
      ],
    );
    assert.deepEqual(found, [
      'kube-system/kube-dns:dns nodePort 192.168.0.10 30053 -> 10.244.0.1 53: no-endpoints x1',
      'kube-system/kube-dns:dns cluster IP fd00::a 53 -> fd00:10:244::2 53: endpoint-gone x1',
    ]);
  });

  it('looks at SCTP where it is asked to, and never at TCP', () => {
    const both = services([
      entry({ ...DNS, protocol: 'SCTP' }, []),
      entry({ ...DNS, protocol: 'TCP', portName: 'dns-tcp' }, []),
    ]);
    const connections = ['sctp', 'tcp'].map((name) => `${name} 10.0.0.9:4000 -> 10.96.0.10:53 -> 10.244.0.1:53`);
    assert.deepEqual(stale([both], connections), []);
    assert.deepEqual(stale([both], connections, ['UDP', 'SCTP']), [
      'kube-system/kube-dns:dns cluster IP 10.96.0.10 53 -> 10.244.0.1 53: no-endpoints x1',
    ]);
    assert.deepEqual(servedFamilies([both], ['UDP']), []);
    assert.deepEqual(servedFamilies([both], ['UDP', 'SCTP']), ['ipv4']);
  });

  it('takes for fine what any of two ports with one number may lead to', () => {
    const twice = services([
      entry(DNS, [AT_53('10.244.0.1')]),
      entry({ ...DNS, portName: 'other' }, [endpoint('10.244.0.1', {}, 5353)]),
    ]);
    const to = (port: number): string => `10.0.0.9:4000 -> 10.96.0.10:53 -> 10.244.0.1:${port}`;
    assert.deepEqual(stale([twice], [to(53), to(5353)]), []);
    assert.equal(stale([twice], [to(54)]).length, 1);
  });

  it('says the same whatever the order of the connections', () => {
    const dns = services([entry(DNS, [])]);
    const connections = [1, 2, 3].flatMap((n) =>
      [4000, 4001].map((port) => connection(`10.0.0.${n}:${port} -> 10.96.0.10:53 -> 10.244.0.${n}:53`)),
    );
    const targets = connectionTargets([dns], ['UDP']);
    assert.deepEqual(findStale(connections.toReversed(), targets), findStale(connections, targets));
  });
});
