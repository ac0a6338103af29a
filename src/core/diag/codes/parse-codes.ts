export const parseCodes = {
  'dump-bad-line': {
    severity: 'error',
    title: 'a line that iptables-save does not write',
    explanation:
      'The line stands in a table of the dump and is neither a comment, nor a chain (":CHAIN POLICY [packets:bytes]"), nor a rule ("-A CHAIN ..."), nor COMMIT. It was left out; everything else was read. iptables-restore would refuse the whole table.',
  },
  'dump-truncated': {
    severity: 'error',
    title: 'a dump that ends too early',
    explanation:
      'Each table of a dump ends with the line COMMIT. Without it the dump was cut: by a full disk, a pipe that broke, a pager, or a copy of a part of the screen. What is there was read, but rules are missing, so nothing should be concluded from what is not there. Take the dump again: iptables-save > FILE',
  },
  'dump-repeated-table': {
    severity: 'warning',
    title: 'a table that occurs twice in a dump',
    explanation:
      'iptables-save prints each table once. Here two dumps, or parts of several, stand in one file (both families perhaps, or before and after). The chains of the second were added to those of the first.',
  },
  'dump-repeated-chain': {
    severity: 'warning',
    title: 'a chain that is declared twice in a table',
    explanation:
      'iptables-save declares each chain once. The later policy and counters were taken, and the rules of both were kept, one after the other.',
  },
} as const;
