/** The schedulers of Linux (net/netfilter/ipvs/ip_vs_*.c): twos since 5.12, mh since 4.18, ovf since 4.3, fo since 3.18. */
export const ipvsSchedulers: readonly string[] = [
  'rr',
  'wrr',
  'lc',
  'wlc',
  'lblc',
  'lblcr',
  'dh',
  'sh',
  'sed',
  'nq',
  'fo',
  'ovf',
  'mh',
  'twos',
];
