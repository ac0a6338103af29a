import type { RulesetRule } from '../../../ruleset/ruleset.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { jumpOf, matchOf } from '../rule-facts.ts';
import type { Choice } from '../endpoint-choice.ts';
import type { ServiceIndex } from '../service-index.ts';

export const affinityIncomplete: LintRule = {
  code: 'affinity-incomplete',
  severity: 'warning',
  title: 'session affinity that does not hold for all endpoints',
  needs: 'rules',
  holds:
    'With session affinity each endpoint has a rule that asks its list and one that fills it, with one time for all.',
  why: 'Clients of the endpoints that lack one of the two are sent elsewhere with their next connection. Rules were lost, or a sync did not finish.',
  issues: ['kubernetes/kubernetes#55429', 'kubernetes/kubernetes#35677'],
  fix: 'Make kube-proxy write all rules again: restart it.',
  check: ({ dumps }) =>
    dumps.flatMap(({ services }) => services.choices.flatMap((choice) => inChoice(choice, services))),
};

function inChoice(choice: Choice, services: ServiceIndex): readonly Found[] {
  const { nat } = services;
  const [first] = choice.affinity;
  if (nat?.isWhole !== true || first === undefined) return [];
  const name = choice.chain.name;
  const tell = (rule: RulesetRule, what: string, chain = name): Found => {
    const message = `${services.label(name)}: ${what}`;
    return { message, place: nat.place(chain, rule), service: services.serviceOf(name) };
  };
  const asked = new Map(choice.affinity.map((rule) => [jumpOf(rule.rule) ?? '', rule]));
  const times = new Set(choice.affinity.map(({ rule }) => matchOf(rule, 'recent')?.seconds));
  const found: Found[] = [];
  if (times.size > 1) found.push(tell(first, `the times of its endpoints differ (${[...times].join(' s, ')} s)`));
  for (const { chain, rule } of choice.entries) {
    const endpoint = services.endpoints.get(chain)?.endpoint ?? chain;
    const asking = asked.get(chain);
    if (asking === undefined) {
      found.push(tell(rule, `no rule sends clients back to ${endpoint}`));
      continue;
    }
    // An empty chain is jump-to-empty-chain's.
    if (!nat.hasRules(chain)) continue;
    const filling = nat.rules(chain).find(({ rule }) => matchOf(rule, 'recent')?.action === 'set');
    const list = matchOf(asking.rule, 'recent')?.name;
    if (filling === undefined) found.push(tell(asking, `${endpoint} does not remember its clients`));
    else if (matchOf(filling.rule, 'recent')?.name !== list) {
      found.push(tell(filling, `${endpoint} remembers its clients in another list than ${list ?? ''}`, chain));
    }
  }
  return found;
}
