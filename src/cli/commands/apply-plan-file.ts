import type { IpFamily } from '../../core/model/ip.ts';
import type { PlanDocument } from '../../core/plan/document/plan-document.ts';
import { readPlanDocument } from '../../core/plan/document/read-plan-document.ts';
import { fingerprint } from '../../core/plan/fingerprint.ts';
import { staleIpvs } from '../../core/plan/ipvs/compare-ipvs.ts';
import { ipvsFingerprint } from '../../core/plan/ipvs/fingerprint-ipvs.ts';
import type { IpvsState } from '../../core/plan/ipvs/ipvs-state.ts';
import { isEmptyPlan } from '../../core/plan/plan.ts';
import { HostError } from '../../host/host-error.ts';
import { inEffect } from '../../host/iptables/apply-plan.ts';
import type { Observation } from '../../host/iptables/observe.ts';
import { observeNode, type ObservedNode } from '../../host/iptables/plan-node.ts';
import { readSysctl } from '../../host/sysctl.ts';
import { readTextFile } from '../../host/sources/read-text-file.ts';
import { ask, canAsk } from '../output/ask.ts';
import { writeErr, writeOutFirst } from '../output/streams.ts';
import { UsageError } from '../usage-error.ts';
import { appliedNote } from './applied-note.ts';
import type { ApplyFlags } from './apply.ts';
import { loadPlan } from './load-plan.ts';
import { openNode, type OpenNode } from './open-node.ts';
import { rulesAfterAll } from './rules-after-all.ts';
import { reportInput, showPlan } from './show-plan.ts';
import { withNodeLock } from './with-node-lock.ts';

/**
 * Does what the file says, and nothing else; refuses if the node is not as it was when the plan was made. What it means for the Services is
 * told anew from the changes: the file's own summary could say anything.
 */
export async function applyPlanFile(path: string, flags: ApplyFlags, signal: AbortSignal): Promise<number> {
  const { document, diagnostics } = readPlanDocument(await readTextFile(path), { file: path });
  await reportInput(diagnostics, '', flags);
  if (document === undefined) return 1;
  const { plan, variant, incomplete = false } = document;
  if (incomplete && flags.allowErrors !== true) {
    throw new HostError('the plan was made of an input with errors; nothing was changed', {
      details: ['Services that could not be read would lose their rules.'],
      advice: 'mend the input and plan again; --allow-errors carries this plan out',
    });
  }
  if (flags.variant !== 'auto' && flags.variant !== variant) {
    throw new UsageError(`the plan was made for iptables-${variant}; leave --variant ${flags.variant} out`);
  }
  const families = plan.families.map(({ family }) => family);
  const node = await openNode({ ...flags, variant }, families);
  const { quiet } = flags;
  const read = async (): Promise<ObservedNode & { readonly ipvs: IpvsState | undefined }> => {
    const found = await observeNode(node.runner, variant, node.families, { ...node, refusesOpenQuotes: true });
    const ipvs = plan.ipvs === undefined ? undefined : await node.kubeIpvs().observe(true);
    await refuseStale(document, found.families, ipvs, node);
    return { ...found, ipvs };
  };
  const { families: observed } = await read();
  await writeOutFirst(showPlan({ plan, observed, desired: rulesAfterAll(plan, observed) }, flags));
  if (isEmptyPlan(plan)) return 0;
  if (canAsk(flags) && !(await ask('Apply these changes?', signal))) {
    await writeErr('nothing was changed\n');
    return 1;
  }
  return await withNodeLock(node, { quiet, signal }, async () => {
    const now = await read();
    const options = { stateDir: flags.stateDir, quiet, signal, observed: now.families, observeMs: now.observeMs };
    const ipvs = now.ipvs === undefined ? undefined : { state: now.ipvs, drainSeconds: flags.drainTimeout };
    await loadPlan(plan, node, { ...options, verify: inEffect, ipvs });
    if (quiet !== true) await writeErr(appliedNote(flags));
    return 0;
  });
}

async function refuseStale(
  document: PlanDocument,
  observed: readonly Observation[],
  ipvs: IpvsState | undefined,
  node: OpenNode,
): Promise<void> {
  const changed = (family: IpFamily): boolean => {
    const found = observed.find((o) => o.family === family);
    return found === undefined || fingerprint(found.saved) !== document.fingerprint[family];
  };
  const families = document.plan.families.map(({ family }) => family).filter(changed);
  const settings: string[] = [];
  for (const { key, previous } of document.plan.sysctls) {
    if ((await readSysctl(node.runner, key)) !== previous) settings.push(key);
  }
  const what = [
    ...families.map((family) => `its ${family === 'ipv4' ? 'IPv4' : 'IPv6'} rules`),
    ...(isStaleIpvs(document, ipvs) ? ['its virtual servers, sets or addresses'] : []),
    ...settings,
  ];
  if (what.length === 0) return;
  throw new HostError(`the node has changed since the plan was made (${what.join(', ')}); nothing was changed`, {
    advice: 'make a new plan with chainsmith plan --out FILE',
  });
}

function isStaleIpvs({ plan, fingerprint: made }: PlanDocument, state: IpvsState | undefined): boolean {
  if (plan.ipvs === undefined || state === undefined) return false;
  return ipvsFingerprint(state) !== made.ipvs || staleIpvs(plan.ipvs, state).length > 0;
}
