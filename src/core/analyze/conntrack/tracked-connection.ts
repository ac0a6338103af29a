/** A connection that the kernel follows, as far as its way through a Service goes. Addresses are canonical text: `10.0.0.1`, `fd00::1`. */
export interface TrackedConnection {
  /** IANA's number. */
  readonly protocol: number;
  /** The client, as it sends. */
  readonly source: string;
  readonly sourcePort: number;
  /** What the client sends to, before any translation. */
  readonly destination: string;
  readonly destinationPort: number;
  /** Where answers come from, and so where its packets go. That is the destination if nothing was translated. */
  readonly target: string;
  readonly targetPort: number;
}

/** Those whose connections are looked after. TCP's are left to their ends, as kube-proxy does: they notice. */
export type ConnectionProtocol = 'UDP' | 'SCTP';

/** IANA's numbers. */
export const PROTOCOL_NUMBER: { readonly [P in ConnectionProtocol]: number } = { UDP: 17, SCTP: 132 };
