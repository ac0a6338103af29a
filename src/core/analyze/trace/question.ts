import type { HookName } from './course.ts';

/** What the rules depend on and a dump cannot know. */
export interface Question {
  readonly kind: QuestionKind;
  /** Two questions with the same key have the same answer. */
  readonly key: string;
  /** A sentence part that is true if the answer is yes: `10.1.2.3 is in the set blocked`. */
  readonly yes: string;
  /** The same for no. */
  readonly no: string;
  /** Of a list of xt_recent or an ipset: its name. Of an address: its text. Of a match: what stands behind -m. */
  readonly subject: string;
  /** Where it was asked first. */
  readonly place: Place | undefined;
  /** The hook that it is about, if the answer may be another in each. */
  readonly hook?: HookName;
  /** The answer that is assumed where nobody gives one, if it is not the same for all of the kind. */
  readonly likely?: boolean;
}

export interface Place {
  readonly table: string;
  readonly chain: string;
  /** 1-based line of the dump. */
  readonly line: number;
  /** The rule as it stands in the dump. */
  readonly text: string;
}

export type QuestionKind =
  /** xt_recent: is the address in the list, young enough and often enough? */
  | 'recent'
  /** ipset: is it a member? */
  | 'set'
  /** A match that is not known: does it match? */
  | 'match'
  /** A target that is not known: does it let the packet go on to the next rule? */
  | 'target'
  /** Is the rate of -m limit kept? */
  | 'limit'
  /** Is this the interface by which it comes in, or leaves? */
  | 'in-interface'
  | 'out-interface'
  /** Does it cross a bridge? */
  | 'bridge'
  /** Is it an address of this node? */
  | 'local'
  /** Is the node's own address, which nobody has said, in that range? */
  | 'own-address'
  /** Does the packet belong to a connection of IPVS? */
  | 'ipvs'
  /** Has IPVS a virtual server for it? */
  | 'virtual-server'
  /** conntrack's status and timeouts; other facts of a connection. */
  | 'connection'
  /** Is the client's port, which nobody has said, in that range? */
  | 'client-port'
  /** Does route_localnet let packets from or to 127.0.0.0/8 cross the border of the node? */
  | 'route-localnet'
  /** Is the policy of a built-in chain ACCEPT? */
  | 'policy'
  /** Does NAT choose this one of several addresses or ports? */
  | 'nat-choice';

/**
 * What is taken for true where nothing else is said. Questions that are not here are left open: the trace follows both answers, and each
 * outcome says when it happens.
 */
const ASSUMED: { readonly [K in QuestionKind]?: boolean } = {
  recent: false,
  limit: true,
  'in-interface': false,
  'out-interface': false,
  bridge: false,
  local: false,
  'own-address': false,
  'route-localnet': true,
  policy: true,
};

export function assumedAnswer({ kind, likely }: Question): boolean | undefined {
  return likely ?? ASSUMED[kind];
}
