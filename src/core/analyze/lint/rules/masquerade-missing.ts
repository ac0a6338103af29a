import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { masqueradeBits } from '../masquerade-mark.ts';
import { counted } from '../places.ts';
import { jumpOf, matchOf } from '../rule-facts.ts';
import type { TableView } from '../table-view.ts';

export const masqueradeMissing: LintRule = {
  code: 'masquerade-missing',
  severity: 'error',
  title: 'nothing masquerades what is marked for it',
  needs: 'rules',
  holds: 'KUBE-POSTROUTING has a MASQUERADE where rules lead to KUBE-MARK-MASQ.',
  why: 'The rule was lost, or the chain was flushed. Packets are marked and leave with the address of the client: endpoints on other nodes answer it past this node, and it drops what it never asked for. Node ports and load balancers fail from outside, and a Pod cannot reach itself through its Service.',
  issues: [],
  fix: 'Restart kube-proxy, which writes the chain anew; if the rule goes away again, look for a second program that writes here.',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

function inDump(dump: DumpView): readonly Found[] {
  const nat = dump.table('nat');
  if (nat?.isWhole !== true || dump.modes.size === 0) return [];
  const marking = nat.references('KUBE-MARK-MASQ').filter(({ chain }) => nat.isReached(chain.name));
  const bits = masqueradeBits(nat);
  // A chain that does not mark is mark-masq-without-effect's.
  if (marking.length === 0 || bits === 0 || masquerades(nat, bits)) return [];
  return [
    {
      message: `${counted(marking.length, 'rule')} mark${marking.length === 1 ? 's' : ''} packets for masquerading, and none masquerades them`,
      place: nat.has('KUBE-POSTROUTING') ? nat.place('KUBE-POSTROUTING') : nat.whole,
      related: [nat.place('KUBE-MARK-MASQ', nat.rules('KUBE-MARK-MASQ')[0])],
    },
  ];
}

/** In KUBE-POSTROUTING, in a chain that only somebody else knows, or elsewhere by the mark. */
function masquerades(nat: TableView, bits: number): boolean {
  return [...new Set(['KUBE-POSTROUTING', ...nat.reachedFrom('POSTROUTING')])].some((name) =>
    nat.rules(name).some(({ rule }) => {
      const { kind } = rule.target;
      const mark = matchOf(rule, 'mark');
      if (name === 'KUBE-POSTROUTING' && (kind === 'opaque' || jumpOf(rule) !== undefined)) return true;
      if (kind !== 'masquerade' && kind !== 'snat') return false;
      return name === 'KUBE-POSTROUTING' || (mark !== undefined && (mark.mask & bits) !== 0);
    }),
  );
}
