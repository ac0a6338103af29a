import type { DumpView } from '../dump-view.ts';
import { neededJumps } from '../entry-jumps.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';

export const entryJumpMissing: LintRule = {
  code: 'entry-jump-missing',
  severity: 'error',
  title: "a built-in chain does not lead to kube-proxy's rules",
  needs: 'rules',
  holds:
    'Each of the chains PREROUTING, INPUT, FORWARD, OUTPUT and POSTROUTING leads to the KUBE chains that have rules for it.',
  why: 'Somebody has flushed or rewritten the built-in chain: firewalld when it reloads, a firewall script, iptables-restore of an old dump. The rules of the Services are there and no packet comes to them. kube-proxy looks after its jumps in a full sync only. Two of the jumps in filter can be missed for a while: where the policy of FORWARD is ACCEPT and nothing else drops, only the packets in state INVALID that KUBE-FORWARD would drop get through, and can reset connections; and what OUTPUT does not bring to KUBE-FIREWALL for 127.0.0.0/8 comes to it from INPUT. They are errors all the same: programs that start later, as Docker, set the policy to DROP, and versions of kube-proxy before 1.25 drop by the mark in KUBE-FIREWALL what no source range lets in.',
  issues: ['rancher/rke2#10469', 'k3s-io/k3s#7542', 'containernetworking/plugins#512', 'kubernetes/kubernetes#81517'],
  fix: 'Restart kube-proxy, or chainsmith apply; then keep the other program from flushing (stop firewalld, or exclude these chains).',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

function inDump(dump: DumpView): readonly Found[] {
  return neededJumps(dump).flatMap(({ table: name, hook, chain }): readonly Found[] => {
    const table = dump.table(name);
    if (table?.isWhole !== true || !table.hasRules(chain) || table.reachedFrom(hook).has(chain)) return [];
    const [elsewhere] = table.references(chain);
    return [
      {
        message: `${name} ${hook} does not lead to ${chain}`,
        place: table.has(hook) ? table.place(hook) : table.whole,
        related: [
          table.place(chain),
          ...(elsewhere === undefined ? [] : [table.place(elsewhere.chain.name, elsewhere.rule)]),
        ],
      },
    ];
  });
}
