/** As iptables-save lists them, and the order of their bits. */
export const TCP_FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'] as const;

/** `SYN,ACK`; `NONE` for none. */
export function tcpFlagsText(bits: number): string {
  return bits === 0 ? 'NONE' : TCP_FLAGS.filter((_, i) => (bits & (1 << i)) !== 0).join(',');
}
