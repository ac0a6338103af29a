import assert from 'node:assert/strict';
import type { Service } from '../../../../src/core/model/kubernetes.ts';
import type { Snapshot } from '../../../../src/core/model/snapshot.ts';
import { prepareSnapshot } from '../../../../src/core/services/api-server/prepare-snapshot.ts';
import { defaults, endpoints, node, pod, port, prepare, service, sliceOf, snapshot } from './objects.ts';

const web = (over: Partial<Omit<Service, 'metadata'>> = {}) =>
  service('web', { clusterIP: '10.96.0.9', selector: new Map([['app', 'web']]), ...over });

/** `name type ports: address(conditions)`, one line per slice. */
function print(result: { readonly snapshot: Snapshot }): string[] {
  return result.snapshot.endpointSlices.map((slice) => {
    const flag = (value: boolean | undefined, letter: string) => (value === undefined ? '?' : value ? letter : '-');
    const ports = slice.ports.map((p) => `${p.name}=${p.port}/${p.protocol}`).join(',');
    const all = slice.endpoints.map(
      (e) =>
        `${e.addresses.join('+')} ${flag(e.ready, 'r')}${flag(e.serving, 's')}${flag(e.terminating, 't')} @${e.nodeName}`,
    );
    return `${slice.metadata.name} ${slice.addressType} ${ports}: ${all.join('; ')}`;
  });
}

describe('endpoints from Pods', () => {
  it('are those whose labels contain the selector, with the conditions of the EndpointSlice controller', () => {
    const result = prepare([
      web(),
      pod('a'),
      pod('b', { podIPs: ['10.244.0.6'], ready: false }),
      pod('c', { podIPs: ['10.244.0.7'], terminating: true }),
      pod('d', { podIPs: ['10.244.0.8'], phase: 'Succeeded' }),
      pod('e', { podIPs: ['10.244.0.9'], phase: 'Failed' }),
      pod('f', { podIPs: ['10.244.0.10'] }, { app: 'other' }),
    ]);
    assert.deepEqual(print(result), [
      'web-pods-ipv4-1 IPv4 =80/TCP: 10.244.0.5 rs- @node-a; 10.244.0.6 --- @node-a; 10.244.0.7 -st @node-a',
    ]);
    assert.deepEqual(result.messages('endpoints-from-pods'), ['made 3 endpoints of 5 Pods']);
    assert.equal(result.snapshot.endpointSlices[0]?.metadata.labels.get('kubernetes.io/service-name'), 'web');
  });

  it('are all ready with publishNotReadyAddresses', () => {
    const result = prepare([web({ publishNotReadyAddresses: true }), pod('a', { ready: false, terminating: true })]);
    assert.deepEqual(print(result), ['web-pods-ipv4-1 IPv4 =80/TCP: 10.244.0.5 r-t @node-a']);
  });

  it('need every label of the selector, in the same namespace', () => {
    const selector = new Map([
      ['app', 'web'],
      ['tier', 'front'],
    ]);
    const elsewhere = service('web', { selector: new Map([['app', 'web']]) }, 'other');
    const result = prepare([web({ selector }), elsewhere, pod('a')]);
    assert.deepEqual(result.problems, ['endpoints-missing', 'endpoints-missing']);
    const both = { app: 'web', tier: 'front', more: 'x' };
    assert.equal(prepare([web({ selector }), pod('a', {}, both)]).snapshot.endpointSlices.length, 1);
  });

  it('come in one set per family', () => {
    const result = prepare([
      web({ ipFamilyPolicy: 'PreferDualStack' }),
      pod('a', { podIPs: ['10.244.0.05', 'FD00::5'] }),
      pod('b', { podIPs: ['10.244.0.6'] }),
      pod('c', { podIPs: [] }),
    ]);
    assert.deepEqual(print(result), [
      'web-pods-ipv4-1 IPv4 =80/TCP: 10.244.0.5 rs- @node-a; 10.244.0.6 rs- @node-a',
      'web-pods-ipv6-1 IPv6 =80/TCP: fd00::5 rs- @node-a',
    ]);
    assert.deepEqual(result.messages('pod-without-address'), [
      'has no IPv6 address in status.podIPs, so it is no endpoint of Service default/web',
      'has no IPv4 or IPv6 address in status.podIPs, so it is no endpoint of Service default/web',
    ]);
  });

  it('resolve a named targetPort per Pod, by name and protocol', () => {
    const containerPorts = (number: number, protocol?: 'UDP') => [
      { name: 'http', containerPort: number, protocol: protocol ?? undefined },
    ];
    const result = prepare([
      web({ ports: [port(80, { name: 'a', targetPort: 'http' }), port(81, { name: 'b', targetPort: 9000 })] }),
      pod('a', { containerPorts: containerPorts(8080) }),
      pod('b', { containerPorts: containerPorts(8081), podIPs: ['10.244.0.6'] }),
      pod('c', { containerPorts: containerPorts(8080), podIPs: ['10.244.0.7'] }),
      pod('d', { containerPorts: containerPorts(8080, 'UDP'), podIPs: ['10.244.0.8'] }),
    ]);
    assert.deepEqual(print(result), [
      'web-pods-ipv4-1 IPv4 a=8080/TCP,b=9000/TCP: 10.244.0.5 rs- @node-a; 10.244.0.7 rs- @node-a',
      'web-pods-ipv4-2 IPv4 a=8081/TCP,b=9000/TCP: 10.244.0.6 rs- @node-a',
      'web-pods-ipv4-3 IPv4 b=9000/TCP: 10.244.0.8 rs- @node-a',
    ]);
    assert.deepEqual(result.messages('named-port-not-found'), [
      'no container port named http (TCP) for port 80 of Service default/web',
    ]);
    const none = prepare([web({ ports: [port(80, { targetPort: 'http' })] }), pod('a')]);
    assert.deepEqual(print(none), []);
    assert.deepEqual(none.problems, ['named-port-not-found', 'endpoints-from-pods']);
  });

  it('have the zone of their Node, and hints if the Service asks for them', () => {
    const hints = (trafficDistribution: string | undefined) => {
      const objects = [
        web({ trafficDistribution }),
        node('node-a', 'z1'),
        node('node-b'),
        pod('a'),
        pod('b', { nodeName: 'node-b', podIPs: ['10.244.1.5'] }),
        pod('c', { ready: false, podIPs: ['10.244.0.6'] }),
      ];
      const [slice] = prepare(objects).snapshot.endpointSlices;
      return slice?.endpoints.map((e) => [e.zone, e.zoneHints, e.nodeHints]);
    };
    const plain = [
      ['z1', [], []],
      [undefined, [], []],
      ['z1', [], []],
    ];
    assert.deepEqual(hints(undefined), plain);
    assert.deepEqual(hints('SomethingNew'), plain);
    const zones = [['z1', ['z1'], []], ...plain.slice(1)];
    assert.deepEqual(hints('PreferClose'), zones);
    assert.deepEqual(hints('PreferSameZone'), zones);
    assert.deepEqual(hints('PreferSameNode'), [
      ['z1', ['z1'], ['node-a']],
      [undefined, [], ['node-b']],
      ['z1', [], []],
    ]);
  });

  it('are not made where EndpointSlices or Endpoints are given, nor for Services without rules', () => {
    assert.deepEqual(prepare([web(), pod('a'), sliceOf('web')]).codes, ['defaults-applied']);
    assert.deepEqual(prepare([web(), pod('a'), endpoints('web')]).codes, ['defaults-applied']);
    const noRules = [
      web({ clusterIP: 'None' }),
      web({ type: 'ExternalName' }),
      web({ selector: undefined }),
      web({ selector: new Map() }),
      {
        ...web(),
        metadata: { ...web().metadata, labels: new Map([['service.kubernetes.io/service-proxy-name', '']]) },
      },
    ];
    for (const s of noRules) assert.deepEqual(prepare([s, pod('a')]).problems, []);
  });

  it('are missing only if no Pod matches', () => {
    assert.deepEqual(prepare([web()]).problems, ['endpoints-missing']);
    assert.deepEqual(prepare([web(), pod('a', { podIPs: [] })]).problems, [
      'endpoints-from-pods',
      'pod-without-address',
    ]);
  });
});

describe('Endpoints as EndpointSlices', () => {
  const ready = { ip: '10.1.0.1', nodeName: 'node-a' };
  const unready = { ip: '10.1.0.2', nodeName: undefined };
  const subset = {
    addresses: [ready, { ip: 'fd00::1', nodeName: undefined }, { ip: 'what', nodeName: undefined }],
    notReadyAddresses: [unready],
    ports: [{ name: undefined, port: 8080, protocol: undefined }],
  };

  it('one per subset and family', () => {
    const second = {
      addresses: [ready],
      notReadyAddresses: [],
      ports: [{ name: 'x', port: 1, protocol: 'UDP' }],
    } as const;
    const result = prepare([endpoints('web', { subsets: [subset, second] })]);
    assert.deepEqual(print(result), [
      'web-mirrored-ipv4-1 IPv4 =8080/TCP: 10.1.0.1 r?? @node-a; what r?? @undefined; 10.1.0.2 -?? @undefined',
      'web-mirrored-ipv4-2 IPv4 x=1/UDP: 10.1.0.1 r?? @node-a',
      'web-mirrored-ipv6-1 IPv6 =8080/TCP: fd00::1 r?? @undefined',
    ]);
    assert.deepEqual(result.messages('endpoints-mirrored'), ['read as EndpointSlices with 5 endpoints']);
  });

  it('not if slices are given, nor with the label skip-mirror', () => {
    const sliced = prepare([endpoints('web', { subsets: [subset] }), sliceOf('web')]);
    assert.deepEqual(sliced.codes, ['endpoints-not-mirrored']);
    assert.equal(sliced.snapshot.endpointSlices.length, 1);
    const labels = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };
    const skipped = prepare([endpoints('web', { subsets: [subset] }, labels)]);
    assert.deepEqual(skipped.codes, ['endpoints-not-mirrored']);
    const no = { 'endpointslice.kubernetes.io/skip-mirror': 'false' };
    assert.deepEqual(prepare([endpoints('web', { subsets: [subset] }, no)]).codes, ['endpoints-mirrored']);
  });

  it('is not done without defaults, nor is anything else, and it is said', () => {
    const objects = [web(), pod('a'), service('b', { ports: [] }), endpoints('x', { subsets: [subset] })];
    const result = prepare(objects, { applyDefaults: false });
    assert.deepEqual(result.codes, ['endpoints-not-mirrored']);
    assert.deepEqual(result.snapshot.services, [objects[0], objects[2]]);
    assert.deepEqual(result.snapshot.endpointSlices, []);
  });
});

describe('prepareSnapshot', () => {
  it('finds the place of diagnostics, of changed Services and of slices it made', () => {
    const objects = [web(), pod('a', { podIPs: ['10.244.0.5', 'x'] }), endpoints('ext', { subsets: [] })];
    const before = snapshot(objects, (o) =>
      objects.some((known) => known === o) ? { file: `${o.kind}.yaml` } : undefined,
    );
    const { snapshot: after, diagnostics } = prepareSnapshot(before, defaults);
    assert.ok(diagnostics.length > 0);
    for (const d of diagnostics) assert.equal(d.location?.file, `${d.subject?.kind}.yaml`);
    const [changed] = after.services;
    const [slice] = after.endpointSlices;
    assert.ok(changed && slice);
    assert.equal(after.locate(changed)?.file, 'Service.yaml');
    assert.equal(after.locate(slice)?.file, 'Service.yaml');
  });

  it('changes nothing of its input', () => {
    const freeze = <T>(value: T): T => {
      if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
        Object.freeze(value);
        Object.values(value).forEach(freeze);
      }
      return value;
    };
    const objects = freeze([
      web({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', ipFamilyPolicy: 'PreferDualStack' }),
      web({ ports: [port(80), port(80)] }),
      pod('a'),
      endpoints('x'),
    ]);
    const input = freeze({ ...snapshot(objects) });
    const once = prepareSnapshot(input, defaults);
    assert.deepEqual(prepareSnapshot(input, defaults).diagnostics, once.diagnostics);
  });

  it('finds nothing more to do in its own result', () => {
    const objects = [web({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' }), service('b'), pod('a')];
    const once = prepareSnapshot(snapshot(objects), defaults);
    const twice = prepareSnapshot(once.snapshot, defaults);
    assert.deepEqual(twice.diagnostics, []);
    assert.deepEqual(twice.snapshot.services, once.snapshot.services);
    assert.deepEqual(twice.snapshot.endpointSlices, once.snapshot.endpointSlices);
  });
});
