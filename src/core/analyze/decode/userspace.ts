import type { Dispatch } from './dispatch.ts';
import type { DraftBook } from './drafts.ts';
import type { Step } from './chain-book.ts';

/** The chains of the userspace mode (until 1.25), which redirects what is for Services to ports of kube-proxy itself. */
export const USERSPACE_ENTRIES: readonly string[] = [
  'KUBE-PORTALS-CONTAINER',
  'KUBE-PORTALS-HOST',
  'KUBE-NODEPORT-CONTAINER',
  'KUBE-NODEPORT-HOST',
];

/** Puts their rules where they belong. Returns those that belong nowhere. */
export function gatherUserspace(dispatch: Dispatch, drafts: DraftBook): readonly Step[] {
  const others: Step[] = [...dispatch.others];
  for (const rule of dispatch.rules) {
    const { target } = rule.step.at.rule;
    const port =
      target.kind === 'redirect' ? target.ports?.first : target.kind === 'dnat' ? target.to.ports?.first : undefined;
    if (port === undefined) others.push(rule.step);
    else drafts.frontend(drafts.ofRule(rule), rule.destination).proxy.push({ rule, port });
  }
  return others;
}
