import type { RulesetChain, RulesetRule } from '../../ruleset/ruleset.ts';
import type { VirtualServer } from '../../ruleset/virtual-server.ts';
import type { Address } from './address.ts';
import type { ConnectionState, Header } from './packet.ts';
import type { Share } from './share.ts';
import { addWeights, type Condition, type Weight } from './weight.ts';

/** One possible course of the packet so far. Values: nothing in it is ever changed. */
export interface Course {
  readonly weight: Weight;
  readonly header: Header;
  readonly mark: number;
  readonly connection: Connection;
  /** The last step; undefined at the start. */
  readonly path: Path | undefined;
  /** How many rules the kernel has asked. */
  readonly cost: number;
  /** How many ways led here that were the same for the packet; the path is that of the first of them. */
  readonly ways: number;
  /** What the packet itself has changed: entries of xt_recent lists, by their question's key. */
  readonly facts: Facts;
  /** IPVS has had its turn with the packet (skb->ipvs_property), and will not look at it again. */
  readonly handled: boolean;
  /** The node sent it from 127.0.0.0/8, and some routing decision led out of the node. */
  readonly leavesLoopback: boolean;
}

export type Facts = Readonly<Record<string, boolean>>;

/** What conntrack knows of the packet's connection. */
export interface Connection {
  readonly state: ConnectionState;
  /** conntrack has looked at the packet: not yet in the table raw. */
  readonly seen: boolean;
  readonly direction: 'ORIGINAL' | 'REPLY';
  /** As the first packet came. */
  readonly original: Tuple;
  readonly mark: number;
  /** Where the first packet's destination went; undefined: it stayed. */
  readonly destinationNat: Translation | undefined;
  /** What the first packet's source became; undefined: it stayed. */
  readonly sourceNat: Translation | undefined;
  /** Its rules were asked, and will not be again. */
  readonly destinationDone: boolean;
  readonly sourceDone: boolean;
  /** Which real server it was given; undefined: it is none of IPVS. */
  readonly ipvs: IpvsConnection | undefined;
  /** Its first packet has passed all hooks. */
  readonly confirmed: boolean;
}

export interface Tuple {
  readonly source: Address;
  readonly destination: Address;
  readonly sourcePort: number | undefined;
  readonly destinationPort: number | undefined;
}

export interface IpvsConnection {
  readonly server: VirtualServer;
  /** What it was sent to. */
  readonly virtual: Pick<Tuple, 'destination' | 'destinationPort'>;
  readonly real: { readonly address: Address; readonly port: number };
}

export interface Translation {
  readonly kind: 'dnat' | 'redirect' | 'snat' | 'masquerade';
  readonly address: Address;
  readonly port: number | undefined;
  readonly rule: RulesetRule;
}

export type HookName = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

/** A rule that matched, or what happened without a rule. */
export interface Step {
  readonly hook: HookName;
  readonly table: string;
  readonly chain: string;
  /** Undefined for a policy, and for what conntrack does by itself. */
  readonly rule: RulesetRule | undefined;
  readonly effect: Effect;
  /** Of a jump: where it leads. */
  readonly into?: RulesetChain | undefined;
  /** How likely the rule was to match, if that was left to chance. */
  readonly chance: Share | undefined;
  /** What had to be so for it to match, and is not known. */
  readonly conditions: readonly Condition[];
}

export type Effect =
  | { readonly kind: 'none' | 'log' | 'return' | 'accept' | 'drop' | 'untracked' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  /** `why`: where no rule says it. */
  | { readonly kind: 'reject'; readonly with: string; readonly why?: string }
  | { readonly kind: 'mark' | 'connmark'; readonly before: number; readonly after: number }
  | { readonly kind: Translation['kind']; readonly address: Address; readonly port: number | undefined }
  /** The end of a built-in chain. */
  | { readonly kind: 'policy'; readonly policy: string }
  /** There are too many ways through the chain of a hook to follow all. */
  | { readonly kind: 'gave-up' }
  /** conntrack translates a packet of a connection that it knows. */
  | { readonly kind: 'source' | 'destination'; readonly address: Address; readonly port: number | undefined }
  /** IPVS gives the packet to a real server. */
  | {
      readonly kind: 'ipvs';
      readonly address: Address;
      readonly port: number;
      /** It was chosen for this packet; else for the first one of its connection. */
      readonly chosen:
        { readonly scheduler: string; readonly among: number; readonly stays: number | undefined } | undefined;
    }
  /** A target that changes nothing of what rules look at. */
  | { readonly kind: 'other'; readonly name: string }
  /** A target of which it is not known what it does. */
  | { readonly kind: 'unknown'; readonly name: string; readonly goesOn: boolean };

/** Steps from the last to the first; courses share their beginnings. */
export interface Path {
  readonly step: Step;
  readonly before: Path | undefined;
}

export function withStep(course: Course, step: Step): Course {
  return { ...course, path: { step, before: course.path } };
}

/** Steps from the first to the last. */
export function stepsOf(path: Path | undefined): readonly Step[] {
  const steps: Step[] = [];
  for (let at = path; at !== undefined; at = at.before) steps.push(at.step);
  return steps.reverse();
}

/** So few courses are kept apart, with a path of their own, though nothing makes a difference between them any more. */
const KEPT_APART = 64;

/**
 * Puts courses together that no later rule can tell apart, once there are so many that following each would take too long. Order is
 * kept.
 */
export function mergeCourses(courses: readonly Course[], least: number = KEPT_APART): readonly Course[] {
  if (courses.length <= least) return courses;
  const byKey = new Map<string, Course>();
  for (const course of courses) {
    const key = courseKey(course);
    const before = byKey.get(key);
    byKey.set(key, before === undefined ? course : join(before, course));
  }
  return byKey.size === courses.length ? courses : [...byKey.values()];
}

function join(a: Course, b: Course): Course {
  const weight = addWeights(a.weight, b.weight);
  return { ...a, weight, cost: Math.max(a.cost, b.cost), ways: a.ways + b.ways };
}

function courseKey({ header, mark, connection, facts, handled, leavesLoopback }: Course): string {
  const nat = (one: Translation | undefined): string =>
    one === undefined ? '' : `${one.kind} ${textOf(one.address)} ${one.port ?? ''}`;
  return [
    textOf(header.source),
    header.sourcePort,
    textOf(header.destination),
    header.destinationPort,
    mark,
    connection.state,
    connection.mark,
    nat(connection.destinationNat),
    nat(connection.sourceNat),
    connection.seen,
    connection.destinationDone,
    connection.sourceDone,
    connection.ipvs === undefined ? '' : `${textOf(connection.ipvs.real.address)} ${connection.ipvs.real.port}`,
    handled,
    leavesLoopback,
    JSON.stringify(facts),
  ].join('|');
}

function textOf(address: Address): string {
  return address === 'own' ? 'own' : address.text;
}
