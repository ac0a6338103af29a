import { strict as assert } from 'node:assert';
import type { CompileOptions } from '../../../src/core/compile/compile.ts';
import { readOptions } from '../../../src/core/compile/read-options.ts';

describe('readOptions', () => {
  it('has defaults for everything', () => {
    assert.deepEqual(readOptions({}), {
      apiServer: { applyDefaults: true, serviceCidrs: [], nodePortRange: { from: 30_000, to: 32_767 } },
      node: { name: undefined, ips: [], localIps: [], zone: undefined },
      features: { nfacct: false, randomFully: true },
      diagnostics: [],
    });
  });

  it('reads ranges and addresses', () => {
    const { apiServer, node, diagnostics } = readOptions({
      serviceCidrs: [' 10.96.0.0/12', 'fd00::/108'],
      nodePortRange: '1-65535',
      nodeIps: ['192.168.0.10', 'fd00::10'],
      localIps: ['10.0.0.1', '10.0.0.2'],
    });
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(
      apiServer.serviceCidrs.map((c) => c.text),
      ['10.96.0.0/12', 'fd00::/108'],
    );
    assert.deepEqual(apiServer.nodePortRange, { from: 1, to: 65_535 });
    assert.deepEqual(
      [...node.ips, ...node.localIps].map((i) => i.text),
      ['192.168.0.10', 'fd00::10', '10.0.0.1', '10.0.0.2'],
    );
  });

  const bad: readonly (readonly [CompileOptions, string])[] = [
    [{ nodeIps: ['x'] }, '--node-ip must be an IP address, not "x"'],
    [{ nodeIps: ['10.0.0.1', '10.0.0.2'] }, '--node-ip must be one address per family, not "10.0.0.2"'],
    [{ localIps: ['10.0.0.1/8'] }, '--local-ip must be an IP address, not "10.0.0.1/8"'],
    [{ serviceCidrs: ['10.96.0.0'] }, '--service-cidr must be a CIDR such as 10.96.0.0/16, not "10.96.0.0"'],
    [
      { serviceCidrs: ['10.96.0.0/16', '10.97.0.0/16'] },
      '--service-cidr must be one range per family, not "10.97.0.0/16"',
    ],
    ...['', '30000', '0-10', '10-9', '1-65536', 'a-b', '-1-5', '1-2-3'].map(
      (text): readonly [CompileOptions, string] => [
        { nodePortRange: text },
        `--service-node-port-range must be two ports such as 30000-32767, not ${JSON.stringify(text)}`,
      ],
    ),
  ];
  for (const [options, message] of bad) {
    it(message, () => {
      const { diagnostics } = readOptions(options);
      assert.deepEqual(
        diagnostics.map((d) => [d.code, d.message]),
        [['config-invalid-value', message]],
      );
    });
  }
});
