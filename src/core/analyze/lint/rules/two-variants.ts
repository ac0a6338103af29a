import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';

export const twoVariants: LintRule = {
  code: 'two-variants',
  severity: 'error',
  title: 'kube-proxy has rules in both variants of iptables',
  needs: 'two-variants',
  holds: 'The rules of kube-proxy are in iptables-nft or in iptables-legacy, and not in both.',
  why: 'The kernel asks both rule sets for every packet. The one that nobody writes any more sends connections to endpoints of long ago ("no route to host"), or refuses them. It happens when the iptables in an image, or the one that an image chooses, changes.',
  issues: [
    'kubernetes/kubernetes#71305',
    'kubernetes/kubernetes#109811',
    'cloudnativelabs/kube-router#1069',
    'cilium/cilium#20123',
  ],
  fix: 'Find out which variant kube-proxy writes now (its rules follow the endpoints of today), and remove the other: chainsmith cleanup --variant legacy, or nft.',
  check: ({ dumps }) => dumps.flatMap((dump) => dumps.flatMap((other) => inPair(dump, other))),
};

/** iptables before 1.8.8 does not always say which variant it is; one that says is enough. */
function inPair(nft: DumpView, other: DumpView): readonly Found[] {
  if (nft.family !== other.family || nft.modes.size === 0 || other.modes.size === 0) return [];
  const [a, b] = [nft.ruleset.header?.variant, other.ruleset.header?.variant];
  if (!(a === 'nft' && b !== 'nft') && !(a === undefined && b === 'legacy')) return [];
  const counts = [`${kubeChains(nft)} in nft (${nft.file})`, `${kubeChains(other)} in legacy (${other.file})`];
  const places = [nft, other].flatMap((dump) => {
    const nat = dump.table('nat');
    return nat === undefined || !nat.has('KUBE-SERVICES') ? [dump.whole] : [nat.place('KUBE-SERVICES')];
  });
  return [
    { message: `chains of kube-proxy with rules: ${counts.join(', ')}`, place: places[0], related: places.slice(1) },
  ];
}

function kubeChains({ tables }: DumpView): number {
  return tables
    .flatMap(({ chains }) => [...chains.values()])
    .filter(({ name, rules }) => name.startsWith('KUBE-') && rules.length > 0).length;
}
