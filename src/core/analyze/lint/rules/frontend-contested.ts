import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { portSuffix } from '../port-chain.ts';
import { frontendKey, frontendText, type Frontend } from '../frontend.ts';

export const frontendContested: LintRule = {
  code: 'frontend-contested',
  severity: 'error',
  title: 'two Services have rules for one address and port',
  needs: 'rules',
  holds: 'All rules for one address, port and protocol lead to one service port.',
  why: 'Two Services claim the same external IP, load balancer IP or node port. kube-proxy writes rules for both, in random order, and the first one wins: on each node another, and after each sync perhaps another.',
  issues: ['kubernetes/kubernetes#69599'],
  fix: 'Give one of the Services another address or port.',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

function inDump({ services }: DumpView): readonly Found[] {
  const { nat } = services;
  const first = new Map<string, Frontend>();
  const told = new Set<string>();
  return services.frontends.flatMap((frontend): readonly Found[] => {
    const key = frontendKey(frontend);
    const winner = first.get(key);
    if (winner === undefined) {
      first.set(key, frontend);
      return [];
    }
    const pair = `${key}|${portSuffix(frontend.chain)}`;
    if (portSuffix(winner.chain) === portSuffix(frontend.chain) || told.has(pair) || nat === undefined) return [];
    told.add(pair);
    return [
      {
        message: `${frontendText(frontend)} leads to ${services.label(winner.chain)}, so ${services.label(frontend.chain)} gets nothing of it`,
        place: nat.place(frontend.from, frontend.rule),
        service: services.serviceOf(frontend.chain),
        related: [nat.place(winner.from, winner.rule)],
      },
    ];
  });
}
