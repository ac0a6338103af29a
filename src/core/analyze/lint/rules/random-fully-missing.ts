import type { LintRule } from '../lint-rule.ts';

export const randomFullyMissing: LintRule = {
  code: 'random-fully-missing',
  severity: 'warning',
  title: 'masquerading without --random-fully',
  needs: 'rules',
  holds: 'The MASQUERADE of KUBE-POSTROUTING chooses source ports with --random-fully.',
  why: 'Without it the kernel tries ports one after the other. Two connections that begin at the same moment get the same one, and the packets of one are dropped: connects that take 1 s or 3 s longer, now and then, most of all DNS. kube-proxy since 1.16 writes it where iptables is 1.6.2 or newer.',
  issues: ['kubernetes/kubernetes#76699'],
  fix: 'Use kube-proxy 1.16 or newer with iptables 1.6.2 or newer.',
  // The ipvs mode masquerades endpoints that ask themselves by a set, without the option and without harm.
  check: ({ dumps }) =>
    dumps.flatMap((dump) => {
      const nat = dump.table('nat');
      if (nat === undefined || dump.modes.size === 0 || cannotPrint(dump.ruleset.header?.version)) return [];
      return nat
        .rules('KUBE-POSTROUTING')
        .filter(
          ({ rule: { target, matches } }) =>
            target.kind === 'masquerade' && !target.randomFully && !matches.some(({ kind }) => kind === 'set'),
        )
        .map((rule) => ({
          message: 'KUBE-POSTROUTING masquerades without --random-fully',
          place: nat.place('KUBE-POSTROUTING', rule),
        }));
    }),
};

/** iptables-save before 1.6.2 does not know the option of MASQUERADE, and leaves it out where it is set. */
function cannotPrint(version: string | undefined): boolean {
  const [, major, minor, patch] = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(version ?? '') ?? [];
  if (major === undefined) return false;
  const [first, second, third] = [Number(major), Number(minor), Number(patch ?? 0)];
  if (first !== 1) return first < 1;
  return second < 6 || (second === 6 && third < 2);
}
