import type { TableView } from './table-view.ts';

/** The bits of a packet's mark that ask for masquerading, as KUBE-MARK-MASQ sets them; 0 where that cannot be seen. */
export function masqueradeBits(nat: TableView | undefined): number {
  for (const { rule } of nat?.rules('KUBE-MARK-MASQ') ?? []) {
    if (rule.target.kind === 'mark') return rule.target.value >>> 0;
  }
  return 0;
}
