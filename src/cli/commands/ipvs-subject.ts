import type { IpvsSubject } from '../../core/analyze/verify/verify-ruleset.ts';
import { printIpSets, printVirtualServers } from '../../core/compile/print-ipvs.ts';
import type { IpvsConfig } from '../../core/model/proxy-config.ts';
import { parseIpsetSave } from '../../core/parse/ipset-save/parse-ipset-save.ts';
import { parseIpvsadm } from '../../core/parse/ipvsadm/parse-ipvsadm.ts';
import type { CompiledRules } from '../../core/ruleset/compiled-rules.ts';

/** The virtual servers and sets that are compiled, read from the text that they are printed as. Undefined in iptables mode. */
export function ipvsSubject(rules: CompiledRules, config: IpvsConfig | undefined): IpvsSubject | undefined {
  if (rules.ipvs === undefined || config === undefined) return undefined;
  const { table } = parseIpvsadm(printVirtualServers([rules]));
  return { table, sets: parseIpsetSave(printIpSets([rules])).sets, config };
}
