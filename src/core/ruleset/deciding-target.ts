import type { Target } from './target.ts';

/** Extensions that this program does not know in detail, and that decide about packets. */
const DECIDING: ReadonlySet<string> = new Set(
  'DNAT SNAT MASQUERADE REDIRECT NETMAP SAME REJECT DROP ACCEPT QUEUE NFQUEUE SYNPROXY TARPIT CLUSTERIP TPROXY'.split(
    ' ',
  ),
);

/** Whether a target itself keeps a packet from all rules behind it in the table. Not so RETURN and jumps: that is for other rules to say. */
export function decides(target: Target): boolean {
  switch (target.kind) {
    case 'accept':
    case 'drop':
    case 'reject':
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
      return true;
    case 'opaque':
      return DECIDING.has(target.name);
    case 'none':
    case 'return':
    case 'jump':
    case 'goto':
    case 'mark':
    case 'connmark':
    case 'log':
    case 'nflog':
      return false;
  }
}
