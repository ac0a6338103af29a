import { hasKubeChains } from '../../host/iptables/choose-variant.ts';
import { variants } from '../../host/iptables/tools.ts';
import type { NodeFlags } from '../options/node-options.ts';
import { samePlace } from '../options/same-place.ts';
import type { OpenNode } from './open-node.ts';

/** A warning for somebody who chose the variant and has KUBE chains in the other one as well; "" if there is nothing to say. */
export async function otherVariantNote(node: OpenNode, { variant, netns }: NodeFlags): Promise<string> {
  const other = variants.find((v) => v !== node.variant);
  if (
    variant === 'auto' ||
    other === undefined ||
    !(await hasKubeChains(node.runner, other, { ...node, atOnce: true }))
  )
    return '';
  return (
    `warning: iptables-${other} has KUBE chains too, and every packet passes both; ` +
    `chainsmith cleanup --variant ${other}${samePlace({ netns })} removes those\n`
  );
}
