// ipvsadm(8)'s conversations with the kernel, had by chainsmith: what it sends says the same, and what comes back is understood.
import assert from 'node:assert/strict';
import { decodeAttributes } from '../../../../src/host/netlink/codec/attribute.ts';
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
} from '../../../../src/host/netlink/ipvs/ipvs.ts';
import type { IpvsServiceKey } from '../../../../src/host/netlink/ipvs/service.ts';
import { NetlinkError } from '../../../../src/host/netlink/netlink-error.ts';
import { ip } from '../../../support/builders.ts';
import { destination, service } from '../../../support/netlink-services.ts';
import {
  NEEDS_LITTLE_ENDIAN,
  Recording,
  replay,
  requestOf,
  restrictedTo,
  shape,
  shapeOf,
  type Exchange,
  type RequestShape,
} from '../../../support/netlink-recordings.ts';

const HEADER = 4;

const HTTPS: IpvsServiceKey = { kind: 'address', protocol: 6, ip: ip('10.96.0.1'), port: 443 };
const DNS: IpvsServiceKey = { kind: 'address', protocol: 17, ip: ip('fd00::1'), port: 53 };
const MARK: IpvsServiceKey = { kind: 'mark', mark: 7, family: 'ipv4' };

describe('IPVS through netlink, recorded', () => {
  before(function () {
    if (!NEEDS_LITTLE_ENDIAN) this.skip();
  });

  const recording = new Recording('ipvs');
  const [findFamily = fail(), askVersion = fail()] = recording.exchanges('ipvsadm -A -t 10.96.0.1:443 -s rr');

  function run<T>(
    exchanges: readonly Exchange[],
    body: (ipvs: Ipvs) => T,
  ): { result: T; sent: readonly RequestShape[] } {
    const { socket, sent, assertFinished } = replay([findFamily, ...exchanges]);
    const result = body(findIpvs(socket));
    assertFinished();
    return {
      result,
      sent: sent()
        .slice(1)
        .map((message) => shapeOf(message, HEADER)),
    };
  }

  it('finds the family, whatever its number', () => {
    const { socket, sent } = replay([findFamily]);
    assert.deepEqual(findIpvs(socket).family, { name: 'IPVS', id: 28, version: 1 });
    const [request] = sent();
    assert.ok(request !== undefined);
    // ipvsadm(8) says version 1 of the controller; it has been 2 for long.
    assert.deepEqual(shape(decodeAttributes(request.payload, HEADER)), { 2: Buffer.from('IPVS\0').toString('hex') });
  });

  it('says that the kernel has no IPVS', () => {
    const exchange = recording.last('ipvsadm -A -t 10.96.0.2:80 -s nosuch');
    assert.throws(() => findIpvs(replay([exchange]).socket), /find the kernel's IPVS: .* \(ENOENT\)/);
  });

  const SERVICES: readonly (readonly [command: string, change: IpvsChange])[] = [
    ['ipvsadm -A -t 10.96.0.1:443 -s rr', { kind: 'add-service', service: service(HTTPS) }],
    [
      'ipvsadm -A -u [fd00::1]:53 -s sh -p 600 -M 64 -b sh-port',
      {
        kind: 'add-service',
        service: service(DNS, {
          scheduler: 'sh',
          persistence: 600,
          persistencePrefix: 64,
          schedulerFlags: [false, true, false],
        }),
      },
    ],
    ['ipvsadm -A -f 7 -s rr -o', { kind: 'add-service', service: service(MARK, { onePacket: true }) }],
    [
      'ipvsadm -E -t 10.96.0.1:443 -s sh -p 300',
      { kind: 'edit-service', service: service(HTTPS, { scheduler: 'sh', persistence: 300 }) },
    ],
  ];
  for (const [command, change] of SERVICES) {
    it(`says what ${command} says`, () => {
      const exchange = recording.last(command);
      const { sent } = run([exchange], (ipvs) => changeIpvs(ipvs, change));
      assert.deepEqual(sent, [shapeOf(requestOf(exchange), HEADER)]);
    });
  }

  const GUE = { type: 1, port: 6080, flags: 0 };
  const DESTINATIONS: readonly (readonly [command: string, change: IpvsChange])[] = [
    [
      'ipvsadm -a -t 10.96.0.1:443 -r 10.244.0.7:8443 -m -w 1',
      { kind: 'add-destination', key: HTTPS, destination: destination('10.244.0.7', 8443) },
    ],
    [
      'ipvsadm -a -t 10.96.0.1:443 -r 10.244.0.8:8443 -m -w 0 -x 100 -y 50',
      {
        kind: 'add-destination',
        key: HTTPS,
        destination: destination('10.244.0.8', 8443, { weight: 0, upperThreshold: 100, lowerThreshold: 50 }),
      },
    ],
    [
      'ipvsadm -a -u [fd00::1]:53 -r [fd00:10::7]:5353 -m',
      { kind: 'add-destination', key: DNS, destination: destination('fd00:10::7', 5353) },
    ],
    [
      'ipvsadm -a -f 7 -r 10.244.0.9 -i --tun-type gue --tun-port 6080',
      {
        kind: 'add-destination',
        key: MARK,
        destination: destination('10.244.0.9', 0, { forwarding: 'tunnel', tunnel: GUE }),
      },
    ],
    [
      'ipvsadm -e -t 10.96.0.1:443 -r 10.244.0.7:8443 -m -w 3',
      { kind: 'edit-destination', key: HTTPS, destination: destination('10.244.0.7', 8443, { weight: 3 }) },
    ],
    [
      'ipvsadm -d -t 10.96.0.1:443 -r 10.244.0.8:8443',
      { kind: 'delete-destination', key: HTTPS, destination: destination('10.244.0.8', 8443) },
    ],
    ['ipvsadm -D -f 7', { kind: 'delete-service', key: MARK }],
  ];
  for (const [command, change] of DESTINATIONS) {
    it(`says what ${command} says, or less`, () => {
      const exchange = recording.last(command);
      const { sent } = run([exchange], (ipvs) => changeIpvs(ipvs, change));
      const [ours = fail()] = sent;
      // ipvsadm(8) sends all of a service where only its name counts, and tunnels of type 0 with every destination.
      assert.deepEqual([ours], [restrictedTo(shapeOf(requestOf(exchange), HEADER), ours)]);
      assert.ok(Object.keys(ours.attributes).length === (change.kind === 'delete-service' ? 1 : 2));
    });
  }

  it('lists services', () => {
    const [list = fail()] = recording.exchanges('ipvsadm -Ln');
    const { result, sent } = run([list], listServices);
    assert.deepEqual(sent, [shapeOf(requestOf(list), HEADER)]);
    assert.deepEqual(result, [
      service(HTTPS, { scheduler: 'sh', persistence: 300 }),
      service(DNS, { scheduler: 'sh', persistence: 600, persistencePrefix: 64, schedulerFlags: [false, true, false] }),
      service(MARK, { onePacket: true }),
    ]);
  });

  it('lists destinations', () => {
    const [, ofHttps = fail(), ofDns = fail(), ofMark = fail()] = recording.exchanges('ipvsadm -Ln');
    const idle = { activeConnections: 0, inactiveConnections: 0, persistentConnections: 0 };
    const listed = (exchange: Exchange, key: IpvsServiceKey): unknown => {
      const { result, sent } = run([exchange], (ipvs) => listDestinations(ipvs, key));
      assert.deepEqual(sent, [shapeOf(requestOf(exchange), HEADER)]);
      return result;
    };
    assert.deepEqual(listed(ofHttps, HTTPS), [
      { ...destination('10.244.0.8', 8443, { weight: 0, upperThreshold: 100, lowerThreshold: 50 }), ...idle },
      { ...destination('10.244.0.7', 8443, { weight: 3 }), ...idle },
    ]);
    assert.deepEqual(listed(ofDns, DNS), [{ ...destination('fd00:10::7', 5353), ...idle }]);
    const tunnel = { forwarding: 'tunnel', tunnel: GUE } as const;
    assert.deepEqual(listed(ofMark, MARK), [{ ...destination('10.244.0.9', 0, tunnel), ...idle }]);
  });

  it('gets and sets timeouts', () => {
    const set = recording.last('ipvsadm --set 900 120 300');
    const timeouts = { tcp: 900, tcpFin: 120, udp: 300 };
    const { sent } = run([set], (ipvs) => setTimeouts(ipvs, timeouts));
    assert.deepEqual(sent, [shapeOf(requestOf(set), HEADER)]);
    const get = recording.last('ipvsadm -L --timeout');
    const { result, sent: asked } = run([get], getTimeouts);
    assert.deepEqual(asked, [shapeOf(requestOf(get), HEADER)]);
    assert.deepEqual(result, timeouts);
  });

  it('asks for the version, and removes everything', () => {
    const { result, sent } = run([askVersion], getInfo);
    assert.deepEqual(sent, [shapeOf(requestOf(askVersion), HEADER)]);
    assert.deepEqual(result, { version: '1.2.1', connectionTableSize: 4096 });
    const flush = recording.last('ipvsadm -C');
    assert.deepEqual(run([flush], flushServices).sent, [shapeOf(requestOf(flush), HEADER)]);
  });

  const REFUSALS: readonly (readonly [command: string, nth: number, change: IpvsChange, message: RegExp])[] = [
    [
      'ipvsadm -A -t 10.96.0.1:443 -s rr',
      1,
      { kind: 'add-service', service: service(HTTPS) },
      /^add the virtual service tcp 10\.96\.0\.1:443: .* \(EEXIST\)$/,
    ],
    [
      'ipvsadm -A -t 10.96.0.2:80 -s nosuch',
      0,
      { kind: 'add-service', service: service({ ...HTTPS, ip: ip('10.96.0.2'), port: 80 }, { scheduler: 'nosuch' }) },
      /^add the virtual service tcp 10\.96\.0\.2:80: .* \(ENOENT\)$/,
    ],
    [
      'ipvsadm -e -t 10.96.0.9:443 -r 10.244.0.7:8443 -m -w 3',
      0,
      { kind: 'edit-destination', key: DNS, destination: destination('10.244.0.7', 8443) },
      /^change the real server 10\.244\.0\.7:8443 of udp \[fd00::1\]:53: .* \(ESRCH\)$/,
    ],
    [
      'ipvsadm -d -t 10.96.0.1:443 -r 10.244.0.8:8443',
      1,
      { kind: 'delete-destination', key: HTTPS, destination: destination('10.244.0.8', 8443) },
      /^delete the real server 10\.244\.0\.8:8443 of tcp 10\.96\.0\.1:443: .* \(ENOENT\)$/,
    ],
    [
      'ipvsadm -D -f 7',
      1,
      { kind: 'delete-service', key: MARK },
      /^delete the virtual service mark 7 \(ipv4\): .* \(ESRCH\)$/,
    ],
  ];
  for (const [command, nth, change, message] of REFUSALS) {
    it(`names what was refused: ${command}`, () => {
      const refused = (error: unknown): boolean => error instanceof NetlinkError && message.test(error.message);
      const exchange = recording.last(command, nth);
      assert.throws(() => run([exchange], (ipvs) => changeIpvs(ipvs, change)), refused);
      const [failure, ...others] = run([exchange], (ipvs) => changeIpvsInBulk(ipvs, [change])).result;
      assert.ok(failure?.index === 0 && refused(failure.error) && others.length === 0);
    });
  }
});

function fail(): never {
  throw new Error('not recorded');
}
