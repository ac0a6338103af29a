/**
 * Walks one new connection through iptables-save text, as netfilter would, to all outcomes that are possible and the exact chance of
 * each. It is the golden tests' second opinion: it shares no code with the compiler, and a match or target that it does not know is
 * an error, never taken for granted.
 *
 *     from the node:  nat OUTPUT -> filter OUTPUT -> nat POSTROUTING -> (to the node) filter INPUT
 *     from elsewhere: nat PREROUTING -> (to the node) filter INPUT
 *                                    -> (through it) filter FORWARD -> nat POSTROUTING
 */
import { readRules, type RulesTables } from './golden-rules.ts';
import { isInside, isLocalAddress, isLoopbackAddress, splitEndpoint } from './packet-addresses.ts';
import { readRule, type WalkRule } from './packet-rule.ts';

export interface Packet {
  readonly source: string;
  readonly destination: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  /** Where it comes in, if it is not from the node itself. */
  readonly inInterface: string;
}

export interface WalkedNode {
  /** Addresses of its interfaces, besides 127.0.0.0/8 and ::1. */
  readonly localAddresses: readonly string[];
  /** The endpoint that the client was sent to before: `-m recent` finds the client in this endpoint's list. */
  readonly remembered?: string | undefined;
}

export type Verdict =
  | { readonly kind: 'endpoint'; readonly endpoint: string; readonly masquerade: boolean }
  | { readonly kind: 'untouched'; readonly masquerade: boolean }
  | { readonly kind: 'drop' }
  | { readonly kind: 'reject' };

export interface Outcome {
  readonly verdict: Verdict;
  /** In units of 2^-bits: xt_statistic decides by 31 random bits each time. */
  readonly share: Share;
  /** The rules that matched, for messages. */
  readonly path: readonly string[];
}

export interface Share {
  readonly units: bigint;
  readonly bits: number;
}

interface State {
  readonly share: Share;
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  readonly dnat: boolean;
  readonly masquerade: boolean;
  readonly mark: number;
  readonly path: readonly string[];
}

interface Ended {
  readonly state: State;
  readonly end: 'accept' | 'drop' | 'reject';
}

export const STATISTIC_BITS = 31;
const STATISTIC_ONE = 2 ** STATISTIC_BITS;

/** All outcomes, endpoints first; the shares add up to 1. */
export function walkPacket(text: string, packet: Packet, node: WalkedNode): readonly Outcome[] {
  return packetWalker(text)(packet, node);
}

/** The same for many packets: the text is read once. */
export function packetWalker(text: string): (packet: Packet, node: WalkedNode) => readonly Outcome[] {
  const tables = readRules(text);
  const rules = new Map<string, readonly WalkRule[]>();
  return (packet, node) => new Walker(tables, rules, packet, node).walk();
}

class Walker {
  readonly #tables: RulesTables;
  readonly #packet: Packet;
  readonly #node: WalkedNode;
  /** Those that were read already. */
  readonly #rules: Map<string, readonly WalkRule[]>;

  constructor(tables: RulesTables, rules: Map<string, readonly WalkRule[]>, packet: Packet, node: WalkedNode) {
    this.#tables = tables;
    this.#rules = rules;
    this.#packet = packet;
    this.#node = node;
  }

  walk(): readonly Outcome[] {
    const { destination, port, source } = this.#packet;
    const start: State = {
      share: { units: 1n, bits: 0 },
      source,
      destination,
      port,
      dnat: false,
      masquerade: false,
      mark: 0,
      path: [],
    };
    const fromNode = isLocalAddress(source, this.#node.localAddresses);
    const outcomes: Outcome[] = [];
    for (const routed of this.#hook('nat', fromNode ? 'OUTPUT' : 'PREROUTING', [start], outcomes)) {
      const toNode = isLocalAddress(routed.destination, this.#node.localAddresses);
      let states: readonly State[] = [routed];
      if (fromNode) states = this.#hook('filter', 'OUTPUT', states, outcomes);
      else if (!toNode) states = this.#hook('filter', 'FORWARD', states, outcomes);
      if (fromNode || !toNode) states = this.#hook('nat', 'POSTROUTING', states, outcomes);
      if (toNode) states = this.#hook('filter', 'INPUT', states.map(this.#arriving), outcomes);
      outcomes.push(...states.map(delivered));
    }
    return merged(outcomes);
  }

  /** Masqueraded packets come back by lo with an address of the node that is no loopback address. */
  readonly #arriving = (state: State): State => {
    if (!state.masquerade) return state;
    const isSix = state.source.includes(':');
    const own = this.#node.localAddresses.find((a) => a.includes(':') === isSix && !isLoopbackAddress(a));
    return { ...state, source: own ?? (isSix ? '2001:db8::1' : '192.0.2.1') };
  };

  /** Runs a built-in chain; what it refuses goes to `outcomes`. */
  #hook(table: string, chain: string, states: readonly State[], outcomes: Outcome[]): readonly State[] {
    const policy = this.#tables.get(table)?.get(chain)?.policy;
    if (policy !== 'ACCEPT') throw new Error(`the policy of ${table}/${chain} is ${policy ?? 'missing'}`);
    const { ended, fellOff } = this.#chain(table, chain, states, chain);
    const accepted: State[] = [...fellOff];
    for (const { state, end } of ended) {
      if (end === 'accept') accepted.push(state);
      else outcomes.push({ verdict: { kind: end }, share: state.share, path: state.path });
    }
    return accepted;
  }

  #chain(
    table: string,
    name: string,
    states: readonly State[],
    hook: string,
  ): { readonly ended: readonly Ended[]; readonly fellOff: readonly State[] } {
    const ended: Ended[] = [];
    const returned: State[] = [];
    let here = states;
    for (const rule of this.#rulesOf(table, name)) {
      const next: State[] = [];
      for (const state of here) {
        const { matched, passed } = this.#fork(rule, state, hook);
        if (passed !== undefined) next.push(passed);
        if (matched === undefined) continue;
        const result = this.#apply(table, rule, matched, hook);
        ended.push(...result.ended);
        next.push(...result.goOn);
        returned.push(...result.returned);
      }
      here = next;
    }
    return { ended, fellOff: [...here, ...returned] };
  }

  #rulesOf(table: string, name: string): readonly WalkRule[] {
    const key = `${table}/${name}`;
    const known = this.#rules.get(key);
    if (known !== undefined) return known;
    const chain = this.#tables.get(table)?.get(name);
    if (chain === undefined) throw new Error(`there is no chain ${key}`);
    const rules = chain.rules.map((words, i) => readRule(words, chain.lines[i] ?? ''));
    this.#rules.set(key, rules);
    return rules;
  }

  /** One random number decides: the part that matches, and the part that goes on to the next rule. */
  #fork(
    rule: WalkRule,
    state: State,
    hook: string,
  ): { readonly matched: State | undefined; readonly passed: State | undefined } {
    if (!this.#matches(rule, state, hook)) return { matched: undefined, passed: state };
    const matched = { ...state, path: [...state.path, rule.line] };
    const { threshold } = rule;
    if (threshold === undefined || threshold === STATISTIC_ONE) return { matched, passed: undefined };
    const part = (units: number): Share => ({
      units: state.share.units * BigInt(units),
      bits: state.share.bits + STATISTIC_BITS,
    });
    return {
      matched: { ...matched, share: part(threshold) },
      passed: { ...state, share: part(STATISTIC_ONE - threshold) },
    };
  }

  #matches(rule: WalkRule, state: State, hook: string): boolean {
    const { protocol } = this.#packet;
    const { source } = state;
    const { localAddresses } = this.#node;
    const inInterface = hook === 'PREROUTING' || hook === 'INPUT' || hook === 'FORWARD' ? this.#inInterface() : '';
    // Only the first packet of a connection walks here.
    const states = new Set(state.dnat ? ['NEW', 'DNAT'] : ['NEW']);
    return rule.matches.every((match) => {
      switch (match.kind) {
        case 'source':
          return isInside(source, match.cidr) !== match.not;
        case 'destination':
          return isInside(state.destination, match.cidr) !== match.not;
        case 'in-interface':
          return matchesInterface(inInterface, match.name) !== match.not;
        case 'protocol':
          return protocol === match.protocol;
        case 'destination-port':
          return state.port === match.port;
        case 'conntrack-state':
          return match.states.some((s) => states.has(s)) !== match.not;
        case 'mark':
          return ((state.mark & match.mask) === match.value) !== match.not;
        case 'source-local':
          return isLocalAddress(source, localAddresses);
        case 'destination-local':
          return isLocalAddress(state.destination, localAddresses);
        case 'recently-seen':
          return this.#listOf(match.list) === this.#node.remembered;
      }
    });
  }

  /** Packets of the node itself have no interface where they come in, except when they reach INPUT, through lo. */
  #inInterface(): string {
    return isLocalAddress(this.#packet.source, this.#node.localAddresses) ? 'lo' : this.#packet.inInterface;
  }

  /** The endpoint whose rule fills a list of `-m recent`. */
  #listOf(list: string): string {
    for (const name of this.#tables.get('nat')?.keys() ?? []) {
      for (const rule of this.#rulesOf('nat', name)) {
        if (rule.remembersIn === list && rule.target.kind === 'dnat') return rule.target.endpoint;
      }
    }
    throw new Error(`no rule fills the list ${list}`);
  }

  #apply(
    table: string,
    { target }: WalkRule,
    state: State,
    hook: string,
  ): { readonly ended: readonly Ended[]; readonly goOn: readonly State[]; readonly returned: readonly State[] } {
    const end = (kind: Ended['end'], last = state) => ({ ended: [{ state: last, end: kind }], goOn: [], returned: [] });
    switch (target.kind) {
      case 'none':
        return { ended: [], goOn: [state], returned: [] };
      case 'return':
        return { ended: [], goOn: [], returned: [state] };
      case 'accept':
      case 'drop':
      case 'reject':
        return end(target.kind);
      case 'mark':
        return {
          ended: [],
          goOn: [{ ...state, mark: ((state.mark & ~target.mask) ^ target.value) >>> 0 }],
          returned: [],
        };
      case 'masquerade':
        if (hook !== 'POSTROUTING') throw new Error(`MASQUERADE in ${hook}`);
        return end('accept', { ...state, masquerade: true });
      case 'dnat': {
        if (hook !== 'PREROUTING' && hook !== 'OUTPUT') throw new Error(`DNAT in ${hook}`);
        const { address, port } = splitEndpoint(target.endpoint);
        return end('accept', { ...state, destination: address, port, dnat: true });
      }
      case 'chain': {
        const { ended, fellOff } = this.#chain(table, target.chain, [state], hook);
        return { ended, goOn: fellOff, returned: [] };
      }
    }
  }
}

/** `eth+` matches every name that begins with eth. */
function matchesInterface(name: string, pattern: string): boolean {
  return pattern.endsWith('+') ? name !== '' && name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function delivered({ dnat, destination, port, masquerade, share, path }: State): Outcome {
  if (!dnat) return { verdict: { kind: 'untouched', masquerade }, share, path };
  const endpoint = destination.includes(':') ? `[${destination}]:${port}` : `${destination}:${port}`;
  return { verdict: { kind: 'endpoint', endpoint, masquerade }, share, path };
}

/** Equal verdicts together, in a stable order. */
function merged(outcomes: readonly Outcome[]): readonly Outcome[] {
  const byVerdict = new Map<string, Outcome>();
  for (const outcome of outcomes) {
    const key = JSON.stringify(outcome.verdict);
    const before = byVerdict.get(key);
    byVerdict.set(key, before === undefined ? outcome : { ...before, share: addShares(before.share, outcome.share) });
  }
  return [...byVerdict].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, outcome]) => outcome);
}

export function addShares(a: Share, b: Share): Share {
  const bits = Math.max(a.bits, b.bits);
  return { bits, units: scaleTo(a, bits) + scaleTo(b, bits) };
}

/** The units of a share if it is counted in 2^-bits; `bits` is not less than the share's own. */
export function scaleTo({ units, bits }: Share, to: number): bigint {
  return units << BigInt(to - bits);
}
