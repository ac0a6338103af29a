import type { RulesetChain, RulesetRule } from '../../ruleset/ruleset.ts';
import { frontendKey, type Frontend } from './frontend.ts';
import { portSuffix } from './port-chain.ts';
import { isUnconditional, jumpOf } from './rule-facts.ts';
import type { ServiceIndex } from './service-index.ts';

/** KUBE-EXT-...: where external traffic of a service port goes (since 1.24). */
export interface ExternalChain {
  readonly chain: RulesetChain;
  /** Those that lead to it, at once or through the source ranges, and that filter does not refuse. */
  readonly frontends: readonly Frontend[];
  /** The rule that takes all that no rule before it has taken. */
  readonly onward: RulesetRule | undefined;
}

/** Those that have rules, and that something leads to. */
export function externalChains({ nat, frontends, refusals }: ServiceIndex): readonly ExternalChain[] {
  const refused = new Set(refusals.map(frontendKey));
  const bySuffix = new Map<string, Frontend[]>();
  for (const frontend of frontends) {
    if (!/^KUBE-(?:EXT|FW)-/.test(frontend.chain)) continue;
    const suffix = portSuffix(frontend.chain);
    const known = bySuffix.get(suffix);
    if (known === undefined) bySuffix.set(suffix, [frontend]);
    else known.push(frontend);
  }
  return [...(nat?.chains.values() ?? [])].flatMap((chain): readonly ExternalChain[] => {
    if (!chain.name.startsWith('KUBE-EXT-') || chain.rules.length === 0) return [];
    const own = (bySuffix.get(portSuffix(chain.name)) ?? []).filter(
      (frontend) => frontend.chain === chain.name || leadsTo(nat?.rules(frontend.chain) ?? [], chain.name),
    );
    if (own.length === 0) return [];
    return [
      {
        chain,
        frontends: own.filter((frontend) => !refused.has(frontendKey(frontend))),
        onward: chain.rules.find(({ rule }) => isUnconditional(rule) && isWay(jumpOf(rule))),
      },
    ];
  });
}

function leadsTo(rules: readonly RulesetRule[], chain: string): boolean {
  return rules.some(({ rule }) => jumpOf(rule) === chain);
}

function isWay(to: string | undefined): boolean {
  return to !== undefined && /^KUBE-(?:SVC|SVL|SEP)-/.test(to);
}
