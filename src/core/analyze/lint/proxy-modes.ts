import type { DumpView } from './dump-view.ts';

import type { ProxyMode } from '../decode/decoded-rules.ts';

/** `TABLE/CHAIN` that kube-proxy fills in that mode and in no other. Chains that it makes and leaves empty are not among them. */
const CHAINS: readonly (readonly [ProxyMode, string, string])[] = [
  ['userspace', 'nat', 'KUBE-PORTALS-CONTAINER'],
  ['userspace', 'nat', 'KUBE-PORTALS-HOST'],
  ['userspace', 'nat', 'KUBE-NODEPORT-CONTAINER'],
  ['userspace', 'nat', 'KUBE-NODEPORT-HOST'],
  ['ipvs', 'nat', 'KUBE-NODE-PORT'],
  ['ipvs', 'nat', 'KUBE-LOAD-BALANCER'],
  ['ipvs', 'filter', 'KUBE-NODE-PORT'],
  ['ipvs', 'filter', 'KUBE-IPVS-FILTER'],
  ['ipvs', 'filter', 'KUBE-IPVS-OUT-FILTER'],
  ['iptables', 'filter', 'KUBE-EXTERNAL-SERVICES'],
];

/** The chains that say so, by mode. */
export function evidenceOfModes(dump: DumpView): ReadonlyMap<ProxyMode, readonly { table: string; chain: string }[]> {
  const found = new Map<ProxyMode, { table: string; chain: string }[]>();
  const add = (mode: ProxyMode, table: string, chain: string): void => {
    const known = found.get(mode);
    if (known === undefined) found.set(mode, [{ table, chain }]);
    else known.push({ table, chain });
  };
  for (const [mode, table, chain] of CHAINS) {
    if (dump.table(table)?.hasRules(chain) === true) add(mode, table, chain);
  }
  const nat = dump.table('nat');
  if (nat === undefined) return found;
  if (asksSets(nat.rules('KUBE-SERVICES'))) add('ipvs', 'nat', 'KUBE-SERVICES');
  const service = [...nat.chains.values()].find(({ name, rules }) => isChoice(name) && rules.length > 0);
  if (service !== undefined) add('iptables', 'nat', service.name);
  // Also where there is no Service at all.
  else if (nat.references('KUBE-NODEPORTS').some(({ chain }) => chain.name === 'KUBE-SERVICES')) {
    add('iptables', 'nat', 'KUBE-SERVICES');
  }
  return found;
}

export function populatedModes(dump: DumpView): ReadonlySet<ProxyMode> {
  return new Set(evidenceOfModes(dump).keys());
}

function isChoice(name: string): boolean {
  return name.startsWith('KUBE-SVC-') || name.startsWith('KUBE-SVL-');
}

/** Whether one of the rules asks an ipset. */
export function asksSets(
  rules: readonly { readonly rule: { readonly matches: readonly { readonly kind: string }[] } }[],
): boolean {
  return rules.some(({ rule }) => rule.matches.some(({ kind }) => kind === 'set'));
}
