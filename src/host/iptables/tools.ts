import type { IpFamily } from '../../core/model/ip.ts';

/** Which kernel interface iptables uses. A node should have rules in one of them only: both see every packet. */
export type Variant = 'nft' | 'legacy';

export const variants: readonly Variant[] = ['nft', 'legacy'];

export interface FamilyTools {
  readonly save: string;
  readonly restore: string;
}

/** `iptables-nft-save` and so on: the names that iptables 1.8 installs for each variant. */
export function toolsOf(variant: Variant, family: IpFamily): FamilyTools {
  const prefix = family === 'ipv4' ? 'iptables' : 'ip6tables';
  return { save: `${prefix}-${variant}-save`, restore: `${prefix}-${variant}-restore` };
}
