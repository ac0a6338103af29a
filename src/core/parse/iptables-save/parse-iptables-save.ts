import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import { excerptOfLine } from '../../diag/source-location.ts';
import type { IpFamily } from '../../model/ip.ts';
import type { Rule } from '../../ruleset/rule.ts';
import type { RuleCounters, Ruleset, RulesetChain, RulesetRule, RulesetTable } from '../../ruleset/ruleset.ts';
import { lineOf, type SavedChain, type SavedTable } from '../../ruleset/saved-rules.ts';
import { dumpHeader } from './dump-header.ts';
import { dumpLayout } from './dump-layout.ts';
import { LineIndex } from './line-index.ts';
import { parseRule } from './parse-rule.ts';
import { readCounters } from './rule-counters.ts';
import type { RuleProblem } from './rule-problem.ts';
import { familyOfRules, familyOfTool } from './split-families.ts';
import { splitSave } from './split-save.ts';
import { UsualRules } from './usual-rules.ts';

export interface ParseOptions {
  /** The name of the dump in messages. Default: `<stdin>`. */
  readonly file?: string;
  /** What the rules are for. Default: what the header says, else what their addresses say, else ipv4. */
  readonly family?: IpFamily;
}

export interface ParsedDump {
  readonly ruleset: Ruleset;
  /** Of the dump first, then those of its rules, in the order of the lines. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads an iptables-save or ip6tables-save dump of any version and variant, whoever wrote its rules, into typed rules. Also reads what
 * iptables -S prints and parts of dumps, and says what it assumed. Total: it never throws, and nothing is dropped in silence.
 */
export function parseIptablesSave(text: string, options: ParseOptions = {}): ParsedDump {
  const file = options.file ?? '<stdin>';
  const { saved, diagnostics } = splitSave(text, { file });
  const header = dumpHeader(text);
  const family = options.family ?? familyOfTool(header?.tool ?? '') ?? familyOfRules(text) ?? 'ipv4';
  const reader = new DumpReader(text, file, family);
  const tables = saved.tables.map((table) => reader.table(table));
  let layout: Ruleset['layout'] | undefined;
  return {
    ruleset: {
      family,
      header,
      tables,
      // For those who print the dump again; nobody else needs it, and it takes a while.
      get layout() {
        return (layout ??= dumpLayout(text, reader.rules));
      },
    },
    diagnostics: [...diagnostics, ...reader.diagnostics()],
  };
}

/** So many messages about rules; a dump of another kind could have one on every line. */
const MOST_PROBLEMS = 200;

const NO_PROBLEMS: readonly RuleProblem[] = [];

/** Reads the rules of a dump, chain by chain. */
class DumpReader {
  readonly rules: RulesetRule[] = [];
  readonly #text: string;
  readonly #file: string;
  readonly #family: IpFamily;
  readonly #problems: { readonly problem: RuleProblem; readonly read: RulesetRule }[] = [];

  constructor(text: string, file: string, family: IpFamily) {
    this.#text = text;
    this.#file = file;
    this.#family = family;
  }

  table({ name, chains, excerpt }: SavedTable): RulesetTable {
    const usual = new UsualRules(chains);
    const read = new Map<string, RulesetChain>();
    for (const chain of chains.values()) read.set(chain.name, this.#chain(chain, usual));
    return { name, chains: read, ...(excerpt === undefined ? {} : { excerpt }) };
  }

  #chain(chain: SavedChain, usual: UsualRules): RulesetChain {
    const { name, policy, counters, declared, line, ruleCounters } = chain;
    const texts = chain.rules.split('\n');
    texts.pop();
    const rules = texts.map((text, i) => {
      const at = lineOf(chain, i) ?? line;
      const counted = readCounters(ruleCounters?.[i]);
      const rule = usual.read(text, name);
      return rule === undefined ? this.#unusual(text, at, counted) : this.#read(rule, NO_PROBLEMS, at, counted);
    });
    return { name, policy, counters: readCounters(counters), declared, line, rules };
  }

  #unusual(text: string, line: number, counters: RuleCounters | undefined): RulesetRule {
    const { rule, problems } = parseRule(text, this.#family);
    return this.#read(rule, problems, line, counters);
  }

  #read(rule: Rule, problems: readonly RuleProblem[], line: number, counters: RuleCounters | undefined): RulesetRule {
    const read: RulesetRule = { rule, line, counters };
    // What else is wrong with the rule mostly follows from the first.
    const problem = problems[0] ?? otherFamily(rule, this.#family);
    if (problem !== undefined) this.#problems.push({ problem, read });
    this.rules.push(read);
    return read;
  }

  diagnostics(): readonly Diagnostic[] {
    if (this.#problems.length === 0) return [];
    const lines = new LineIndex(this.#text);
    const sorted = this.#problems.toSorted((a, b) => a.read.line - b.read.line);
    const told = sorted.slice(0, MOST_PROBLEMS).map(({ problem, read: { rule, line } }) => {
      const whole = lines.line(line);
      const column = Math.max(0, whole.indexOf(rule.text)) + problem.column;
      const location = { file: this.#file, line, column, excerpt: excerptOfLine(whole, line, column) };
      const misprint = rule.target.kind === 'opaque' && rule.target.name === 'DNAT';
      return diagnose(problem.code, { message: problem.message, location, hint: misprint ? MISPRINT : undefined });
    });
    const more = sorted.length - told.length;
    if (more === 0) return told;
    const message = `${more} more rules have problems`;
    return [...told, diagnose('rule-bad-value', { message, location: { file: this.#file } })];
  }
}

/** The tools print addresses of their own family alone. */
function otherFamily({ text, source, destination }: Rule, family: IpFamily): RuleProblem | undefined {
  const isStray = (match: typeof source): boolean => match?.network !== undefined && match.network.family !== family;
  if (!isStray(source) && !isStray(destination)) return undefined;
  const [own, other] = family === 'ipv4' ? ['IPv4', 'IPv6'] : ['IPv6', 'IPv4'];
  const column = Math.max(0, text.search(isStray(source) ? / -s / : / -d /)) + 4;
  return { code: 'rule-bad-value', message: `an ${other} address in a dump of ${own}`, column };
}

/** Seen with iptables 1.4 and 1.6 beside a kube-proxy or cilium that brought 1.8. */
const MISPRINT =
  'an iptables-save older than the program that made the rule misprints DNAT: use the iptables-save of that program';
