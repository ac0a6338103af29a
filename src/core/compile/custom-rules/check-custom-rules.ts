import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import type { SourceLocation } from '../../diag/source-location.ts';
import type { TemplateName } from '../../render/chain-shapes.ts';
import type { TemplateSet } from '../../render/template-set.ts';
import { tableNames, type CompiledChain, type CompiledRules, type TableName } from '../../ruleset/compiled-rules.ts';
import { checkRule } from './check-rule.ts';
import { jumpCircle } from './jump-circle.ts';
import { templateLine } from './template-line.ts';
import { templateOf } from './template-of.ts';

/** A chain that a user's template printed. */
interface CustomChain {
  readonly chain: CompiledChain;
  readonly template: TemplateName;
}

/**
 * A user's own template may print whatever it likes; what it prints must still be rules of its own chain, or it would change a chain
 * that is somebody else's, or make iptables-restore refuse everything. The built-in templates are not checked: tests hold them to it.
 *
 * @param builtIn the same rules by the built-in templates; asked for only where a chain is empty
 */
export function checkCustomRules(
  rules: readonly CompiledRules[],
  templates: TemplateSet,
  builtIn: () => readonly CompiledRules[],
): readonly Diagnostic[] {
  const faults = new FaultList(templates);
  for (const compiled of rules) {
    for (const table of tableNames) checkTable(table, compiled, templates, faults);
  }
  const found = faults.diagnostics();
  if (found.length > 0) return found;
  const circles = rules.flatMap((compiled) => tableNames.flatMap((table) => circlesIn(table, compiled, templates)));
  return circles.length > 0 ? circles : emptied(rules, templates, builtIn);
}

type CompiledMode = 'iptables' | 'ipvs';

function modeOf({ ipvs }: CompiledRules): CompiledMode {
  return ipvs === undefined ? 'iptables' : 'ipvs';
}

function customChains(
  chains: readonly CompiledChain[],
  { templates }: TemplateSet,
  mode: CompiledMode,
): readonly CustomChain[] {
  return chains.flatMap((chain) => {
    const template = templateOf(chain, mode);
    return template !== undefined && templates.has(template) ? [{ chain, template }] : [];
  });
}

function checkTable(table: TableName, rules: CompiledRules, templates: TemplateSet, faults: FaultList): void {
  const chains = rules.chains.filter((chain) => chain.table === table);
  const jumpable = new Set(chains.filter((c) => c.policy === '-').map((c) => c.name));
  for (const { chain, template } of customChains(chains, templates, modeOf(rules))) {
    const lines = chain.rules.split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) {
      const problem = checkRule(line, { table, chain: chain.name, jumpable });
      if (problem !== undefined) faults.add(chain, template, problem, line);
    }
    if (last !== '') faults.add(chain, template, 'a last line without a line end', last);
  }
}

interface Fault {
  readonly chain: CompiledChain;
  readonly problem: string;
  readonly printed: string;
  readonly location: SourceLocation | undefined;
  /** Both families print the same line. */
  readonly lines: Set<string>;
}

const LONGEST_QUOTE = 300;

/** One fault of a template shows in as many chains as there are endpoints; it is told once. */
class FaultList {
  readonly #templates: TemplateSet;
  readonly #faults = new Map<string, Fault>();

  constructor(templates: TemplateSet) {
    this.#templates = templates;
  }

  add(chain: CompiledChain, template: TemplateName, problem: string, printed: string): void {
    const location = locationOf(this.#templates, template, printed);
    const key = `${template} ${location?.line ?? problem}`;
    const known = this.#faults.get(key);
    if (known !== undefined) known.lines.add(printed);
    else this.#faults.set(key, { chain, problem, printed, location, lines: new Set([printed]) });
  }

  diagnostics(): readonly Diagnostic[] {
    return [...this.#faults.values()].map(({ chain, problem, printed, location, lines }) => {
      const quote = printed.length > LONGEST_QUOTE ? `${printed.slice(0, LONGEST_QUOTE)}…` : printed;
      const more = lines.size === 1 ? '' : ` (and ${lines.size - 1} more like it)`;
      return diagnose('template-bad-rule', {
        message: `the template of ${chain.table}/${chain.name} prints ${problem}: ${JSON.stringify(quote)}${more}`,
        location,
        hint: `every line must be one rule, -A ${chain.name} ..., or a comment`,
      });
    });
  }
}

function locationOf({ sources }: TemplateSet, template: TemplateName, printed?: string): SourceLocation | undefined {
  const source = sources?.get(template);
  if (source === undefined) return undefined;
  const line = printed === undefined ? undefined : templateLine(source.text, printed);
  return { file: source.file, ...(line === undefined ? {} : { line }) };
}

function circlesIn(table: TableName, rules: CompiledRules, templates: TemplateSet): readonly Diagnostic[] {
  const own = rules.chains.filter((chain) => chain.table === table);
  const mode = modeOf(rules);
  if (customChains(own, templates, mode).length === 0) return [];
  const circle = jumpCircle(own);
  const [custom] = circle === undefined ? [] : customChains(circle, templates, mode);
  if (circle === undefined || custom === undefined) return [];
  const path = circle.map((chain) => chain.name).join(' -> ');
  const message = `the template of ${table}/${custom.chain.name} jumps in a circle: ${path}`;
  const location = locationOf(templates, custom.template);
  return [diagnose('template-bad-rule', { message, location, hint: 'the kernel refuses such rules' })];
}

function hasRules(chain: CompiledChain | undefined): boolean {
  return chain !== undefined && /^-A /m.test(chain.rules);
}

function emptied(
  rules: readonly CompiledRules[],
  templates: TemplateSet,
  builtIn: () => readonly CompiledRules[],
): readonly Diagnostic[] {
  const empty = rules.map((compiled) =>
    customChains(compiled.chains, templates, modeOf(compiled)).filter(({ chain }) => !hasRules(chain)),
  );
  if (empty.every((chains) => chains.length === 0)) return [];
  const usual = builtIn();
  const found = new Map<TemplateName, CompiledChain>();
  for (const [i, customs] of empty.entries()) {
    const filled = new Set(usual[i]?.chains.filter(hasRules).map(({ table, name }) => `${table}/${name}`));
    for (const { chain, template } of customs) {
      if (filled.has(`${chain.table}/${chain.name}`) && !found.has(template)) found.set(template, chain);
    }
  }
  return [...found].map(([template, { table, name }]) =>
    diagnose('template-empty-chain', {
      message: `the template of ${table}/${name} prints no rule; the built-in one does`,
      location: locationOf(templates, template),
    }),
  );
}
