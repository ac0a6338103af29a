import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { goldenRoot } from '../../../support/golden-paths.ts';
import { packetTo, reportOf } from '../../../support/report-page.ts';

function golden(name: string): { readonly file: string; readonly text: string } {
  return { file: name, text: readFileSync(join(goldenRoot, 'decode', name, 'input.rules'), 'utf8') };
}

describe('buildReport', () => {
  it('gives each finding to its Services', () => {
    const { services, findings } = reportOf([golden('load-balancer-1-36')]);
    const byName = Object.fromEntries(services.map(({ port, findings: own }) => [port.name, own.map((f) => f.code)]));
    assert.deepEqual(byName, {
      'default/kubernetes:https': [],
      'shop/cart': ['no-endpoints'],
      'shop/web:http': ['source-ranges-bypassed', 'load-balancer-ip-handled'],
    });
    const loose = findings.filter((one) => one.services.length === 0).map(({ finding }) => finding.code);
    assert.deepEqual(new Set(loose), new Set(['entry-jump-missing', 'localnet-exposed', 'invalid-drop-present']));
  });

  it('gives findings to the dump that they are of', () => {
    const dump = golden('stale-reject');
    const broken = golden('stale-reject').text.replaceAll('10.96.', '10.97.');
    const { services } = reportOf([dump, { file: 'other', text: broken }]);
    for (const { source, findings } of services) {
      for (const { place } of findings) assert.equal(place?.file, source.file);
    }
    assert.ok(services.filter(({ findings }) => findings.length > 0).length >= 2);
  });

  it('draws what is traced first, then what is worst, and counts the rest', () => {
    const dump = golden('load-balancer-1-36');
    const drawn = (most: number, to?: string): readonly string[] => {
      const packet = to === undefined ? undefined : packetTo('10.244.1.7', to, 443);
      const { services, undrawn } = reportOf([dump], most, packet);
      assert.equal(undrawn, Math.max(0, 3 - most));
      return services.filter((service) => service.drawn).map(({ port }) => port.name);
    };
    assert.deepEqual(drawn(0), []);
    assert.deepEqual(drawn(1), ['shop/web:http']);
    assert.deepEqual(drawn(1, '10.96.0.1'), ['default/kubernetes:https']);
    assert.deepEqual(drawn(2, '10.96.0.1'), ['default/kubernetes:https', 'shop/web:http']);
    assert.deepEqual(drawn(200).length, 3);
  });

  it('knows which Service a packet is for, also where it is refused', () => {
    const traced = (to: string, port: number): readonly string[] =>
      reportOf([golden('load-balancer-1-36')], 0, packetTo('10.244.1.7', to, port))
        .services.filter((service) => service.traced)
        .map(({ port: { name } }) => name);
    assert.deepEqual(traced('10.96.7.7', 80), ['shop/web:http']);
    assert.deepEqual(traced('10.96.7.8', 6379), ['shop/cart']);
    assert.deepEqual(traced('10.96.7.9', 80), []);
  });
});
