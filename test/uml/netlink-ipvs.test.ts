// IPVS through netlink beside ipvsadm(8), in a kernel that has IPVS.
import assert from 'node:assert/strict';
import type { IpvsDestination } from '../../src/host/netlink/ipvs/destination.ts';
import {
  changeIpvs,
  changeIpvsInBulk,
  findIpvs,
  flushServices,
  getInfo,
  getTimeouts,
  listDestinations,
  listServices,
  setTimeouts,
  type Ipvs,
  type IpvsChange,
} from '../../src/host/netlink/ipvs/ipvs.ts';
import type { IpvsService, IpvsServiceKey } from '../../src/host/netlink/ipvs/service.ts';
import { NetlinkError } from '../../src/host/netlink/netlink-error.ts';
import { ip } from '../support/builders.ts';
import { destination, service } from '../support/netlink-services.ts';
import { NetlinkNode } from '../kernel/support/netlink-node.ts';
import { requireGuest } from './support/requirements.ts';

const PREFIX = 'chainsmith-nlvs';

function key(protocol: number, address: string, port: number): IpvsServiceKey {
  return { kind: 'address', protocol, ip: ip(address), port };
}

const HTTPS = key(6, '10.96.0.1', 443);
const DNS = key(17, 'fd00:96::a', 53);
const SCTP = key(132, '10.96.0.2', 9000);
const MARK: IpvsServiceKey = { kind: 'mark', mark: 7, family: 'ipv4' };

/** Each service with its destinations, and ipvsadm(8)'s lines for it. */
const CASES: readonly (readonly [
  service: IpvsService,
  destinations: readonly IpvsDestination[],
  lines: readonly string[],
])[] = [
  [
    service(HTTPS),
    [destination('10.244.0.7', 8443), destination('10.244.0.8', 8443, { weight: 0 })],
    [
      '-A -t 10.96.0.1:443 -s rr',
      '-a -t 10.96.0.1:443 -r 10.244.0.7:8443 -m -w 1',
      '-a -t 10.96.0.1:443 -r 10.244.0.8:8443 -m -w 0',
    ],
  ],
  [
    service(DNS, { scheduler: 'sh', persistence: 600, persistencePrefix: 64, schedulerFlags: [true, true, false] }),
    [destination('fd00:10::7', 5353, { weight: 65_535 })],
    [
      '-A -u [fd00:96::a]:53 -s sh -p 600 -M 64 -b sh-fallback,sh-port',
      '-a -u [fd00:96::a]:53 -r [fd00:10::7]:5353 -m -w 65535',
    ],
  ],
  [
    service(SCTP, { scheduler: 'wrr', persistence: 300, persistencePrefix: 24 }),
    [destination('10.244.0.9', 9000, { upperThreshold: 100, lowerThreshold: 50 })],
    [
      '-A --sctp-service 10.96.0.2:9000 -s wrr -p 300 -M 255.255.255.0',
      '-a --sctp-service 10.96.0.2:9000 -r 10.244.0.9:9000 -m -w 1 -x 100 -y 50',
    ],
  ],
  [
    service(MARK, { onePacket: true, scheduler: 'lc' }),
    [destination('10.244.0.9', 0, { forwarding: 'tunnel' }), destination('10.244.0.10', 0, { forwarding: 'direct' })],
    ['-A -f 7 -s lc -o', '-a -f 7 -r 10.244.0.9:0 -i -w 1 --tun-type ipip', '-a -f 7 -r 10.244.0.10:0 -g -w 1'],
  ],
];

const LINES = CASES.flatMap(([, , lines]) => lines);

function additions(): readonly IpvsChange[] {
  return CASES.flatMap(([virtual, reals]): readonly IpvsChange[] => [
    { kind: 'add-service', service: virtual },
    ...reals.map((real): IpvsChange => ({ kind: 'add-destination', key: virtual.key, destination: real })),
  ]);
}

function withCode(code: string, operation: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof NetlinkError && error.code === code && operation.test(error.message);
}

describe('IPVS through netlink, in the kernel', function () {
  this.timeout(120_000);
  let node: NetlinkNode;
  let ipvs: Ipvs;

  /** `ipvsadm -Sn`, without thresholds, which it does not print. */
  const save = async (): Promise<readonly string[]> =>
    (await node.run('ipvsadm -Sn'))
      .split('\n')
      .filter((line) => line !== '')
      .toSorted();
  const plain = (lines: readonly string[]): readonly string[] =>
    lines.map((line) => line.replace(/ -x \d+ -y \d+/, '')).toSorted();

  before(async function () {
    requireGuest(this);
    node = await NetlinkNode.create(PREFIX);
    ipvs = findIpvs(node.open('generic'));
    // Before a namespace has an address the kernel takes no IPv4 address for unicast.
    await node.run('ip link set lo up');
  });
  after(async () => await node?.remove());
  beforeEach(() => flushServices(ipvs));

  it('makes what ipvsadm(8) prints', async () => {
    assert.deepEqual(changeIpvsInBulk(ipvs, additions()), []);
    assert.deepEqual(await save(), plain(LINES));
  });

  it('reads what ipvsadm(8) made', async () => {
    await node.run('ipvsadm -R', LINES.map((line) => `${line}\n`).join(''));
    const listed = listServices(ipvs);
    const byKey = (services: readonly IpvsService[]): readonly IpvsService[] =>
      services.toSorted((a, b) => (JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1));
    assert.deepEqual(byKey(listed), byKey(CASES.map(([virtual]) => virtual)));
    for (const [{ key: of }, reals] of CASES) {
      const expected = reals.map((real) => ({
        ...real,
        activeConnections: 0,
        inactiveConnections: 0,
        persistentConnections: 0,
      }));
      const found = listDestinations(ipvs, of).toSorted((a, b) => (a.ip.text < b.ip.text ? -1 : 1));
      assert.deepEqual(
        found,
        expected.toSorted((a, b) => (a.ip.text < b.ip.text ? -1 : 1)),
      );
    }
  });

  it('changes services and destinations', async () => {
    assert.deepEqual(changeIpvsInBulk(ipvs, additions()), []);
    const changes: readonly IpvsChange[] = [
      { kind: 'edit-service', service: service(HTTPS, { scheduler: 'wrr', persistence: 60 }) },
      { kind: 'edit-service', service: service(DNS) },
      { kind: 'edit-destination', key: HTTPS, destination: destination('10.244.0.7', 8443, { weight: 0 }) },
      { kind: 'delete-destination', key: HTTPS, destination: destination('10.244.0.8', 8443) },
      { kind: 'delete-service', key: MARK },
    ];
    for (const change of changes) changeIpvs(ipvs, change);
    assert.deepEqual(
      await save(),
      plain([
        '-A -t 10.96.0.1:443 -s wrr -p 60',
        '-a -t 10.96.0.1:443 -r 10.244.0.7:8443 -m -w 0',
        '-A -u [fd00:96::a]:53 -s rr',
        '-a -u [fd00:96::a]:53 -r [fd00:10::7]:5353 -m -w 65535',
        ...(CASES[2]?.[2] ?? []),
      ]),
    );
    flushServices(ipvs);
    assert.deepEqual(await save(), []);
    assert.deepEqual(listServices(ipvs), []);
  });

  it('names what was refused', () => {
    changeIpvs(ipvs, { kind: 'add-service', service: service(HTTPS) });
    const refused = (change: IpvsChange, code: string, operation: RegExp): void => {
      assert.throws(() => changeIpvs(ipvs, change), withCode(code, operation));
    };
    const real = destination('10.244.0.7', 8443);
    refused(
      { kind: 'add-service', service: service(HTTPS) },
      'EEXIST',
      /^add the virtual service tcp 10\.96\.0\.1:443: /,
    );
    refused(
      { kind: 'add-service', service: service(SCTP, { scheduler: 'nosuch' }) },
      'ENOENT',
      /sctp 10\.96\.0\.2:9000/,
    );
    refused({ kind: 'edit-service', service: service(SCTP) }, 'ESRCH', /^change the virtual service sctp/);
    refused({ kind: 'delete-service', key: MARK }, 'ESRCH', /^delete the virtual service mark 7/);
    refused({ kind: 'add-destination', key: SCTP, destination: real }, 'ESRCH', /of sctp 10\.96\.0\.2:9000/);
    refused(
      { kind: 'edit-destination', key: HTTPS, destination: real },
      'ENOENT',
      /^change the real server 10\.244\.0\.7:8443/,
    );
    refused({ kind: 'delete-destination', key: HTTPS, destination: real }, 'ENOENT', /^delete the real server/);
    assert.deepEqual(listDestinations(ipvs, SCTP), []);
  });

  it('does the others of a batch of which some are refused', async () => {
    const failures = changeIpvsInBulk(ipvs, [
      { kind: 'add-service', service: service(HTTPS) },
      { kind: 'delete-service', key: MARK },
      { kind: 'add-destination', key: HTTPS, destination: destination('10.244.0.7', 8443) },
      { kind: 'add-service', service: service(HTTPS) },
    ]);
    assert.deepEqual(
      failures.map(({ index, error: { code } }) => [index, code]),
      [
        [1, 'ESRCH'],
        [3, 'EEXIST'],
      ],
    );
    assert.deepEqual(await save(), ['-A -t 10.96.0.1:443 -s rr', '-a -t 10.96.0.1:443 -r 10.244.0.7:8443 -m -w 1']);
  });

  it('adds, lists and deletes thousands of destinations', () => {
    const reals = Array.from({ length: 3000 }, (_, i) => destination(`10.245.${i >> 8}.${i & 255}`, 80));
    const all = (kind: 'add-destination' | 'delete-destination'): readonly IpvsChange[] =>
      reals.map((real) => ({ kind, key: HTTPS, destination: real }));
    changeIpvs(ipvs, { kind: 'add-service', service: service(HTTPS) });
    assert.deepEqual(changeIpvsInBulk(ipvs, all('add-destination')), []);
    assert.equal(listDestinations(ipvs, HTTPS).length, 3000);
    assert.deepEqual(changeIpvsInBulk(ipvs, all('delete-destination')), []);
    assert.deepEqual(listDestinations(ipvs, HTTPS), []);
  });

  it('sets timeouts, those that are given', async () => {
    setTimeouts(ipvs, { tcp: 1000, tcpFin: 100, udp: 200 });
    setTimeouts(ipvs, { udp: 250 });
    assert.deepEqual(getTimeouts(ipvs), { tcp: 1000, tcpFin: 100, udp: 250 });
    assert.match(await node.run('ipvsadm -L --timeout'), /Timeout \(tcp tcpfin udp\): 1000 100 250/);
  });

  it('says which version it is', async () => {
    const { version, connectionTableSize } = getInfo(ipvs);
    const [line = ''] = (await node.run('ipvsadm -Ln')).split('\n');
    assert.equal(line, `IP Virtual Server version ${version} (size=${connectionTableSize})`);
  });
});
