export const conntrackCodes = {
  'conntrack-bad-line': {
    severity: 'warning',
    title: 'a line that conntrack -L does not print',
    explanation:
      'Entries look like "udp 17 29 src=... dst=... sport=... dport=... src=... dst=... sport=... dport=...", with both directions of the connection. The line was passed over and the others were read.',
  },
  'conntrack-unreadable': {
    severity: 'error',
    title: 'nothing in it is a listing of connections',
    explanation:
      'The file given with --conntrack has no line that conntrack -L prints. Take it on the node, as root: conntrack -L > FILE. The same lines are in /proc/net/nf_conntrack where the kernel has that file. XML (-o xml) is not read.',
  },
} as const;
