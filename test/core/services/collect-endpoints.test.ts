import { strict as assert } from 'node:assert';
import type { EndpointSlice } from '../../../src/core/model/kubernetes.ts';
import { collectEndpoints, endpointsKey } from '../../../src/core/services/collect-endpoints.ts';
import { slice, sliceEndpoint, snapshotOf } from '../../support/builders.ts';
import { service } from './api-server/objects.ts';

interface Collected {
  readonly found: Readonly<Record<string, readonly string[]>>;
  readonly codes: readonly string[];
}

function collect(
  slices: readonly EndpointSlice[],
  over: { readonly applyDefaults?: boolean; readonly ipv6?: boolean } = {},
): Collected {
  const { endpoints, diagnostics } = collectEndpoints(snapshotOf(service('web', {}, 'shop'), ...slices), {
    family: over.ipv6 === true ? 'ipv6' : 'ipv4',
    nodeName: 'node-a',
    applyDefaults: over.applyDefaults ?? false,
  });
  const found = [...endpoints].map(([key, list]) => [
    key,
    list.map((e) => `${e.text}${e.local ? ' local' : ''}${e.ready ? '' : ' unready'}`),
  ]);
  return { found: Object.fromEntries(found), codes: diagnostics.map((d) => d.code) };
}

const HTTP = endpointsKey('shop', 'web', 'http', 'TCP');
const A = sliceEndpoint('10.0.0.1', { nodeName: 'node-a' });
const B = sliceEndpoint('10.0.0.2', { nodeName: 'node-b' });

describe('collectEndpoints', () => {
  it('merges slices, in the order of the texts: ":" comes behind all digits', () => {
    const ten = sliceEndpoint('10.0.0.10');
    assert.deepEqual(collect([slice('a', [B, A]), slice('b', [ten])]), {
      found: { [HTTP]: ['10.0.0.10:8080', '10.0.0.1:8080 local', '10.0.0.2:8080'] },
      codes: [],
    });
  });

  it('takes missing conditions for ready, serving and not terminating', () => {
    const given = [
      sliceEndpoint('10.0.0.1'),
      sliceEndpoint('10.0.0.2', { ready: false }),
      sliceEndpoint('10.0.0.3', { ready: true, serving: false, terminating: true }),
    ];
    const { endpoints } = collectEndpoints(snapshotOf(service('web', {}, 'shop'), slice('a', given)), {
      family: 'ipv4',
      nodeName: undefined,
      applyDefaults: false,
    });
    assert.deepEqual(
      endpoints.get(HTTP)?.map(({ ready, serving, terminating }) => [ready, serving, terminating]),
      [
        [true, true, false],
        [false, true, false],
        [true, false, true],
      ],
    );
  });

  it('keeps port names and protocols apart', () => {
    const ports = [
      { name: 'http', port: 8080, protocol: 'TCP' },
      { name: 'http', port: 8081, protocol: 'UDP' },
      { name: '', port: 8082, protocol: undefined },
    ] as const;
    assert.deepEqual(collect([slice('a', [B], { ports })]).found, {
      [HTTP]: ['10.0.0.2:8080'],
      [endpointsKey('shop', 'web', 'http', 'UDP')]: ['10.0.0.2:8081'],
      [endpointsKey('shop', 'web', '', 'TCP')]: ['10.0.0.2:8082'],
    });
  });

  it('takes a port without a name for "" only where defaults apply', () => {
    const ports = [{ name: undefined, port: 8080, protocol: 'TCP' }] as const;
    assert.deepEqual(collect([slice('a', [B], { ports })]), { found: {}, codes: ['slice-port-skipped'] });
    const found = { [endpointsKey('shop', 'web', '', 'TCP')]: ['10.0.0.2:8080'] };
    assert.deepEqual(collect([slice('a', [B], { ports })], { applyDefaults: true }), { found, codes: [] });
  });

  it('skips ports without a number, or with 0', () => {
    const ports = [
      { name: 'http', port: undefined, protocol: 'TCP' },
      { name: 'http', port: 0, protocol: 'TCP' },
    ] as const;
    assert.deepEqual(collect([slice('a', [B], { ports })]), {
      found: {},
      codes: ['slice-port-skipped', 'slice-port-skipped'],
    });
  });

  it('skips endpoints without a usable address, and uses the first address only', () => {
    const given = ['', 'x', 'fd00::1'].map((text) => sliceEndpoint(text));
    const many = sliceEndpoint('10.0.0.2', { addresses: ['10.0.0.2', '10.0.0.3'] });
    assert.deepEqual(collect([slice('a', [sliceEndpoint('', { addresses: [] }), ...given, many])]), {
      found: { [HTTP]: ['10.0.0.2:8080'] },
      codes: ['endpoint-skipped', 'endpoint-skipped', 'endpoint-skipped', 'endpoint-skipped'],
    });
  });

  it('serves each family with its own slices', () => {
    const six = slice('six', [sliceEndpoint('FD00:0::1')], { addressType: 'IPv6' });
    assert.deepEqual(collect([slice('four', [B]), six]).found, { [HTTP]: ['10.0.0.2:8080'] });
    assert.deepEqual(collect([slice('four', [B]), six], { ipv6: true }).found, { [HTTP]: ['[fd00::1]:8080'] });
  });

  it('reports a slice of names in one family only', () => {
    const names = slice('a', [], { addressType: 'FQDN' });
    assert.deepEqual(collect([names]), { found: {}, codes: ['slice-fqdn'] });
  });

  const unused: Readonly<
    Record<string, readonly [labels: Readonly<Record<string, string>>, codes: readonly string[]]>
  > = {
    'of no Service': [{}, ['slice-without-service']],
    'of a Service with an empty name': [{ 'kubernetes.io/service-name': '' }, ['slice-without-service']],
    'of a Service that is not there': [{ 'kubernetes.io/service-name': 'gone' }, ['slice-for-unknown-service']],
    'of a headless Service': [{ 'kubernetes.io/service-name': 'web', 'service.kubernetes.io/headless': '' }, []],
    'of another proxy': [{ 'kubernetes.io/service-name': 'web', 'service.kubernetes.io/service-proxy-name': 'x' }, []],
  };
  for (const [what, [labels, codes]] of Object.entries(unused)) {
    it(`ignores a slice ${what}`, () => assert.deepEqual(collect([slice('a', [B], {}, labels)]), { found: {}, codes }));
  }

  it('uses an endpoint of several slices once; the slice whose name sorts first decides', () => {
    const unready = { ...B, ready: false };
    const duplicate = ['duplicate-endpoint'];
    assert.deepEqual(collect([slice('a', [B]), slice('b', [unready])]), {
      found: { [HTTP]: ['10.0.0.2:8080'] },
      codes: duplicate,
    });
    assert.deepEqual(collect([slice('a', [unready]), slice('b', [B])]), {
      found: { [HTTP]: ['10.0.0.2:8080 unready'] },
      codes: duplicate,
    });
  });

  it('never lets a terminating entry replace another', () => {
    const terminating = { ...B, ready: false, serving: true, terminating: true };
    assert.deepEqual(collect([slice('a', [terminating]), slice('b', [B])]).found, { [HTTP]: ['10.0.0.2:8080'] });
    assert.deepEqual(collect([slice('a', [B]), slice('b', [terminating])]).found, { [HTTP]: ['10.0.0.2:8080'] });
  });
});
