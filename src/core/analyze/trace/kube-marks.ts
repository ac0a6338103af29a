/** The chains that only set a bit of the mark, whose meaning is in their names. */
export function markMeaning(chain: string): string | undefined {
  if (chain === 'KUBE-MARK-MASQ') return 'to be masqueraded';
  return chain === 'KUBE-MARK-DROP' ? 'to be dropped' : undefined;
}
