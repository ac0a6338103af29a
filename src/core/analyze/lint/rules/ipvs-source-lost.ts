import { decodedText } from '../ipvs-words.ts';
import type { LintRule } from '../lint-rule.ts';

export const ipvsSourceLost: LintRule = {
  code: 'ipvs-source-lost',
  severity: 'warning',
  title: "the policy Local does not keep the client's address",
  needs: 'ipvs-and-sets',
  holds: 'What comes to addresses of the policy Local (sets with -LOCAL in their names) is not masqueraded.',
  why: 'externalTrafficPolicy Local is there so that Pods see the address of the client. A rule that marks for masquerading comes before the one that lets these addresses out, or that one is missing.',
  issues: [],
  fix: 'Restart kube-proxy, which writes its rules anew; then look for programs that change them.',
  check: ({ ipvs }) =>
    ipvs.flatMap((view) =>
      view.frontends.flatMap((frontend) => {
        const { sets = [], masquerade } = frontend;
        if (!sets.some((name) => name.includes('-LOCAL')) || masquerade.kind === 'none') return [];
        const nat = view.dump?.table('nat');
        const at = [...(nat?.chains.values() ?? [])]
          .flatMap(({ name, rules }) => rules.map((rule) => ({ name, rule })))
          .find(({ rule }) => masquerade.lines.includes(rule.line));
        const place = nat === undefined || at === undefined ? view.setPlace : nat.place(at.name, at.rule);
        return [{ message: `${decodedText(frontend)} is masqueraded, and its policy is Local`, place }];
      }),
    ),
};
