import { serviceChainRole } from '../kube/service-chain.ts';
import { CERTAIN } from './chance.ts';
import type { Step } from './chain-book.ts';
import type { Destination, Dispatch, DispatchRule } from './dispatch.ts';
import { destinationKey, type DraftBook, type FrontendDraft, type PortDraft } from './drafts.ts';
import { isUnconditional } from './guard.ts';
import { SOURCES } from './masquerade.ts';
import type { ChainWalker, Terrain } from './walk-chain.ts';

/** Puts the rules of nat that list Services where they belong. Returns those that belong nowhere. */
export function gatherNat(
  dispatch: Dispatch,
  drafts: DraftBook,
  terrain: Terrain,
  walker: ChainWalker,
): readonly Step[] {
  const others: Step[] = [];
  const marking: DispatchRule[] = [];
  const takenBy = new Map<string, { readonly port: PortDraft; readonly line: number }>();
  for (const rule of dispatch.rules) {
    const { step, destination } = rule;
    const { target } = step.at.rule;
    if (terrain.masquerades(step) || terrain.drops(step)) marking.push(rule);
    else if (target.kind === 'jump' || target.kind === 'goto') {
      if (comesBack(target.chain, walker)) {
        others.push(step);
        continue;
      }
      const isEndpoint = walker.endpoint(target.chain) !== undefined;
      const port = isEndpoint ? drafts.ofRule(rule) : drafts.ofChain(target.chain);
      const frontend = drafts.frontend(port, destination);
      frontend.balance.push(rule);
      if (rule.comment !== undefined) drafts.name(port, rule.comment, step.at.line);
      shadow(rule, port, frontend, takenBy);
    } else if (target.kind === 'dnat') drafts.frontend(drafts.ofRule(rule), destination).balance.push(rule);
    else if (target.kind === 'drop' || target.kind === 'reject') marking.push(rule);
    else others.push(step);
  }
  // Only now is it known which service port has the address that they are about.
  for (const rule of marking) {
    const frontend = drafts.frontend(drafts.ofRule(rule), rule.destination);
    (terrain.masquerades(rule.step) ? frontend.masquerade : frontend.refuse).push(rule);
  }
  return others;
}

/** A chain that only marks packets, or counts them: they are not taken by it. */
function comesBack(chain: string, walker: ChainWalker): boolean {
  if (serviceChainRole(chain) !== undefined || walker.endpoint(chain) !== undefined) return false;
  return SOURCES.every((source) => {
    const { picks, rest } = walker.outcome(chain, source);
    return picks.size === 0 && rest === CERTAIN;
  });
}

function shadow(
  { step, destination, conditions }: DispatchRule,
  port: PortDraft,
  frontend: FrontendDraft,
  takenBy: Map<string, { readonly port: PortDraft; readonly line: number }>,
): void {
  const key = destinationKey(destination);
  const before = takenBy.get(key);
  if (before !== undefined && before.port !== port) frontend.shadowedBy ??= before.line;
  if (before === undefined && conditions.length === 0 && isUnconditional(step.guard)) {
    takenBy.set(key, { port, line: step.at.line });
  }
}

const NO_DESTINATION: Destination = { address: undefined, port: undefined, protocol: undefined, isNodePort: false };

/** The same for filter, where packets are refused, and health checks let in. */
export function gatherFilter(dispatch: Dispatch, drafts: DraftBook): readonly Step[] {
  const others: Step[] = [];
  for (const rule of dispatch.rules) {
    const { target } = rule.step.at.rule;
    if (target.kind === 'reject' || target.kind === 'drop') {
      drafts.frontend(drafts.ofRule(rule), rule.destination).refuse.push(rule);
    } else if (target.kind === 'accept' && rule.comment?.topic === 'health-check') {
      const port = drafts.ofName(rule.comment) ?? drafts.ofRule({ ...rule, destination: NO_DESTINATION });
      port.healthCheck ??= rule;
    } else others.push(rule.step);
  }
  return others;
}
