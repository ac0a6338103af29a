import type { IpFamily } from '../../core/model/ip.ts';
import type { PlanDocument } from '../../core/plan/document/plan-document.ts';
import { readPlanDocument } from '../../core/plan/document/read-plan-document.ts';
import { fingerprint } from '../../core/plan/fingerprint.ts';
import { isEmptyPlan } from '../../core/plan/plan.ts';
import { HostError } from '../../host/host-error.ts';
import { inEffect } from '../../host/iptables/apply-plan.ts';
import type { Observation } from '../../host/iptables/observe.ts';
import { observeNode } from '../../host/iptables/plan-node.ts';
import { readSysctl } from '../../host/sysctl.ts';
import { readTextFile } from '../../host/sources/read-text-file.ts';
import { ask, canAsk } from '../output/ask.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { printPlan } from '../output/print-plan.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import type { ApplyFlags } from './apply.ts';
import { loadPlan } from './load-plan.ts';
import { openNode, type OpenNode } from './open-node.ts';
import { reportInput } from './show-plan.ts';
import { withNodeLock } from './with-node-lock.ts';

/** Does what the file says, and nothing else; refuses if the node is not as it was when the plan was made. */
export async function applyPlanFile(path: string, flags: ApplyFlags, signal: AbortSignal): Promise<number> {
  const { document, diagnostics } = readPlanDocument(await readTextFile(path), { file: path });
  await reportInput(diagnostics, '', flags);
  if (document === undefined) return 1;
  const { color, diff = false, verbose = false, quiet } = flags;
  const variant = flags.variant === 'auto' ? document.variant : flags.variant;
  const families = document.plan.families.map(({ family }) => family);
  const node = await openNode({ ...flags, variant }, families);
  await writeOut(printPlan(document, { diff, verbose, paint: paint(wantsColor(color, process.stdout)) }));
  if (!isEmptyPlan(document.plan) && canAsk(flags) && !(await ask('Apply these changes?'))) {
    await writeErr('nothing was changed\n');
    return 1;
  }
  return await withNodeLock(node, { quiet, signal }, async () => {
    const { families: observed, observeMs } = await observeNode(node.runner, variant, node.families, node);
    await refuseStale(document, observed, node);
    const { plan } = document;
    if (isEmptyPlan(plan)) return 0;
    await loadPlan(plan, node, { stateDir: flags.stateDir, quiet, signal, observed, observeMs, verify: inEffect });
    if (quiet !== true) await writeErr('applied; chainsmith undo takes it back\n');
    return 0;
  });
}

async function refuseStale(document: PlanDocument, observed: readonly Observation[], node: OpenNode): Promise<void> {
  const changed = (family: IpFamily): boolean => {
    const found = observed.find((o) => o.family === family);
    return found === undefined || fingerprint(found.saved) !== document.fingerprint[family];
  };
  const families = document.plan.families.map(({ family }) => family).filter(changed);
  const settings: string[] = [];
  for (const { key, previous } of document.plan.sysctls) {
    if ((await readSysctl(node.runner, key)) !== previous) settings.push(key);
  }
  const what = [...families.map((family) => `its ${family === 'ipv4' ? 'IPv4' : 'IPv6'} rules`), ...settings];
  if (what.length === 0) return;
  throw new HostError(`the node has changed since the plan was made (${what.join(', ')}); nothing was changed`, {
    advice: 'make a new plan with chainsmith plan --out FILE',
  });
}
