import { followFlow } from '../../core/analyze/flows/follow-flow.ts';
import type { Flow } from '../../core/analyze/flows/flow.ts';
import type { FlowCluster } from '../../core/analyze/flows/flow-cluster.ts';
import { VirtualServerIndex } from '../../core/analyze/ipvs/virtual-server-index.ts';
import type { FlowFault } from '../../core/analyze/flows/judge-flow.ts';
import { resolveFlow, type FlowProblem } from '../../core/analyze/flows/resolve-flow.ts';
import { diagnose, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { locatePart, printLocation, type DocumentLocation } from '../../core/diag/source-location.ts';
import { ipFamilies, type IpFamily } from '../../core/model/ip.ts';
import { parseIpsetSave } from '../../core/parse/ipset-save/parse-ipset-save.ts';
import { lazyRules } from '../../core/parse/iptables-save/lazy-rules.ts';
import { parseIpvsadm } from '../../core/parse/ipvsadm/parse-ipvsadm.ts';
import { splitSave } from '../../core/parse/iptables-save/split-save.ts';
import type { RuleSource } from '../../core/ruleset/rule-source.ts';
import { flowDetails } from '../output/flow-details.ts';
import { familyName } from '../output/plan-counts.ts';
import type { CheckReport } from '../output/test-report.ts';
import { IPVS_FILES } from './print-ipvs-parts.ts';
import type { CompiledCase } from './test-compile.ts';

export interface CheckedFlows {
  readonly checks: readonly CheckReport[];
  /** Flows that could not be followed. */
  readonly errors: readonly Diagnostic[];
}

/** Follows each flow through the compiled rules, as they are printed and read again, and judges what becomes of it. */
export function checkFlows(flows: readonly Flow[], compiled: CompiledCase, location: DocumentLocation): CheckedFlows {
  const sources = new Map<IpFamily, RuleSource>();
  for (const [family, text] of compiled.rules) {
    sources.set(family, lazyRules(splitSave(text, { file: 'rules' }).saved, family));
  }
  const cluster: FlowCluster = { ...compiled.cluster(), ...ipvsOf(compiled) };
  const checks: CheckReport[] = [];
  const errors: Diagnostic[] = [];
  for (const flow of flows) {
    const checked = checkFlow(flow, cluster, sources, location);
    if ('problem' in checked) errors.push(unresolved(flow, checked, location));
    else checks.push(...checked);
  }
  return { checks, errors };
}

/** Virtual servers and sets, as they are printed and read again. */
function ipvsOf({ ipvsFiles }: CompiledCase): Pick<FlowCluster, 'sets' | 'ipvs'> {
  const [sets, servers] = [ipvsFiles.get(IPVS_FILES.sets), ipvsFiles.get(IPVS_FILES.servers)];
  if (sets === undefined || servers === undefined) return {};
  return { sets: parseIpsetSave(sets).sets, ipvs: new VirtualServerIndex(parseIpvsadm(servers).table) };
}

function checkFlow(
  flow: Flow,
  cluster: FlowCluster,
  sources: ReadonlyMap<IpFamily, RuleSource>,
  location: DocumentLocation,
): readonly CheckReport[] | FlowProblem {
  const families = ipFamilies.filter((family) => sources.has(family));
  const resolved = resolveFlow(flow, cluster, families);
  if ('problem' in resolved) return resolved;
  const { packets } = resolved;
  const place = printLocation(locatePart(location, [flow.index]) ?? location);
  return packets.flatMap((packet) => {
    const { family } = packet.destination;
    const rules = sources.get(family);
    if (rules === undefined) return [];
    const followed = followFlow(flow, packet, rules, cluster);
    const name = `flow "${flow.name}"${packets.length > 1 ? ` (${familyName(family)})` : ''}`;
    const isAsExpected = followed.faults.length === 0;
    const fault = isAsExpected ? undefined : faultText(followed.faults);
    return [{ kind: 'flow', name, place, fault, details: isAsExpected ? [] : flowDetails(flow.expect, followed) }];
  });
}

/** So many are told. */
const SHOWN = 5;

function faultText(faults: readonly FlowFault[]): string {
  const more = faults.length > SHOWN ? [`and ${faults.length - SHOWN} more`] : [];
  return [...faults.slice(0, SHOWN).map(({ text }) => text), ...more].join('; ');
}

function unresolved(
  { index, name }: Flow,
  { problem, hint, key }: FlowProblem,
  location: DocumentLocation,
): Diagnostic {
  const path = key === undefined ? [index] : [index, key];
  return diagnose('test-flow-unresolved', {
    message: `flow "${name}": ${problem}`,
    hint,
    location: locatePart(location, path),
  });
}
