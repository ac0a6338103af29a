// The chains that list all Services: which address and port each of their rules is about, and what it does.
import type { ServiceComment } from '../kube/service-comment.ts';
import { serviceCommentOf } from '../kube/service-comment.ts';
import { serviceChainRole } from '../kube/service-chain.ts';
import type { ChainBook, Step } from './chain-book.ts';
import { hostOf } from './endpoint-chain.ts';
import { conditionTexts, type Guard } from './guard.ts';

/** What a rule is about, with what the jumps to its chain have asked already. */
export interface Destination {
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** IANA's number. */
  readonly protocol: number | undefined;
  /** For addresses of this node, whichever: a node port. */
  readonly isNodePort: boolean;
}

export interface DispatchRule {
  readonly table: string;
  readonly chain: string;
  readonly step: Step;
  readonly destination: Destination;
  /** Further conditions, as rules are written. */
  readonly conditions: readonly string[];
  readonly comment: ServiceComment | undefined;
}

export interface Dispatch {
  readonly rules: readonly DispatchRule[];
  /** Those that lead from one such chain to the next. */
  readonly links: readonly Step[];
  /** Those that lead to node ports. */
  readonly toNodePorts: readonly Step[];
  /** Those that are none of this. */
  readonly others: readonly Step[];
}

export interface DispatchOptions {
  readonly book: ChainBook;
  /** Where to begin; those that a jump has led to are not begun again. */
  readonly entries: readonly string[];
  /** A jump to this chain is the end of it: what the chain does with packets is the same for all of them. */
  readonly isLeaf: (chain: string) => boolean;
}

/** Chains whose rules name nothing but a port of the node. Those with -CONTAINER and -HOST are the userspace mode's. */
const NODE_PORTS: ReadonlySet<string> = new Set(['KUBE-NODEPORTS', 'KUBE-NODEPORT-CONTAINER', 'KUBE-NODEPORT-HOST']);
/** nft allows no more nested jumps. */
const DEEPEST = 16;
/** A chain that lists Services can be entered from several rules. Nobody does that so often that far more rules are met than there are. */
const mostRules = ({ chains }: ChainBook): number => {
  let all = 10_000;
  for (const { rules } of chains.values()) all += rules.length;
  return all;
};

interface Place {
  readonly chain: string;
  readonly destination: Destination;
  readonly conditions: readonly string[];
  readonly depth: number;
}

const ANYWHERE: Destination = { address: undefined, port: undefined, protocol: undefined, isNodePort: false };

export function readDispatch({ book, entries, isLeaf }: DispatchOptions): Dispatch {
  const rules: DispatchRule[] = [];
  const links: Step[] = [];
  const toNodePorts: Step[] = [];
  const others: Step[] = [];
  const entered = new Set<string>();
  let budget = mostRules(book);

  const read = (place: Place): void => {
    entered.add(place.chain);
    for (const step of book.steps(place.chain) ?? []) {
      budget -= 1;
      const destination = join(place, step.guard);
      const { target } = step.at.rule;
      if (destination === undefined || step.at.rule.leftover.length > 0) others.push(step);
      else if (isComplete(destination)) rules.push(dispatchRule(book.table, place, step, destination));
      else if (target.kind !== 'jump' && target.kind !== 'goto') others.push(step);
      else if (isLeaf(target.chain)) {
        const leaf = serviceChainRole(target.chain) !== undefined && destination.address !== undefined;
        if (leaf) rules.push(dispatchRule(book.table, place, step, destination));
        else others.push(step);
      } else {
        descend(place, step, target.chain, destination);
      }
    }
  };

  const descend = (place: Place, step: Step, chain: string, destination: Destination): void => {
    if (place.depth >= DEEPEST || budget < 0 || book.steps(chain) === undefined) {
      others.push(step);
      return;
    }
    (NODE_PORTS.has(chain) ? toNodePorts : links).push(step);
    // Node ports are asked for once for each address of the node.
    if (NODE_PORTS.has(chain) && entered.has(chain)) return;
    const inner = NODE_PORTS.has(chain) ? { ...destination, address: undefined, isNodePort: true } : destination;
    const conditions = NODE_PORTS.has(chain) ? [] : [...place.conditions, ...ownConditions(step.guard, destination)];
    read({ chain, destination: inner, conditions, depth: place.depth + 1 });
  };

  for (const chain of entries) {
    if (entered.has(chain)) continue;
    const destination = NODE_PORTS.has(chain) ? { ...ANYWHERE, isNodePort: true } : ANYWHERE;
    read({ chain, destination, conditions: [], depth: 0 });
  }
  return { rules, links, toNodePorts, others };
}

function dispatchRule(table: string, place: Place, step: Step, destination: Destination): DispatchRule {
  const { chain, conditions } = place;
  return {
    table,
    chain,
    step,
    destination,
    conditions: [...conditions, ...ownConditions(step.guard, destination)],
    comment: serviceCommentOf(step.at.rule),
  };
}

/** That a node port is asked for at an address of the node is no further condition. */
function ownConditions(guard: Guard, { isNodePort }: Destination): readonly string[] {
  const all = conditionTexts(isNodePort ? { ...guard, toLocal: undefined } : guard);
  const { destination } = guard;
  if (destination === undefined || addressOf(guard) !== null) return all;
  const text = destination.network === undefined ? destination.text : destination.network.text;
  return [...all, `${destination.negated ? '! ' : ''}-d ${text}`];
}

/** A rule that can be told of by address and port. */
function isComplete({ address, port, isNodePort }: Destination): boolean {
  return port !== undefined && (address !== undefined || isNodePort);
}

/** Undefined where a rule asks for ports of a network, or of all but something. */
function join({ destination: outer }: Place, guard: Guard): Destination | undefined {
  const own = addressOf(guard);
  // `-d 127.0.0.0/8` of a node port is one that kube-proxy counts by a rule of its own (since 1.31).
  const isCounted = outer.isNodePort && guard.destination?.negated !== true;
  if (own === null && guard.port !== undefined && !isCounted) return undefined;
  const address = own ?? outer.address;
  const isNodePort = outer.isNodePort || (guard.toLocal === true && address === undefined);
  return {
    address: isNodePort ? undefined : address,
    port: guard.port ?? outer.port,
    protocol: guard.protocol ?? outer.protocol,
    isNodePort,
  };
}

/** null for a destination that is no single address. */
function addressOf({ destination }: Guard): string | null | undefined {
  if (destination === undefined) return undefined;
  if (destination.negated) return null;
  // A placeholder, as people put into what they publish.
  if (destination.network === undefined) return destination.text.replace(/\/\d+$/, '');
  return hostOf(destination.network) ?? null;
}
