import type { CompileResult } from '../../core/compile/compile.ts';
import type { CompiledRules } from '../../core/ruleset/compiled-rules.ts';
import { printedParts, printRules } from '../../core/compile/print-rules.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import { sortDiagnostics } from '../../core/diag/diagnostic.ts';
import { rulesData } from '../output/rules-data.ts';
import { writeOut } from '../output/streams.ts';
import { writeFiles } from '../output/write-files.ts';

export type OutputFormat = 'text' | 'json' | 'yaml';

export interface WriteOptions {
  readonly family: IpFamily;
  readonly output: OutputFormat;
  readonly out?: string;
  readonly explain?: boolean;
}

/** What --out calls them. */
export const RULE_FILES: { readonly [F in IpFamily]: string } = { ipv4: 'iptables.rules', ipv6: 'ip6tables.rules' };

/**
 * To standard output, or to files; returns what there is to say about it. Without rules nothing is printed or written as text; as data
 * there is a document all the same, for whoever reads its diagnostics.
 */
export async function writeRules({ rules, diagnostics }: CompileResult, options: WriteOptions): Promise<string> {
  const explain = options.explain === true;
  if (options.output !== 'text') {
    const printed = rules[0] ?? { family: options.family, chains: [] };
    await writeOut(await printData(printed, diagnostics, options.output));
    return '';
  }
  if (rules.length === 0) return '';
  if (options.out !== undefined) {
    const files = new Map(rules.map((r) => [RULE_FILES[r.family], printRules(r, { explain })]));
    await writeFiles(options.out, files);
    return `wrote ${[...files.keys()].join(' and ')} to ${options.out}\n`;
  }
  for (const family of rules) {
    for (const part of printedParts(family, { explain })) await writeOut(part);
  }
  return '';
}

async function printData(
  rules: Pick<CompiledRules, 'family' | 'chains'>,
  diagnostics: CompileResult['diagnostics'],
  format: 'json' | 'yaml',
): Promise<string> {
  const data = rulesData(rules, sortDiagnostics(diagnostics));
  if (format === 'json') return `${JSON.stringify(data, null, 2)}\n`;
  const { printYaml } = await import('../../host/sources/print-yaml.ts');
  return printYaml(data);
}
