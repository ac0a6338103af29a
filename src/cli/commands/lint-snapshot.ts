import type { LintSnapshot } from '../../core/analyze/lint/lint-input.ts';
import type { CompileOptions } from '../../core/compile/compile.ts';
import { readOptions } from '../../core/compile/read-options.ts';
import { hasErrors, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { decodeProxyConfig } from '../../core/model/config/decode-proxy-config.ts';
import { decodeSnapshot } from '../../core/model/decode/decode-snapshot.ts';
import { ipFamilies, type IpFamily } from '../../core/model/ip.ts';
import { prepareSnapshot } from '../../core/services/api-server/prepare-snapshot.ts';
import { nodeFacts } from '../../core/services/node-facts.ts';
import { proxySettings } from '../../core/services/proxy-settings.ts';
import { buildServiceTable } from '../../core/services/service-table.ts';

/** What lint compares rules with; the snapshot is undefined where the node or the configuration is not clear. */
export function lintSnapshot(
  documents: readonly unknown[],
  options: CompileOptions,
): { readonly snapshot: LintSnapshot | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const decoded = decodeProxyConfig(options.config, options.configLocation);
  const checked = readOptions(options);
  const told = [...decoded.diagnostics, ...checked.diagnostics];
  if (hasErrors(told)) return { snapshot: undefined, diagnostics: told };
  const read = decodeSnapshot(documents, options.locations ?? []);
  const prepared = prepareSnapshot(read.snapshot, checked.apiServer);
  told.push(...read.diagnostics, ...prepared.diagnostics);
  const node = nodeFacts(prepared.snapshot, decoded.config, checked.node, told);
  if (node === undefined) return { snapshot: undefined, diagnostics: told };
  const found: Diagnostic[] = [];
  const withoutNodePorts: IpFamily[] = [];
  const tables = ipFamilies.map((family) => {
    const settings = proxySettings(decoded.config, node, family, []);
    const { nodePortAddresses } = settings;
    if (nodePortAddresses.kind === 'only' && nodePortAddresses.ips.length === 0) withoutNodePorts.push(family);
    const { table, diagnostics } = buildServiceTable(prepared.snapshot, {
      family,
      nodeName: settings.nodeName,
      zone: settings.zone,
      applyDefaults: checked.apiServer.applyDefaults,
      allowExternalIps: decoded.config.allowExternalIps,
    });
    found.push(...diagnostics);
    return table;
  });
  const snapshot = {
    snapshot: prepared.snapshot,
    nodeName: node.name,
    tables,
    // Manifests hold no Nodes; what kubectl or chainsmith snapshot wrote does.
    isWholeCluster: prepared.snapshot.nodes.length > 0,
    withoutNodePorts,
    diagnostics: found,
  };
  return { snapshot, diagnostics: [...told, ...found.filter(({ code }) => !AS_FINDINGS.has(code))] };
}

/** Lint rules tell of these. */
const AS_FINDINGS: ReadonlySet<Diagnostic['code']> = new Set<Diagnostic['code']>([
  'topology-not-used',
  'frontend-conflict',
  'duplicate-endpoint',
]);
