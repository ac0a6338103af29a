/** One direction of a connection. */
export interface ConntrackTuple {
  /** As printed: `10.96.0.10`, `fd00::a`. */
  readonly source: string;
  readonly destination: string;
  /** Undefined for protocols without ports. */
  readonly sourcePort: number | undefined;
  readonly destinationPort: number | undefined;
}

/** One connection that the kernel remembers. */
export interface ConntrackEntry {
  /** IANA's number. */
  readonly protocol: number;
  /** The first packet, as it arrived. */
  readonly original: ConntrackTuple;
  /** What an answer looks like before it is translated back: its source is where DNAT has sent the connection. */
  readonly reply: ConntrackTuple;
  /** TCP's and SCTP's, `ESTABLISHED`, `TIME_WAIT` ...; undefined for other protocols. */
  readonly state: string | undefined;
  /** No answer was seen yet. */
  readonly unreplied: boolean;
  /** 1-based line of the listing. */
  readonly line: number;
}
