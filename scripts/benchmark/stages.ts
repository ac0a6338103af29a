/** The stages of `chainsmith compile` one by one, in a process of their own: `stages.js INPUT OUTPUT` prints their times as JSON. */
import { readFileSync, writeFileSync } from 'node:fs';
import { compileIptables } from '../../src/core/compile/iptables/compile-iptables.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { readOptions } from '../../src/core/compile/read-options.ts';
import { decodeProxyConfig } from '../../src/core/model/config/decode-proxy-config.ts';
import { decodeSnapshot } from '../../src/core/model/decode/decode-snapshot.ts';
import { prepareSnapshot } from '../../src/core/services/api-server/prepare-snapshot.ts';
import { nodeFacts } from '../../src/core/services/node-facts.ts';
import { proxySettings } from '../../src/core/services/proxy-settings.ts';
import { buildServiceTable } from '../../src/core/services/service-table.ts';
import { NODE, POD_RANGE } from './cluster.ts';

const times: { [stage: string]: number } = {};

function timed<T>(stage: string, run: () => T): T {
  const start = performance.now();
  const result = run();
  times[stage] = performance.now() - start;
  return result;
}

function main(input: string, output: string): void {
  const text = timed('read file', () => readFileSync(input, 'utf8'));
  const document: unknown = timed('JSON.parse', (): unknown => JSON.parse(text));
  const { config } = decodeProxyConfig({ clusterCIDR: POD_RANGE });
  const options = readOptions({ node: NODE });
  const snapshot = timed('decode', () => decodeSnapshot([document], []).snapshot);
  const prepared = timed('prepare', () => prepareSnapshot(snapshot, options.apiServer).snapshot);
  const node = nodeFacts(prepared, config, options.node, []);
  if (node === undefined) throw new Error('the generated cluster has no node');
  const settings = proxySettings(config, node, 'ipv4', []);
  const { table } = timed('service table', () =>
    buildServiceTable(prepared, {
      family: 'ipv4',
      nodeName: settings.nodeName,
      zone: settings.zone,
      applyDefaults: true,
      allowExternalIps: config.allowExternalIps,
    }),
  );
  const rules = timed('lower, render', () => compileIptables(table, settings, { features: options.features }));
  const printed = timed('print', () => printRules(rules));
  timed('write', () => writeFileSync(output, printed));
  process.stdout.write(JSON.stringify(times));
}

main(process.argv[2] ?? '', process.argv[3] ?? '');
