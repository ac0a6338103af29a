import type { IpvsDraft } from '../../decode/ipvs/ipvs-drafts.ts';
import type { Found } from '../finding.ts';
import type { IpvsView } from '../ipvs-view.ts';
import { draftText } from '../ipvs-words.ts';
import type { LintRule } from '../lint-rule.ts';

export const nodePortUneven: LintRule = {
  code: 'node-port-uneven',
  severity: 'error',
  title: 'a node port with other real servers on another address of the node',
  needs: 'ipvs-and-sets',
  holds:
    'The virtual servers of a node port have the same real servers, scheduler and persistence on all addresses of the node.',
  why: 'kube-proxy gives a node port a virtual server on each address of the node, all alike. Where they differ, it has stopped half-way, or somebody has changed one by hand: which endpoints a client gets depends on the address that it asks.',
  issues: [],
  fix: 'Restart kube-proxy, which makes them alike.',
  check: ({ ipvs }) => ipvs.flatMap(inFamily),
};

function inFamily({ drafts, serverPlace }: IpvsView): readonly Found[] {
  const byPort = new Map<string, IpvsDraft[]>();
  for (const draft of drafts) {
    if (draft.kind !== 'node-port') continue;
    const name = draftText(draft);
    byPort.set(name, [...(byPort.get(name) ?? []), draft]);
  }
  return [...byPort].flatMap(([name, same]) => {
    if (same.length < 2) return [];
    const parts = same.map(({ keys }) => keys.join(' and '));
    return [{ message: `${name} is not the same on ${parts.join(' as on ')}`, place: serverPlace }];
  });
}
