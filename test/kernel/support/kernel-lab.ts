import { hostRunner } from '../../../src/host/exec.ts';
import type { Family } from '../../../scripts/lab/addresses.ts';
import { buildLab } from '../../../scripts/lab/build-lab.ts';
import { restoreRules, type Variant } from '../../../scripts/lab/iptables.ts';
import { removeAbandonedLabs, type Lab } from '../../../scripts/lab/lab.ts';
import { startServers } from '../../../scripts/lab/servers.ts';
import { CLIENT, CLUSTER_CIDRS, clusterObjects, FAMILIES, WEB, type ServiceSpec } from './cluster.ts';
import { compileText } from './compiled.ts';
import { requireKernel } from './requirements.ts';

const PREFIX = 'chainsmith-test';

/** How many further addresses the outside client has in every test. */
export const CLIENTS = 24;

/** Both kinds of iptables: what works with one should work with the other. */
export const VARIANTS: readonly Variant[] = ['nft', 'legacy'];

export interface KernelLab {
  /** Only while the suite's tests run. */
  readonly lab: () => Lab;
}

/** In a `describe`: a laboratory with client, web-1 to web-3, the node and the outside, up before and gone after its tests. */
export function useLab(): KernelLab {
  let lab: Lab | undefined;

  before(async function () {
    requireKernel(this);
    await removeAbandonedLabs(hostRunner, PREFIX);
    lab = await buildLab(hostRunner, { prefix: PREFIX, pods: [CLIENT, ...WEB], clients: CLIENTS });
    await startServers(
      lab,
      WEB.map((pod) => pod.name),
    );
  });

  after(async () => {
    await lab?.remove();
  });

  return {
    lab: () => {
      if (lab === undefined) throw new Error('the laboratory is up only while tests run');
      return lab;
    },
  };
}

/** Compiles the Services and loads both families' rules into the node, replacing those before. */
export async function loadServices(
  lab: Lab,
  variant: Variant,
  services: readonly ServiceSpec[],
  config: Readonly<Record<string, unknown>> = { clusterCIDR: CLUSTER_CIDRS },
): Promise<void> {
  const documents = clusterObjects(services);
  for (const family of FAMILIES) {
    await restoreRules(lab.on('node'), family, variant, compileText(documents, family, { config }));
  }
}

/** The families by name, for `for ... describe`. */
export const FAMILY_NAMES: Readonly<Record<Family, string>> = { ipv4: 'IPv4', ipv6: 'IPv6' };
