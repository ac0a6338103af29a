import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { cidrContains, parseIp } from '../../../../src/core/model/ip.ts';
import type { Service } from '../../../../src/core/model/kubernetes.ts';
import { addressSpace, nodePortSpace } from '../../../../src/core/services/api-server/address-space.ts';
import { allocateSlots } from '../../../../src/core/services/api-server/slot-allocator.ts';
import { cidr, port, prepare, service } from './objects.ts';

// The first six bytes of sha256("default/web#0"), modulo the dynamic band.
const WEB_ADDRESSES = ['10.96.4.239', 'fd00:10:96::3af7'];

const ipOf = (text: string | undefined) => {
  const ip = parseIp(text ?? '');
  assert.ok(ip, `${text}`);
  return ip;
};

describe('clusterIP allocation', () => {
  it('is the same each time (known answers)', () => {
    const { get, messages } = prepare([service('web', { ipFamilyPolicy: 'PreferDualStack' })]);
    assert.deepEqual(get('web').clusterIPs, WEB_ADDRESSES);
    assert.equal(get('web').clusterIP, WEB_ADDRESSES[0]);
    assert.deepEqual(messages('cluster-ip-allocated'), [`chose clusterIP ${WEB_ADDRESSES.join(' and ')}`]);
  });

  it('keeps the first address for default/kubernetes', () => {
    const { get } = prepare([service('kubernetes', { ports: [port(443)] })]);
    assert.equal(get('kubernetes').clusterIP, '10.96.0.1');
    const taken = prepare([service('a', { clusterIP: '10.96.0.1' }), service('kubernetes')]);
    assert.notEqual(taken.get('kubernetes').clusterIP, '10.96.0.1');
    assert.deepEqual(taken.problems, []);
  });

  it('fills tiny CIDRs and then says that they are full', () => {
    const two = [service('a'), service('b'), service('kubernetes')];
    const { get, problems } = prepare(two, { serviceCidrs: [cidr('10.0.0.0/30')] });
    assert.equal(get('a').clusterIP, '10.0.0.2');
    assert.equal(get('b').clusterIP, undefined);
    assert.deepEqual(get('b').ipFamilies, []);
    assert.equal(get('kubernetes').clusterIP, '10.0.0.1');
    assert.deepEqual(problems, ['no-free-address']);
    for (const empty of ['10.0.0.0/32', '10.0.0.0/31', 'fd00::/128']) {
      assert.deepEqual(prepare([service('a')], { serviceCidrs: [cidr(empty)] }).problems, ['no-free-address'], empty);
    }
    assert.equal(prepare([service('a')], { serviceCidrs: [cidr('fd00::/126')] }).problems.length, 0);
  });

  it('works in huge CIDRs', () => {
    for (const huge of ['fd00:1:2:3::/64', '::/0', '0.0.0.0/0']) {
      const range = cidr(huge);
      const { get } = prepare([service('a')], { serviceCidrs: [range] });
      assert.ok(cidrContains(range, ipOf(get('a').clusterIP)), huge);
    }
  });

  it('leaves the static band to people until the rest is full (KEP-3070)', () => {
    assert.deepEqual(addressSpace(cidr('10.0.0.0/28')), { size: 14n, staticSize: 0n });
    assert.deepEqual(addressSpace(cidr('10.0.0.0/24')), { size: 254n, staticSize: 16n });
    assert.deepEqual(addressSpace(cidr('10.0.0.0/20')), { size: 4094n, staticSize: 256n });
    assert.deepEqual(addressSpace(cidr('fd00::/112')), { size: 65_535n, staticSize: 256n });
    const services = Array.from({ length: 253 }, (_, i) => service(`s${i}`));
    const { snapshot, problems } = prepare(services, { serviceCidrs: [cidr('10.0.0.0/24')] });
    assert.deepEqual(problems, []);
    assert.equal(new Set(snapshot.services.map((s) => s.clusterIP)).size, 253);
    const few = prepare(services.slice(0, 238), { serviceCidrs: [cidr('10.0.0.0/24')] });
    const lowest = Math.min(...few.snapshot.services.map((s) => Number(s.clusterIP?.split('.')[3])));
    assert.equal(lowest, 17);
  });

  it('chooses nothing for headless and ExternalName Services', () => {
    const { codes } = prepare([service('a', { clusterIP: 'None' }), service('b', { type: 'ExternalName' })]);
    assert.ok(!codes.includes('cluster-ip-allocated'));
  });
});

describe('nodePort allocation', () => {
  const nodePorts = (s: Service) => s.ports.map((p) => p.nodePort);

  it('gives one nodePort to the protocols of one port', () => {
    const dns = [port(53, { name: 'tcp' }), port(53, { name: 'udp', protocol: 'UDP' }), port(9153, { name: 'm' })];
    const { get, problems } = prepare([service('dns', { type: 'NodePort', ports: dns })]);
    const [tcp, udp, metrics] = nodePorts(get('dns'));
    assert.equal(tcp, udp);
    assert.notEqual(tcp, metrics);
    assert.deepEqual(problems, []);
  });

  it('shares a nodePort that is given for the other protocol', () => {
    const dns = [port(53, { name: 'tcp' }), port(53, { name: 'udp', protocol: 'UDP', nodePort: 30_053 })];
    assert.deepEqual(
      nodePorts(prepare([service('dns', { type: 'NodePort', ports: dns })]).get('dns')),
      [30_053, 30_053],
    );
  });

  it('heeds allocateLoadBalancerNodePorts and gives health check ports', () => {
    const lb = service('lb', {
      type: 'LoadBalancer',
      allocateLoadBalancerNodePorts: false,
      externalTrafficPolicy: 'Local',
      ports: [port(80, { name: 'a' }), port(81, { name: 'b', nodePort: 30_081 })],
    });
    const { get } = prepare([lb]);
    assert.deepEqual(nodePorts(get('lb')), [undefined, 30_081]);
    const health = get('lb').healthCheckNodePort ?? 0;
    assert.ok(health >= 30_000 && health <= 32_767);
    assert.deepEqual(prepare([lb]).messages('node-port-allocated'), [`chose nodePort ${health} for health checks`]);
  });

  it('says when the range is full', () => {
    const two = [port(80, { name: 'a' }), port(81, { name: 'b' })];
    const { get, problems, messages } = prepare([service('a', { type: 'NodePort', ports: two })], {
      nodePortRange: { from: 30_000, to: 30_000 },
    });
    assert.deepEqual(nodePorts(get('a')).filter(Boolean), [30_000]);
    assert.deepEqual(problems, ['no-free-node-port']);
    assert.match(messages('no-free-node-port')[0] ?? '', /^no free node port in 30000-30000 for port 8[01]$/);
  });

  it('leaves the static band to people (KEP-3668)', () => {
    assert.deepEqual(nodePortSpace({ from: 30_000, to: 32_767 }), { size: 2768n, staticSize: 86n });
    assert.deepEqual(nodePortSpace({ from: 1, to: 10 }), { size: 10n, staticSize: 0n });
    assert.deepEqual(nodePortSpace({ from: 2, to: 1 }), { size: 0n, staticSize: 0n });
  });
});

describe('allocation laws', () => {
  const keys = fc.uniqueArray(
    fc.integer({ min: 0, max: 999 }).map((n) => `ns/${n}`),
    { maxLength: 40 },
  );
  const spaces = fc
    .tuple(fc.integer({ min: 0, max: 48 }), fc.integer({ min: 0, max: 20 }))
    .map(([size, fixed]) => ({ size: BigInt(size), staticSize: BigInt(Math.min(size, fixed)) }));
  const takens = fc.array(fc.integer({ min: -2, max: 50 }).map(BigInt)).map((slots) => new Set(slots));

  it('slots are inside the space, free, and given once; a key goes without only if all are used', () => {
    fc.assert(
      fc.property(keys, spaces, takens, (names, space, taken) => {
        const slots = allocateSlots(names, space, taken);
        const used = new Set(slots.values());
        assert.equal(used.size, slots.size);
        for (const slot of used) assert.ok(slot >= 0n && slot < space.size && !taken.has(slot));
        const free = Number(space.size) - [...taken].filter((s) => s >= 0n && s < space.size).length;
        assert.equal(slots.size, Math.min(names.length, free));
      }),
    );
  });

  it('the order of the keys does not matter', () => {
    fc.assert(
      fc.property(keys, spaces, takens, (names, space, taken) => {
        assert.deepEqual(allocateSlots([...names].reverse(), space, taken), allocateSlots(names, space, taken));
      }),
    );
  });

  it('a key moves only if somebody else has its slot now', () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 0, max: 999 }), spaces, takens, (names, extra, space, taken) => {
        const before = allocateSlots(names, space, taken);
        const after = allocateSlots([...names, `ns/${extra}`], space, taken);
        const owners = new Map([...after].map(([key, slot]) => [slot, key]));
        for (const [key, slot] of before) {
          if (after.get(key) !== slot) assert.ok(owners.has(slot), `${key} left slot ${slot} empty`);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('a Service that comes moves another only if somebody else has its address now', () => {
    const chosen = fc.option(fc.integer({ min: 1, max: 14 }), { nil: undefined });
    const some = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'), chosen), {
      selector: ([name]) => name,
    });
    const options = { serviceCidrs: [cidr('10.0.0.0/28')], nodePortRange: { from: 30_000, to: 30_010 } };
    const make = ([name, host]: readonly [string, number | undefined]) =>
      service(name, { type: 'NodePort', clusterIP: host === undefined ? undefined : `10.0.0.${host}` });
    fc.assert(
      fc.property(some, chosen, (list, host) => {
        const services = list.map(make).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
        const before = prepare(services, options).snapshot.services;
        const after = prepare([...services, make(['new', host])], options).snapshot.services;
        const addresses = new Set(after.map((s) => s.clusterIP));
        const nodePorts = new Set(after.map((s) => s.ports[0]?.nodePort));
        for (const s of before) {
          const now = after.find((t) => t.metadata.name === s.metadata.name);
          if (now?.clusterIP !== s.clusterIP) assert.ok(addresses.has(s.clusterIP));
          if (now?.ports[0]?.nodePort !== s.ports[0]?.nodePort) assert.ok(nodePorts.has(s.ports[0]?.nodePort));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('a thousand Services in the default CIDR: one more moves at most a few', () => {
    const services = Array.from({ length: 1000 }, (_, i) => service(`s${i}`));
    const before = prepare(services);
    for (let i = 0; i < 20; i++) {
      const after = prepare([...services, service(`new-${i}`)]);
      const moved = services.filter(
        (s) => before.get(s.metadata.name).clusterIP !== after.get(s.metadata.name).clusterIP,
      );
      assert.ok(moved.length <= 2, `${moved.length}`);
    }
  });

  it('addresses and ports of Services do not depend on the order of the input', () => {
    const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'kubernetes'));
    fc.assert(
      fc.property(names, (list) => {
        const options = { serviceCidrs: [cidr('10.0.0.0/29')], nodePortRange: { from: 30_000, to: 30_004 } };
        const of = (order: readonly string[]) => {
          const result = prepare(
            order.map((n) => service(n, { type: 'NodePort' })),
            options,
          );
          const entries = order.map((n) => [n, result.get(n).clusterIPs, result.get(n).ports] as const);
          return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
        };
        assert.deepEqual(of([...list].reverse()), of(list));
      }),
    );
  });
});
