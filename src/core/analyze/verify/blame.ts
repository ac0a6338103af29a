import type { BlamedRule } from './difference.ts';
import type { FaultKind, Finding } from './finding.ts';
import type { Outcome } from './outcome.ts';
import type { Served } from './ipvs/served-places.ts';
import type { Path } from './packet-state.ts';
import type { Programs } from './programs.ts';
import type { RuleProgram } from './rule-program.ts';

/** The rules of a path, in the order in which they matched. */
export function rulesOn(paths: readonly (Path | undefined)[]): readonly RuleProgram[] {
  return paths.flatMap((path) => {
    const rules: RuleProgram[] = [];
    for (let at = path; at !== undefined; at = at.before) rules.push(at.rule);
    return rules.reverse();
  });
}

export function blamed({ table, read }: RuleProgram): BlamedRule {
  return { table, chain: read.rule.chain, line: read.line, text: read.rule.text };
}

/** In the place of a rule. */
function blamedServer({ key, server: { scheduler, persistence, realServers } }: Served): BlamedRule {
  const count = `${realServers.length} real server${realServers.length === 1 ? '' : 's'}`;
  const kept = persistence === undefined ? '' : `, persistent for ${persistence.seconds} s`;
  return { table: 'ipvs', chain: key, line: undefined, text: `virtual server ${key}, ${scheduler}${kept}, ${count}` };
}

/** More rules than these help nobody. */
const MOST_BLAMED = 6;

/** What of an example tells where rules must have been. */
export interface BlamedPacket {
  /** The node makes it. */
  readonly isOwn: boolean;
  /** It comes from the endpoint that it goes to. */
  readonly reachesItself: boolean;
}

/** Finds the rules that make a difference, or the chain where one is missing. */
export class Blame {
  readonly #programs: Programs;
  readonly #finding: Finding;
  readonly #outcomes: readonly Outcome[];
  readonly #packet: BlamedPacket;

  /** @param outcomes of the example, recorded */
  constructor(programs: Programs, finding: Finding, outcomes: readonly Outcome[], packet: BlamedPacket) {
    this.#programs = programs;
    this.#finding = finding;
    this.#outcomes = outcomes;
    this.#packet = packet;
  }

  rules(): readonly BlamedRule[] {
    const { server, missingServer, kind } = this.#finding;
    if (server !== undefined) return [blamedServer(server)];
    if (missingServer !== undefined)
      return [
        { table: 'ipvs', chain: missingServer, line: undefined, text: `there is no virtual server ${missingServer}` },
      ];
    const found = [...this.#servers(kind), ...this.#byKind(kind)];
    const seen = new Set<string>();
    const unique = found.filter(({ table, chain, line, text }) => {
      const key = `${table} ${chain} ${line ?? ''} ${text === undefined}`;
      return !seen.has(key) && seen.add(key);
    });
    return unique.slice(0, MOST_BLAMED);
  }

  /** The virtual server that takes packets of no Service. */
  #servers(kind: FaultKind): readonly BlamedRule[] {
    const taken = this.#outcomes.find((outcome) => outcome.served !== undefined)?.served;
    return kind === 'no-service' && taken !== undefined ? [blamedServer(taken)] : [];
  }

  #byKind(kind: FaultKind): readonly BlamedRule[] {
    switch (kind) {
      case 'uneven-shares':
        return this.#choice();
      case 'scheduler':
        return [];
      case 'not-delivered':
        return [this.#lastChain(this.#worst((o) => o.translation === undefined && o.verdict === 'accept'))];
      case 'wrong-endpoint':
      case 'affinity':
        return this.#lastOf(this.#through(), 'nat', 2);
      case 'masquerade-missing':
        return this.#unmarked();
      case 'masquerade-unwanted':
      case 'foreign-mark-bits':
        return this.#marking(this.#through());
      case 'mark-left':
        return [this.#chain('nat', 'KUBE-POSTROUTING')];
      case 'not-refused':
        return this.#open();
      case 'changed-by-others':
        return this.#others();
      case 'no-service':
        return this.#kube();
      case 'refused':
      case 'wrong-refusal':
      case 'localhost-open':
      case 'health-check-refused':
      case 'existing-connections':
      case 'untracked-packets':
        return this.#stopping();
    }
  }

  #chain(table: string, name: string): BlamedRule {
    return { table, chain: name, line: this.#programs.chain(table, name)?.line, text: undefined };
  }

  #worst(wanted: (outcome: Outcome) => boolean): Outcome | undefined {
    return this.#outcomes.find(wanted) ?? this.#outcomes[0];
  }

  #through(): Outcome | undefined {
    return this.#worst((o) => o.translation === this.#finding.through);
  }

  /** The last rules of the way before routing, from its end. */
  #lastOf(outcome: Outcome | undefined, table: string, count: number): readonly BlamedRule[] {
    const rules = rulesOn([outcome?.paths[0]]).filter((rule) => rule.table === table);
    const last = rules.slice(-count).reverse().map(blamed);
    return last.length > 0 ? last : [this.#lastChain(outcome)];
  }

  /** The chain that let a packet go, where a rule must be missing. */
  #lastChain(outcome: Outcome | undefined): BlamedRule {
    const jumps = rulesOn([outcome?.paths[0]]).filter(({ table, target }) => table === 'nat' && target.kind === 'jump');
    const chain = jumps
      .map(({ target }) => (target.kind === 'jump' ? target.chain : ''))
      .findLast((name) => name !== 'KUBE-MARK-MASQ' && name !== 'KUBE-NODEPORTS');
    return this.#chain('nat', chain ?? (this.#packet.isOwn ? 'OUTPUT' : 'PREROUTING'));
  }

  /** The rules that choose among endpoints: those that jump to what translates. */
  #choice(): readonly BlamedRule[] {
    const lead = this.#outcomes.filter((o) => o.translation === this.#finding.through);
    const all = [...lead, ...this.#outcomes.filter((o) => !lead.includes(o))];
    const rules = all.flatMap(({ paths }) => {
      const nat = rulesOn([paths[0]]).filter(({ table, target }) => table === 'nat' && target.kind !== 'mark');
      const chooser = nat.findLast(({ target }) => target.kind === 'jump' && target.chain !== 'KUBE-MARK-MASQ');
      return chooser === undefined ? [] : [blamed(chooser)];
    });
    return rules.length > 0 ? rules : [this.#lastChain(all[0])];
  }

  #unmarked(): readonly BlamedRule[] {
    const outcome = this.#through();
    const rules = rulesOn([outcome?.paths[0]]);
    if (rules.some(({ target }) => target.kind === 'mark')) {
      const behind = rulesOn([outcome?.paths[1]]).filter(({ table }) => table === 'nat');
      const name = behind.length === 0 ? 'POSTROUTING' : 'KUBE-POSTROUTING';
      return [...behind.slice(-1).map(blamed), this.#chain('nat', name)];
    }
    const marking = rules.find(({ target }) => target.kind === 'jump' && target.chain === 'KUBE-MARK-MASQ');
    if (marking !== undefined) return [this.#chain('nat', 'KUBE-MARK-MASQ'), blamed(marking)];
    // An endpoint that reaches itself is marked in its own chain, all else where its way into the Service begins.
    const wanted = this.#packet.reachesItself ? /^KUBE-SEP-/ : /^KUBE-(?:SVC|SVL|EXT|XLB)-/;
    const chain = rules.flatMap(({ target }) =>
      target.kind === 'jump' && wanted.test(target.chain) ? [target.chain] : [],
    )[0];
    return chain === undefined ? [this.#lastChain(outcome)] : [this.#chain('nat', chain)];
  }

  /** The rules that have a packet masqueraded. */
  #marking(outcome: Outcome | undefined): readonly BlamedRule[] {
    const rules = rulesOn([outcome?.paths[0]]);
    const marks = rules.flatMap((rule, i) => (rule.target.kind === 'mark' ? [rules[i - 1] ?? rule, rule] : []));
    const [first, ...more] = marks.length > 0 ? marks : rulesOn([outcome?.paths[1]]).slice(-1);
    return first === undefined ? [] : [first, ...more].map(blamed);
  }

  #open(): readonly BlamedRule[] {
    const outcome = this.#worst((o) => o.verdict === 'accept');
    if (outcome?.translation !== undefined) return this.#lastOf(outcome, 'nat', 3);
    const rules = rulesOn(outcome?.paths ?? []);
    const last = rules.at(-1);
    if (last !== undefined && last.target.kind === 'accept') return [blamed(last)];
    const { frontend } = this.#finding;
    const guarded =
      frontend?.kind === 'loadBalancerIP' && frontend.port.sourceRanges.length > 0 && frontend.port.hasEndpoints;
    const name = guarded
      ? 'KUBE-PROXY-FIREWALL'
      : frontend?.kind === 'clusterIP'
        ? 'KUBE-SERVICES'
        : 'KUBE-EXTERNAL-SERVICES';
    const entered = rules.some(({ target }) => target.kind === 'jump' && target.chain === name);
    const hook =
      outcome?.where === 'INPUT' || outcome?.where === 'loopback' ? 'INPUT' : this.#packet.isOwn ? 'OUTPUT' : 'FORWARD';
    return [this.#chain('filter', entered ? name : hook)];
  }

  #others(): readonly BlamedRule[] {
    const wanted = (o: Outcome): boolean => o.owner === 'other' || o.sourceOwner === 'other' || o.natOwner === 'other';
    const outcome =
      this.#outcomes.find((o) => wanted(o) && o.translation === this.#finding.through) ?? this.#worst(wanted);
    const before = outcome?.natOwner === 'other' && outcome.owner !== 'other' && outcome.sourceOwner !== 'other';
    const rules = rulesOn(before ? [outcome.paths[0]] : (outcome?.paths ?? []));
    const last = rules.findLast(({ owner }) => owner === 'other') ?? rules.at(-1);
    const byPolicy = outcome?.policyOf !== undefined && !wanted(outcome);
    return last === undefined || byPolicy ? this.#stopping() : [blamed(last)];
  }

  #kube(): readonly BlamedRule[] {
    const [outcome] = this.#outcomes;
    const translated = this.#outcomes.find((o) => o.translation !== undefined && o.natOwner === 'kube');
    if (translated !== undefined) return this.#lastOf(translated, 'nat', 3);
    const masked = this.#outcomes.find(
      (o) => o.verdict === 'accept' && o.source !== undefined && o.sourceOwner === 'kube',
    );
    if (masked !== undefined) return this.#marking(masked);
    const rules = this.#outcomes.flatMap(({ paths }) => rulesOn(paths)).filter(({ owner }) => owner === 'kube');
    const doing = rules.findLast(
      ({ target }) => target.kind !== 'jump' && target.kind !== 'return' && target.kind !== 'goto',
    );
    const found = [...rules].reverse().map(blamed);
    if (doing !== undefined) return [blamed(doing), ...found.slice(0, 2)];
    return found.length > 0
      ? found.slice(0, 3)
      : rulesOn(outcome?.paths ?? [])
          .slice(-1)
          .map(blamed);
  }

  /** The rule that ended the way, or the chain whose policy did. */
  #stopping(): readonly BlamedRule[] {
    const outcome = this.#outcomes.find((o) => o.verdict !== 'accept') ?? this.#outcomes[0];
    const rules = rulesOn(outcome?.paths ?? []);
    const last = rules.at(-1);
    const byPolicy = outcome !== undefined && outcome.owner === undefined;
    if (last !== undefined && !byPolicy) return [blamed(last)];
    if (outcome?.policyOf !== undefined) return [this.#chain(outcome.policyOf.table, outcome.policyOf.name)];
    const where = outcome?.where ?? 'PREROUTING';
    const name = where === 'loopback' ? 'INPUT' : where;
    return [this.#chain(name === 'POSTROUTING' ? 'nat' : name === 'PREROUTING' ? 'raw' : 'filter', name)];
  }
}
