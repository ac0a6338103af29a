import type { LintRule } from '../lint-rule.ts';
import { staleGroups } from '../stale-connections.ts';

export const conntrackStaleUdp: LintRule = {
  code: 'conntrack-stale-udp',
  severity: 'error',
  title: 'UDP clients are still sent to an endpoint that is gone',
  needs: 'conntrack',
  holds: 'No remembered UDP connection of a Service leads to an address that is no endpoint of it.',
  why: 'Only the first packet of a connection meets the rules; the kernel sends the others where that one went. A UDP client that goes on asking from the same port, a DNS resolver above all, keeps the entry alive and never gets an answer. kube-proxy deletes such entries, except where it missed them: 1.32 to 1.36 overlooked Services that were scaled to zero.',
  issues: [
    'kubernetes/kubernetes#125467',
    'kubernetes/kubernetes#48370',
    'kubernetes/kubernetes#66651',
    'kubernetes/kubernetes#139628',
    'kubernetes/kubernetes#122740',
  ],
  fix: 'Delete the entries with conntrack -D; only these need to go.',
  check: (context) => staleGroups(context, 17, 'udp'),
};
