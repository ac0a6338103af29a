/** Cases of golden/parse: what the reader of dumps makes of a text, as the files that the case expects. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { printCanonicalDump, printDump } from '../../src/core/ruleset/print-dump.ts';
import type { Ruleset } from '../../src/core/ruleset/ruleset.ts';
import { diagnosticsText } from '../../src/cli/output/diagnostics-text.ts';

export const PARSE_INPUTS: readonly string[] = ['README.md', 'input.rules'];
/** Files that the runner writes. */
export const PARSE_PRODUCED: readonly string[] = ['printed.rules', 'rules.json', 'diagnostics.txt'];

export interface ParseOutput {
  readonly files: ReadonlyMap<string, string>;
  /** What is wrong whatever the files say; empty if nothing is. */
  readonly faults: readonly string[];
}

export function produceParse(folder: string): ParseOutput {
  const text = readFileSync(join(folder, 'input.rules'), 'utf8');
  const { ruleset, diagnostics } = parseIptablesSave(text, { file: 'input.rules' });
  const printed = printCanonicalDump(ruleset);
  const again = printCanonicalDump(parseIptablesSave(printed, { family: ruleset.family }).ruleset);
  const faults = [
    ...(printDump(ruleset) === text ? [] : ['printDump does not give the dump back']),
    ...(again === printed ? [] : ['the canonical text is not its own canonical text']),
  ];
  const files = new Map<string, string>();
  if (printed !== text) files.set('printed.rules', printed);
  files.set('rules.json', typedView(ruleset));
  files.set('diagnostics.txt', diagnosticsText(diagnostics));
  return { files, faults };
}

/** The typed rules as JSON, a rule per line. What is not there, not negated or empty is left out, and addresses are text. */
function typedView({ family, header, tables }: Ruleset): string {
  const lines: string[] = ['{', `"family": ${JSON.stringify(family)},`, `"header": ${compact(header) ?? 'null'},`];
  const chains = tables.flatMap((table) =>
    [...table.chains.values()].map(({ name, policy, declared, counters, line, rules }) => {
      const head = compact({ table: table.name, chain: name, policy, declared, counters, line });
      const body = rules.map(
        ({ rule, ...place }) => `  ${compact({ ...place, ...rule, text: undefined, chain: undefined })}`,
      );
      return body.length === 0 ? `${head}` : `[${head},\n${body.join(',\n')}]`;
    }),
  );
  lines.push(`"chains": [${chains.length === 0 ? '' : `\n${chains.join(',\n')}\n`}]`, '}', '');
  return lines.join('\n');
}

function compact(value: unknown): string | undefined {
  return JSON.stringify(value, (key, item: unknown) => {
    if (typeof item === 'bigint') return String(item);
    if (key === 'negated' && item === false) return undefined;
    if (Array.isArray(item) && item.length === 0) return undefined;
    if (key === 'network' && typeof item === 'object' && item !== null && 'text' in item) return item.text;
    return item;
  });
}
