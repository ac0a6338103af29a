import type { LintRule } from '../lint-rule.ts';
import { counted } from '../places.ts';
import { masqueradeBits } from '../masquerade-mark.ts';

export const markMasqWithoutEffect: LintRule = {
  code: 'mark-masq-without-effect',
  severity: 'error',
  title: 'KUBE-MARK-MASQ does not mark',
  needs: 'rules',
  holds: 'KUBE-MARK-MASQ sets at least one bit of the mark.',
  why: 'Rules that want a packet masqueraded lead to this chain, and it does nothing. Clients outside of the cluster get answers from an address that they never asked, and drop them; a Pod cannot reach itself through its Service.',
  issues: ['kubernetes/kubernetes#36835', 'kubernetes/kubernetes#20475'],
  fix: 'Restart kube-proxy, which writes the chain anew; if the rule goes away again, two versions of iptables write here.',
  check: ({ dumps }) =>
    dumps.flatMap((dump) => {
      const nat = dump.table('nat');
      if (nat?.isWhole !== true || !nat.has('KUBE-MARK-MASQ') || masqueradeBits(nat) !== 0) return [];
      const from = nat.references('KUBE-MARK-MASQ');
      if (from.length === 0) return [];
      return [
        {
          message: `${counted(from.length, 'rule')} lead${from.length === 1 ? 's' : ''} to KUBE-MARK-MASQ, and it sets no mark`,
          place: nat.place('KUBE-MARK-MASQ', nat.rules('KUBE-MARK-MASQ')[0]),
        },
      ];
    }),
};
