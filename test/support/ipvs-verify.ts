/** Verifies nodes in ipvs mode against snapshots, in one step. */
import { verifyRuleset } from '../../src/core/analyze/verify/verify-ruleset.ts';
import type { VerifyResult } from '../../src/core/analyze/verify/difference.ts';
import { compileIpvs } from '../../src/core/compile/ipvs/compile-ipvs.ts';
import { printIpSets, printVirtualServers } from '../../src/core/compile/print-ipvs.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import type { CompileOptions } from '../../src/core/compile/compile.ts';
import { readMeaning, type FamilyMeaning } from '../../src/core/compile/read-meaning.ts';
import type { IpvsConfig } from '../../src/core/model/proxy-config.ts';
import { parseIpsetSave } from '../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { parseIpvsadm } from '../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import { isMapping } from '../../src/core/util/mapping.ts';
import { CLUSTER_CIDR } from './compiled.ts';

/** One family of a node as text. */
export interface IpvsNode {
  readonly rules: string;
  readonly sets: string;
  readonly servers: string;
}

export interface MeantIpvs {
  readonly meaning: FamilyMeaning;
  readonly config: IpvsConfig;
  /** What chainsmith compiles for it. */
  readonly node: IpvsNode;
}

/** Both families, for node-a. */
export function meantIpvs(documents: readonly unknown[], options: CompileOptions = {}): readonly MeantIpvs[] {
  const config = isMapping(options.config) ? options.config : CLUSTER_CIDR;
  const all = { node: 'node-a', ...options, config: { ...config, mode: 'ipvs' } };
  const { families, ipvs, options: checked } = readMeaning(documents, all);
  return families.map((meaning) => {
    const rules = compileIpvs(meaning, { config: ipvs, randomFully: checked.features.randomFully }, []);
    const node = { rules: printRules(rules), sets: printIpSets([rules]), servers: printVirtualServers([rules]) };
    return { meaning, config: ipvs, node };
  });
}

export function verifyIpvs(node: IpvsNode, { meaning, config }: Omit<MeantIpvs, 'node'>): VerifyResult {
  const { ruleset } = parseIptablesSave(node.rules, { family: meaning.family });
  const { table } = parseIpvsadm(node.servers);
  return verifyRuleset(ruleset, { ...meaning, ipvs: { table, sets: parseIpsetSave(node.sets).sets, config } });
}
