import { ALWAYS, NEVER, TooHard, type Diagram } from './node-table.ts';
import type { Blocks } from './blocks.ts';
import { CalledChains } from './called-chains.ts';
import type { ChainProgram } from './chain-program.ts';
import type { Matcher } from './matcher.ts';
import type { View } from './view.ts';
import {
  droppedByPolicy,
  endedBy,
  unknownAt,
  type Ended,
  type Entry,
  type PacketState,
  type Path,
} from './packet-state.ts';
import type { Programs } from './programs.ts';
import type { RuleProgram } from './rule-program.ts';
import type { RunOptions } from './run-options.ts';
import { WHOLE } from './shares.ts';
import { HARMLESS, TargetEffects } from './target-effects.ts';
import { TooManyWays } from './too-many-ways.ts';
import type { Workspace } from './workspace.ts';

/** Rules asked for one class of destinations before it counts as too hard. */
const MOST_STEPS = 400_000;
/** And before the rest is left undecided: some minutes. */
const MOST_STEPS_IN_ALL = 60_000_000;
/** nft takes 16 chains within chains (NFT_JUMP_STACK_SIZE), legacy as many as there are; nobody nests a tenth of this. */
const DEEPEST = 500;
/** States in which packets get to one rule: eight bits of the mark, each set or not by a rule of which nobody knows whether it matches. */
const MOST_WAYS = 256;
/** So often a chain is run for the packets that enter it, and then for all of them at once. */
const CALLED_ONE_BY_ONE = 2;

/** What became of the packets that a chain was given. */
interface Run {
  readonly view: View;
  readonly ended: Ended[];
  /** Chains that are being run, to see circles, which the kernel refuses and a file can hold. */
  readonly active: Set<ChainProgram>;
  readonly called: CalledChains;
}

/** Runs sets of packets through chains. */
export class ChainRunner {
  readonly #work: Workspace;
  readonly #programs: Programs;
  readonly #matcher: Matcher;
  readonly #options: RunOptions;
  readonly #effects: TargetEffects;
  #steps = 0;
  #allSteps = 0;

  constructor(work: Workspace, programs: Programs, matcher: Matcher, options: RunOptions) {
    this.#work = work;
    this.#programs = programs;
    this.#matcher = matcher;
    this.#options = options;
    this.#effects = new TargetEffects(work, options);
  }

  /** Another class of destinations: the effort counts anew. */
  restart(): void {
    this.#steps = 0;
  }

  /** A built-in chain, its policy included. What passes is returned, what ends goes to `ended`. */
  hook(
    table: string,
    name: string,
    entries: readonly Entry[],
    view: View,
    ended: Ended[],
    blocks?: Blocks,
  ): readonly Entry[] {
    const chain = this.#programs.chain(table, name);
    if (chain === undefined || entries.length === 0) return entries;
    const policy = this.#options.without === 'other' ? 'ACCEPT' : chain.policy;
    if (chain.rules.length === 0 && policy !== 'DROP') return entries;
    const done: Ended[] = [];
    const run: Run = { view, ended: done, active: new Set(), called: new CalledChains() };
    const falls = this.#run(chain, entries, run, blocks);
    const passed: Entry[] = [];
    for (const entry of this.#options.record ? done : this.#work.mergedEnded(done)) {
      if (entry.verdict === 'accept') passed.push(entry);
      else ended.push(entry);
    }
    if (policy === 'DROP') ended.push(...falls.map((entry) => droppedByPolicy(chain, entry)));
    else passed.push(...falls);
    return this.#work.merged(passed);
  }

  #run(chain: ChainProgram, entries: readonly Entry[], run: Run, blocks?: Blocks): readonly Entry[] {
    let here = entries;
    const returned: Entry[] = [];
    run.active.add(chain);
    for (const rule of chain.rulesFor(run.view.place)) {
      if (here.length === 0) break;
      if (rule.owner === this.#options.without || hasNoEffect(rule)) continue;
      const next: Entry[] = [];
      for (const entry of here) {
        this.#steps += 1;
        this.#allSteps += 1;
        if (this.#steps > MOST_STEPS) throw new TooHard(`more than ${MOST_STEPS} rules for one class of packets`);
        if (this.#allSteps > MOST_STEPS_IN_ALL) throw new TooHard(`more than ${MOST_STEPS_IN_ALL} rules in all`);
        const hit = this.#match(rule, entry, run, next);
        if (hit !== undefined) this.#target(rule, hit, run, next, returned, blocks);
      }
      here = this.#work.merged(next);
      if (here.length > MOST_WAYS) throw new TooManyWays(MOST_WAYS, this.#parting(rule, here));
    }
    run.active.delete(chain);
    return returned.length === 0 ? here : this.#work.merged([...here, ...returned]);
  }

  /** Rules on which it hangs in which state packets get to a rule. */
  #parting(rule: RuleProgram, [first]: readonly Entry[]): readonly RuleProgram[] {
    const { diagrams, conditions } = this.#work;
    const ids = new Set<number>();
    for (const level of first === undefined ? [] : diagrams.levelsOf(first.packets)) {
      const condition = conditions.at(level);
      if (condition?.kind === 'opaque' || condition?.kind === 'state') ids.add(condition.rule);
    }
    const parting = this.#programs.rules.filter(({ conditionId }) => ids.has(conditionId));
    return parting.length > 0 ? parting : [rule];
  }

  /** Splits an entry: the part that the rule matches is returned, the rest goes to `next`. */
  #match(rule: RuleProgram, entry: Entry, { view }: Run, next: Entry[]): Entry | undefined {
    const { diagrams } = this.#work;
    const wanted = this.#matcher.packets(rule, entry.state, view);
    const packets = wanted === ALWAYS ? entry.packets : diagrams.and(entry.packets, wanted);
    if (packets === NEVER) {
      next.push(entry);
      return undefined;
    }
    const missed = wanted === ALWAYS ? NEVER : diagrams.minus(entry.packets, wanted);
    if (missed !== NEVER) next.push({ ...entry, packets: missed });
    let share = entry.share;
    for (const threshold of rule.thresholds) {
      const { taken, left } = this.#work.drawn(share, threshold);
      if (left !== undefined) next.push({ ...entry, packets, share: left });
      if (taken === undefined) return undefined;
      share = taken;
    }
    return { state: this.#remembering(rule, entry.state), packets, share, path: this.#pathOf(rule, entry.path) };
  }

  #pathOf(rule: RuleProgram, before: Path | undefined): Path | undefined {
    return this.#options.record ? { rule, before } : undefined;
  }

  #remembering({ remembers }: RuleProgram, state: PacketState): PacketState {
    if (remembers.length === 0) return state;
    return { ...state, remembered: [...new Set([...state.remembered, ...remembers])].sort() };
  }

  #target(
    rule: RuleProgram,
    entry: Entry,
    run: Run,
    next: Entry[],
    returned: Entry[],
    blocks: Blocks | undefined,
  ): void {
    const { target } = rule;
    if (rule.unreadable) {
      run.ended.push(unknownAt(rule, entry));
      return;
    }
    switch (target.kind) {
      case 'none':
      case 'log':
      case 'nflog':
        next.push(entry);
        return;
      case 'return':
        // In a built-in chain that is the end of the table, as ACCEPT is.
        returned.push(run.active.size === 1 ? this.#effects.accepted(rule, entry, run.view) : entry);
        return;
      case 'accept':
      case 'drop':
        run.ended.push(endedBy(this.#effects.accepted(rule, entry, run.view), target.kind, rule));
        return;
      case 'reject':
        run.ended.push(endedBy(entry, `reject ${target.with}`, rule));
        return;
      case 'mark':
      case 'connmark':
        next.push({ ...entry, state: this.#effects.marked(rule, target, entry.state) });
        return;
      case 'jump':
        next.push(...this.#jump(rule, target.chain, entry, run, blocks));
        return;
      case 'goto':
        returned.push(...this.#jump(rule, target.chain, entry, run, blocks));
        return;
      case 'dnat':
      case 'redirect':
      case 'snat':
      case 'masquerade':
        run.ended.push(this.#effects.translated(rule, entry, run.view));
        return;
      case 'opaque':
        if (HARMLESS.has(target.name)) next.push(entry);
        else run.ended.push(unknownAt(rule, entry));
    }
  }

  #jump(rule: RuleProgram, name: string, entry: Entry, run: Run, blocks: Blocks | undefined): readonly Entry[] {
    const chain = this.#programs.chain(rule.table, name);
    if (chain === undefined || run.active.has(chain) || run.active.size > DEEPEST) {
      run.ended.push(unknownAt(rule, entry));
      return [];
    }
    const isPlain = blocks !== undefined && entry.state === blocks.state && entry.share === WHOLE;
    return isPlain && !this.#options.record ? this.#block(chain, entry, run, blocks) : this.#enter(chain, entry, run);
  }

  /** A chain that is entered often is run once for all packets. Rules that matched are kept only of single packets, one by one. */
  #enter(chain: ChainProgram, entry: Entry, run: Run): readonly Entry[] {
    if (this.#options.record || entry.share !== WHOLE) return this.#run(chain, [entry], run);
    const called = run.called.call(chain, entry.state);
    if (called.calls <= CALLED_ONE_BY_ONE) return this.#run(chain, [entry], run);
    if (called.result === undefined) {
      const ended: Ended[] = [];
      const falls = this.#run(chain, [{ ...entry, packets: ALWAYS }], { ...run, ended });
      called.result = { falls, ended: this.#work.mergedEnded(ended, 2) };
    }
    run.ended.push(...this.#among(called.result.ended, entry.packets));
    return this.#among(called.result.falls, entry.packets);
  }

  #among<T extends Entry>(entries: readonly T[], among: Diagram): readonly T[] {
    const { diagrams } = this.#work;
    return entries.flatMap((entry) => {
      const packets = diagrams.and(entry.packets, among);
      return packets === NEVER ? [] : [{ ...entry, packets }];
    });
  }

  /**
   * nat PREROUTING and OUTPUT both lead to KUBE-SERVICES. What that chain does is computed once, for all packets, and each of the two
   * says which of them it sends there (`Block.used`).
   */
  #block(chain: ChainProgram, entry: Entry, run: Run, blocks: Blocks): readonly Entry[] {
    let block = blocks.byChain.get(chain);
    if (block === undefined) {
      const ended: Ended[] = [];
      const all: Entry = { state: blocks.state, share: WHOLE, packets: blocks.all, path: undefined };
      const falls = this.#run(chain, [all], { ...run, ended });
      block = { falls, ended: this.#work.mergedEnded(ended), used: NEVER };
      blocks.byChain.set(chain, block);
    }
    const { diagrams } = this.#work;
    block.used = diagrams.or(block.used, entry.packets);
    return this.#among(block.falls, entry.packets);
  }

  /** What ended in blocks, restricted to the packets that got there. */
  endedInBlocks(blocks: Blocks): readonly Ended[] {
    return [...blocks.byChain.values()].flatMap(({ ended, used }) =>
      used === blocks.all ? ended : this.#among(ended, used),
    );
  }
}

function hasNoEffect({ target, remembers, unreadable }: RuleProgram): boolean {
  return (
    !unreadable &&
    remembers.length === 0 &&
    (target.kind === 'none' || target.kind === 'log' || target.kind === 'nflog')
  );
}
