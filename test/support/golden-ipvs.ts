/** What the compiler makes of a case of golden/compile-ipvs, as the files that the case expects. */
import { compile } from '../../src/core/compile/compile.ts';
import { printAddresses, printIpSets, printVirtualServers, withFilledSets } from '../../src/core/compile/print-ipvs.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { isMapping } from '../../src/core/util/mapping.ts';
import { diagnosticsText } from '../../src/cli/output/diagnostics-text.ts';
import type { GoldenCase } from './golden-case.ts';
import { NOTHING_BUT_FIXED } from './golden-output.ts';
import { ipvsFaults } from './ipvs-faults.ts';

export const IPVS_INPUTS: readonly string[] = ['input.yaml', 'case.yaml', 'config.yaml'];
/** Files that the runner writes. */
export const IPVS_PRODUCED: readonly string[] = [
  'ipvs.rules',
  'ipset.rules',
  'addresses.txt',
  'iptables.rules',
  'ip6tables.rules',
  'diagnostics.txt',
];

export interface IpvsOutput {
  readonly files: ReadonlyMap<string, string>;
  /** What is wrong whatever the files say; empty if nothing is. */
  readonly faults: readonly string[];
}

export function produceIpvs({ documents, locations, options }: GoldenCase): IpvsOutput {
  const { rules, diagnostics } = compile(documents, { ...options, locations });
  const files = new Map<string, string>();
  if (rules.length > 0) {
    const nodes = documents.filter((d) => isMapping(d) && d['kind'] === 'Node');
    const showsFixed = nodes.length === documents.length;
    const fixed = new Map(compile(nodes, options).rules.map((r) => [r.family, printRules(r)]));
    files.set('ipvs.rules', printVirtualServers(rules));
    // The case without Services shows all sets; in the others only those with members say anything.
    files.set('ipset.rules', printIpSets(showsFixed ? rules : rules.map(withFilledSets)));
    files.set('addresses.txt', printAddresses(rules));
    for (const one of rules) {
      const text = printRules(one);
      const name = one.family === 'ipv4' ? 'iptables.rules' : 'ip6tables.rules';
      files.set(name, text === fixed.get(one.family) && !showsFixed ? NOTHING_BUT_FIXED : text);
    }
  }
  files.set('diagnostics.txt', diagnosticsText(diagnostics));
  return { files, faults: rules.flatMap(ipvsFaults) };
}
