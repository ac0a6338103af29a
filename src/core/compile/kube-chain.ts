import { renderChain, type TemplateSet } from '../render/template-set.ts';
import type { CompiledChain, TableName } from '../ruleset/compiled-rules.ts';
import { hex } from '../ruleset/print-values.ts';
import type { ProxySettings } from '../services/proxy-settings.ts';

/** A chain that kube-proxy makes, of no Service. */
export function kubeChain(table: TableName, name: string, rules: string, purpose: string): CompiledChain {
  return { table, name, policy: '-', rules, purpose };
}

/** `0x4000` */
export function markOf({ masqueradeMark }: ProxySettings): string {
  return hex(masqueradeMark);
}

/** The same in both modes. */
export function markMasqChain(settings: ProxySettings, templates: TemplateSet | undefined): CompiledChain {
  const mark = markOf(settings);
  const rules = renderChain('nat/KUBE-MARK-MASQ', { mark }, templates);
  return kubeChain('nat', 'KUBE-MARK-MASQ', rules, `marks packets with ${mark} for masquerading`);
}
