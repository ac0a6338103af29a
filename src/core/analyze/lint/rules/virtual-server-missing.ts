import { refusesAll } from '../../../ruleset/connection-port.ts';
import { draftText } from '../ipvs-words.ts';
import type { LintRule } from '../lint-rule.ts';

const ALL_PORTS = ' but one for all ports, which IPVS refuses without persistence';

export const virtualServerMissing: LintRule = {
  code: 'virtual-server-missing',
  severity: 'error',
  title: 'a set names an address that has no virtual server',
  needs: 'ipvs-and-sets',
  holds: 'Each address and port in a set of kube-proxy has a virtual server.',
  why: 'Rules let packets for what the set names pass to IPVS. Without a virtual server IPVS leaves them to the node itself, since the address is one of kube-ipvs0: they are refused, or answered by some program of the node that listens on all addresses.',
  issues: [],
  fix: 'Restart kube-proxy, which makes what is missing. If it comes back, look for another program that removes virtual servers.',
  check: ({ ipvs }) =>
    ipvs.flatMap((view) =>
      view.ipvs === undefined
        ? []
        : view.drafts.flatMap((draft) =>
            draft.kind !== 'virtual-server' && draft.servers.every(refusesAll)
              ? [
                  {
                    message: `${draftText(draft)} has no virtual server${draft.servers.length === 0 ? '' : ALL_PORTS}`,
                    place: view.setPlace,
                    related: [view.serverPlace],
                  },
                ]
              : [],
          ),
    ),
};
