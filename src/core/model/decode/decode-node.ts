import type { Node, ObjectMeta } from '../kubernetes.ts';
import type { Fields } from './fields.ts';

export function decodeNode(object: Fields, metadata: ObjectMeta): Node {
  const spec = object.object('spec');
  const podCIDRs = spec?.strings('podCIDRs') ?? [];
  const podCIDR = spec?.string('podCIDR');
  return {
    kind: 'Node',
    metadata,
    podCIDRs: podCIDRs.length === 0 && podCIDR !== undefined && podCIDR !== '' ? [podCIDR] : podCIDRs,
    addresses:
      object.object('status')?.list('addresses', (address) => ({
        type: address.string('type') ?? '',
        address: address.string('address') ?? '',
      })) ?? [],
  };
}
