/** The tables of Services that the compiler makes of documents on its way to rules, one per family. */
import { readOptions } from '../../src/core/compile/read-options.ts';
import type { CompileOptions } from '../../src/core/compile/compile.ts';
import { decodeProxyConfig } from '../../src/core/model/config/decode-proxy-config.ts';
import { decodeSnapshot } from '../../src/core/model/decode/decode-snapshot.ts';
import { ipFamilies } from '../../src/core/model/ip.ts';
import { prepareSnapshot } from '../../src/core/services/api-server/prepare-snapshot.ts';
import { nodeFacts } from '../../src/core/services/node-facts.ts';
import { proxySettings, type ProxySettings } from '../../src/core/services/proxy-settings.ts';
import { buildServiceTable, type ServiceTable } from '../../src/core/services/service-table.ts';

export interface FamilyTable {
  readonly table: ServiceTable;
  readonly settings: ProxySettings;
}

/** Empty where the compiler makes no rules. */
export function serviceTables(documents: readonly unknown[], options: CompileOptions): readonly FamilyTable[] {
  const { config } = decodeProxyConfig(options.config);
  const { apiServer, node } = readOptions(options);
  const { snapshot } = prepareSnapshot(decodeSnapshot(documents, []).snapshot, apiServer);
  const facts = nodeFacts(snapshot, config, node, []);
  if (facts === undefined) return [];
  return ipFamilies.map((family) => {
    const settings = proxySettings(config, facts, family, []);
    const { nodeName, zone } = settings;
    const { applyDefaults } = apiServer;
    const { allowExternalIps } = config;
    const { table } = buildServiceTable(snapshot, { family, nodeName, zone, applyDefaults, allowExternalIps });
    return { table, settings };
  });
}
