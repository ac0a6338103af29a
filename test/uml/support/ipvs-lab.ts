// The laboratory of test/kernel, with a node in the ipvs mode: what compile prints is loaded by the tools, as a person would.
import { compile } from '../../../src/core/compile/compile.ts';
import { printAddresses, printIpSets, printVirtualServers } from '../../../src/core/compile/print-ipvs.ts';
import { printRules } from '../../../src/core/compile/print-rules.ts';
import { IPVS_LINK, type CompiledRules } from '../../../src/core/ruleset/compiled-rules.ts';
import { hostRunner } from '../../../src/host/exec.ts';
import { buildLab, type LabPod } from '../../../scripts/lab/build-lab.ts';
import { restoreRules } from '../../../scripts/lab/iptables.ts';
import type { Lab } from '../../../scripts/lab/lab.ts';
import { startServer } from '../../../scripts/lab/servers.ts';
import { CLIENT, CLUSTER_CIDRS, clusterObjects, WEB, type ServiceSpec } from '../../kernel/support/cluster.ts';
import { ScriptRunner } from '../../support/script-runner.ts';
import { requireGuest } from './requirements.ts';

const PREFIX = 'chainsmith-ipvs';

/** It takes five seconds; there may be others on the machine. */
const BUILD_MS = 120_000;

/** How many further addresses the outside client has. */
export const CLIENTS = 9;

/** Something of the node's own listens here, on all of its addresses. */
export const HOST_PORT = 9999;

export interface IpvsLabPlan {
  readonly pods: readonly LabPod[];
  /** Further addresses of the outside client. */
  readonly clients: number;
  /** On all Pods but `client`. */
  readonly startServer: (lab: Lab, host: string) => Promise<void>;
}

const ALL: IpvsLabPlan = { pods: [CLIENT, ...WEB], clients: CLIENTS, startServer };

/** In a `describe`: client, web-1 to web-3, the node and the outside, in the guest only. */
export function useIpvsLab({ pods, clients, startServer: start }: IpvsLabPlan = ALL): { readonly lab: () => Lab } {
  let lab: Lab | undefined;

  before(async function () {
    requireGuest(this);
    this.timeout(BUILD_MS);
    const runner = new ScriptRunner(hostRunner);
    lab = await buildLab(runner, { prefix: PREFIX, pods, clients });
    await runner.flush(BUILD_MS);
    for (const { name } of pods) if (name !== CLIENT.name) await start(lab, name);
    await startServer(lab, 'node', { port: HOST_PORT });
  });

  after(async () => await lab?.remove());

  return {
    lab: () => {
      if (lab === undefined) throw new Error('the laboratory is up only while tests run');
      return lab;
    },
  };
}

/** Both families, for node-a. Everything must be whole. */
export function compileForIpvs(services: readonly ServiceSpec[], scheduler: string): readonly CompiledRules[] {
  const config = { mode: 'ipvs', clusterCIDR: CLUSTER_CIDRS, ipvs: { scheduler } };
  const { rules, diagnostics } = compile(clusterObjects(services), { node: 'node-a', config });
  const error = diagnostics.find(({ severity }) => severity === 'error');
  if (error !== undefined) throw new Error(`does not compile: ${error.message}`);
  return rules;
}

/** Settings, sets, addresses, virtual servers, rules: what is referred to comes first. */
export async function loadIpvs(lab: Lab, services: readonly ServiceSpec[]): Promise<void> {
  const rules = compileForIpvs(services, 'rr');
  const node = lab.on('node');
  // The guest's kernel is newer than those for which some are meant.
  const sysctls = rules.flatMap((family) => family.sysctls).filter(({ kernels }) => kernels === undefined);
  await node.run('sysctl', ['-q', '-w', ...new Set(sysctls.map(({ key, value }) => `${key}=${value}`))]);
  await node.run('ipset', ['restore'], { input: printIpSets(rules) });
  const addresses = printAddresses(rules).trim().split('\n');
  const lines = addresses.map(
    (address) => `address add ${address} dev ${IPVS_LINK}${address.includes(':') ? ' nodad' : ''}\n`,
  );
  await node.run('ip', ['-batch', '-'], { input: `link add ${IPVS_LINK} type dummy\n${lines.join('')}` });
  await node.run('ipvsadm', ['-R'], { input: printVirtualServers(rules) });
  for (const family of rules) await restoreRules(node, family.family, 'legacy', printRules(family));
}

/** Other virtual servers instead; the rest is the same for every scheduler. */
export async function replaceVirtualServers(lab: Lab, lines: string): Promise<void> {
  await lab.on('node').run('ipvsadm', ['-C']);
  await lab.on('node').run('ipvsadm', ['-R'], { input: lines });
}
